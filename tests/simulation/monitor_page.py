"""An instructor's page: the TypeScript that browsers run, on a simulated wire; what is shown and asked is recorded."""

from typing import Any, Final
from zlib import crc32

import msgspec

from clients.python.wire import unpack_to_instructor
from protocol.codec import decode_from_instructor, tag_of
from protocol.messages.connection import Goodbye
from protocol.messages.monitor import CommandDone, CommandRefused, MonitorWelcome, Row
from protocol.messages.staff import StaffCommand
from tests.simulation.device import DeviceClock, Outside
from tests.simulation.loop import NOBODY
from tests.simulation.plan import TEST
from tests.simulation.staff_notes import StaffNotes
from tests.simulation.tab import Tab

_PRESS_S: Final = 2.0
"""How long a person takes to say that she still wants a command."""


class MonitorPage(Tab):
    """See above."""

    def __init__(self, outside: Outside, name: str, org: str, token: str, clock: DeviceClock) -> None:
        super().__init__(outside, name, org, clock)
        self.org = org
        self.rows: dict[str, Row] = {}
        """What it shows."""
        self._token = token
        self._notes = StaffNotes(outside.recorder, name, org)
        self._online = False
        self._pressing = False

    def start(self) -> None:
        self.happens("monitor", crc32(self.name.encode()), TEST, self._token)

    def ask(self, command: StaffCommand) -> None:
        """Asks for one command; the page gives it an id of its own."""
        body = msgspec.to_builtins(command)
        body.pop("command_id")
        self._asked = body
        self.happens("act", "command", body)

    @property
    def away(self) -> bool:
        """Whether it is not connected, and means to be."""
        return self.shown.get("phase") not in ("live", "ended")

    @property
    def complete(self) -> bool:
        """Whether it shows a whole roster of a connection that lives."""
        return self._online and bool(self.shown.get("complete"))

    def finish(self) -> None:
        """The day is over: what has no answer never gets one."""
        self._notes.finish()
        self._stop(leaving=False)

    # ── what passes ────────────────────────────────────────────────────────────────────────────────────────────

    def _frame(self, data: bytes) -> None:
        match message := unpack_to_instructor(data):
            case MonitorWelcome():
                self._notes.connection += 1
                self._watching(True)
            case CommandDone():
                self._notes.done(message)
            case CommandRefused():
                self._notes.refused(message)
            case Goodbye(after_ms=int(after_ms)):
                self._notes.sent_away(after_ms)
            case _:
                pass

    def _message(self, data: bytes) -> None:
        message: Any = decode_from_instructor(data)
        if tag_of(type(message)) in ("hello", "beat"):
            return
        self._notes.invoked(message.command_id, msgspec.to_builtins(message))
        self._notes.sent(message.command_id)

    def _on_command(self, command_id: str) -> None:
        self._notes.invoked(command_id, {**self._asked, "command_id": command_id})

    def _on_page(self, shown: dict[str, Any]) -> None:
        self.shown = shown
        if self._online and shown["phase"] != "live":
            self._watching(False)

    def _on_rows(self, news: list[dict[str, Any]], gone: list[str]) -> None:
        rows = msgspec.convert([{**row} for row in news], list[Row])
        for attempt_id in gone:
            self.rows.pop(attempt_id, None)
        self.rows.update((row.attempt_id, row) for row in rows)
        if rows:
            self._notes.shown(rows)

    def _on_result(self, command_id: str, refused: str | None) -> None:
        """The page shows what its frame has said."""

    def _on_trouble(self, detail: str) -> None:
        """The page shows that something was refused."""

    def _after(self) -> None:
        if self._pressing or self.dead or not self.shown.get("held"):
            return
        self._pressing = True
        self._outside.loop.call_later(_PRESS_S, self._press, context=NOBODY)

    def _press(self) -> None:
        self._pressing = False
        for command_id in self.shown.get("held", ()):
            self.happens("act", "sendNow", command_id)

    def _watching(self, online: bool) -> None:
        self._online = online
        self._notes.watching(online)
