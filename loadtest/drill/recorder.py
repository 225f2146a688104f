"""Writes the history, on one clock, and looks for canaries in all that anybody gets."""

import asyncio
import time
from typing import Final

from clients.python.shell import now_ms
from loadtest.checker.history import Event, Gauge, Seen

MARK: Final = "canary-of-"
ORGS: Final = ("school", "rival")
_CANARIES: Final = [(org, MARK + org) for org in ORGS]
_TICK_S: Final = 0.02


def canary(org: str) -> str:
    """The text that is in everything that belongs to one organisation."""
    return MARK + org


class Recorder:
    """See above. `late_ms` is the longest that this program itself was held up: what it notes may be late by it."""

    def __init__(self) -> None:
        self.history: list[Event] = []
        self.late_ms = 0

    def now_ms(self) -> int:
        return now_ms()

    def note(self, event: Event) -> None:
        self.history.append(event)

    def look(self, who: str, org_id: str, where: str, data: bytes) -> None:
        """Whether somebody gets what belongs to others; `org_id` is empty for what belongs to nobody."""
        if MARK.encode() in data:
            found = [(org, text) for org, text in _CANARIES if org != org_id and text.encode() in data]
            if found:
                self.note(Seen(at_ms=now_ms(), who=who, org_id=org_id, where=where, canaries=found))

    def gauge(self, who: str, name: str, value: int) -> None:
        self.note(Gauge(at_ms=now_ms(), who=who, name=name, value=value))

    async def measure_itself(self) -> None:
        """Until it is cancelled."""
        while True:
            due_s = time.monotonic() + _TICK_S
            await asyncio.sleep(_TICK_S)
            self.late_ms = max(self.late_ms, int((time.monotonic() - due_s) * 1_000))
