"""Each candidate's last address and browser, for staff."""

from itertools import islice
from typing import Final

from storage.attempts import Attempts

_BATCH: Final = 200


class Addresses:
    """Notes the address and browser of the last connect to each attempt, and writes them in batches. Nothing depends on
    them, so no connect waits for this write; after a network failure there are thousands of connects at once."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._noted: dict[str, tuple[str, str]] = {}

    def note(self, attempt_id: str, ip_address: str, user_agent: str) -> None:
        self._noted[attempt_id] = ip_address, user_agent

    async def keep(self) -> None:
        """Writes the noted addresses, many rows at once."""
        while batch := list(islice(self._noted.items(), _BATCH)):
            await self._attempts.note_addresses([(attempt_id, *client) for attempt_id, client in batch])
            for attempt_id, client in batch:
                if self._noted.get(attempt_id) == client:
                    del self._noted[attempt_id]
