"""Tells other systems that an attempt was opened on a device that may not have it."""

from itertools import islice
from typing import Final

from protocol.attempt.model import Attempt
from protocol.events.happened import Happened
from protocol.events.security import device_refused
from storage.events import Events

_BATCH: Final = 200


class RefusedDevices:
    """Notes each refusal and tells of it a moment later: the refusal does not wait for that, and while the database is
    away none is forgotten. There is one event of an attempt in ten minutes, so as many are kept as there are attempts
    that somebody tries to open."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._noted: dict[str, tuple[str, Happened]] = {}
        """The event's id → its organisation, and the event."""

    def note(self, attempt: Attempt, device: str, address: str, now_ms: int) -> None:
        event = device_refused(attempt, device, address, now_ms)
        self._noted.setdefault(event.event_id, (attempt.identity.org_id, event))

    async def tell(self, now_ms: int) -> None:
        """Raises `StorageUnavailable`; what is not told then is told at the next call."""
        while batch := list(islice(self._noted.values(), _BATCH)):
            for org_id in {org_id for org_id, _ in batch}:
                told = [event for owner, event in batch if owner == org_id]
                await self._events.tell(org_id, told, now_ms)
                for event in told:
                    self._noted.pop(event.event_id, None)
