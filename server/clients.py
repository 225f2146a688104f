"""Where candidates sit, for staff who look at it in the projection."""

from itertools import islice
from typing import Final

from storage.attempts import Attempts

_BATCH: Final = 200


class Clients:
    """Address and browser of whoever came last to each attempt. They decide nothing, and nobody waits for them: after a
    failure of the network everybody comes back at once."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._noted: dict[str, tuple[str, str]] = {}

    def note(self, attempt_id: str, ip_address: str, user_agent: str) -> None:
        self._noted[attempt_id] = ip_address, user_agent

    async def keep(self) -> None:
        """Writes down what was noted, many at once: while all come back there is no time for each of them."""
        while batch := list(islice(self._noted.items(), _BATCH)):
            await self._attempts.note_clients([(attempt_id, *client) for attempt_id, client in batch])
            for attempt_id, client in batch:
                if self._noted.get(attempt_id) == client:
                    del self._noted[attempt_id]
