"""What candidates are granted now, read from the tables."""

from collections.abc import Collection, Mapping
from typing import Final

from protocol.attempt.model import Accommodation, Attempt
from server.pacing.gathered import Gathered
from storage.overrides import Candidate, Overrides

_MOST: Final = 500
"""Candidates in one look: most of them are granted nothing."""


class Grants:
    """What each candidate is granted now."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides
        self._asked: Gathered[str, Candidate, Accommodation] = Gathered(self._look, "look for what is granted", _MOST)

    async def of_attempt(self, attempt: Attempt) -> Accommodation:
        """What the attempt's candidate is granted. Raises `StorageUnavailable`."""
        identity = attempt.identity
        return await self.of(identity.org_id, identity.test_id, identity.user_id)

    async def of(self, org_id: str, test_id: str, user_id: str) -> Accommodation:
        """What this candidate is granted at this test. Raises `StorageUnavailable`."""
        return await self._asked.ask(org_id, Candidate(test_id, user_id))

    async def _look(self, org_id: str, asked: Collection[Candidate]) -> Mapping[Candidate, Accommodation]:
        return await self._overrides.accommodations(org_id, asked)
