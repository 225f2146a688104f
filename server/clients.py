"""Where candidates sit, for staff who look at it in the projection."""

from storage.attempts import Attempts


class Clients:
    """Address and browser of whoever came last to each attempt. They decide nothing, and nobody waits for them: after a
    failure of the network everybody comes back at once."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._noted: dict[str, tuple[str, str]] = {}

    def note(self, attempt_id: str, ip_address: str, user_agent: str) -> None:
        self._noted[attempt_id] = ip_address, user_agent

    async def keep(self) -> None:
        """Writes down what was noted."""
        for attempt_id, (ip_address, user_agent) in list(self._noted.items()):
            await self._attempts.note_client(attempt_id, ip_address, user_agent)
            if self._noted.get(attempt_id) == (ip_address, user_agent):
                del self._noted[attempt_id]
