"""Writes the history, and looks for canaries in all that passes."""

import logging
from typing import Final

import msgspec

from loadtest.checker.history import Connected, Event, Invoke, Seen
from tests.simulation.chance import EPOCH_MS
from tests.simulation.loop import VirtualLoop
from tests.simulation.plan import ORGS

MARK: Final = "canary-of-"


def canary(org: str) -> str:
    """The text that is in everything that belongs to one organisation."""
    return MARK + org


_MARK: Final = MARK.encode()
_CANARIES: Final = [(org, canary(org)) for org in ORGS]


def as_kept(event: Event) -> Event:
    """As it comes back from a file: pairs of an answer are lists there, as in a log."""
    kept: Event = msgspec.json.decode(msgspec.json.encode(event), type=Event)
    return kept


class Recorder(logging.Handler):
    """The one clock of a history, and its events. Also listens to the log: what is an error there is one here."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(logging.INFO)
        self.history: list[Event] = []
        self.errors: list[str] = []
        self.closed = False
        self._loop = loop

    def now_ms(self) -> int:
        return EPOCH_MS + int(self._loop.time() * 1_000)

    def note(self, event: Event) -> None:
        if not self.closed:
            self.history.append(as_kept(event) if isinstance(event, Invoke | Connected) else event)

    def look(self, who: str, org_id: str, where: str, data: bytes) -> None:
        """Whether somebody gets what belongs to others."""
        if _MARK in data:
            found = [(org, text) for org, text in _CANARIES if org != org_id and text.encode() in data]
            if found:
                self.note(Seen(at_ms=self.now_ms(), who=who, org_id=org_id, where=where, canaries=found))

    def emit(self, record: logging.LogRecord) -> None:
        if self.closed:
            return
        text = self.format(record)
        self.look("log", "", f"a line of {record.name}", text.encode())
        if record.levelno >= logging.ERROR:
            self.errors.append(text)
