"""The newest version of a test, as the database has it now."""

from collections.abc import Collection, Mapping

from server.pacing.gathered import Gathered
from storage.tests import Tests

_Key = tuple[str, str]
"""(organisation, test)"""


class Newest:
    """Whoever asks after a new version was stored gets that one."""

    def __init__(self, tests: Tests) -> None:
        self._tests = tests
        self._asked: Gathered[_Key, None, int | None] = Gathered(self._look, "look for the newest version of a test")

    async def version(self, org_id: str, test_id: str) -> int | None:
        """The number of the newest version; None: there is no such test. Raises `StorageUnavailable`."""
        return await self._asked.ask((org_id, test_id), None)

    async def _look(self, key: _Key, asked: Collection[None]) -> Mapping[None, int | None]:
        return {None: await self._tests.newest_version(*key)}
