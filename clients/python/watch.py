"""An instructor's session as one pure object: the connection's life, the roster, and the commands under way.

Driven like `session.Session`. A command that is not settled is sent again after each reconnect under its own id: the
server executes an id once.
"""

from collections import deque
from typing import Final, NamedTuple

from clients.python.errors import QueueFull
from clients.python.link import Link, Phase
from clients.python.roster import Roster
from protocol import limits
from protocol.messages.connection import Echo, Goodbye, RefusedOp, Renewed, TokenExpiring
from protocol.messages.directions import ToInstructor
from protocol.messages.monitor import BulkProgress, CommandDone, CommandRefused, MonitorWelcome, Row, Rows
from protocol.messages.monitor import Roster as RosterPart
from protocol.messages.staff import StaffCommand

MAX_COMMANDS: Final = 64
"""Commands of one instructor under way at once; a person clicks a few, a script should wait for its answers."""


class Changed(NamedTuple):
    """These rows are new or newer than before."""

    rows: list[Row]


Event = CommandDone | CommandRefused | BulkProgress | MonitorWelcome | Changed | Goodbye | RefusedOp


class Watch:
    """See above."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.roster = Roster()
        self.events: deque[Event] = deque()
        self._commands: dict[str, StaffCommand] = {}
        self._believe_at_ms: int | None = None

    def ask(self, command: StaffCommand) -> None:
        """Take a command. Raises `QueueFull`; `ValueError` for an id that is under way."""
        if command.command_id in self._commands:
            raise ValueError(f"the command {command.command_id!r} is under way")
        if len(self._commands) >= MAX_COMMANDS:
            raise QueueFull(f"{MAX_COMMANDS} commands are waiting for an answer")
        self._commands[command.command_id] = command
        if self.link.phase == Phase.ONLINE:
            self.link.outgoing.append(command)

    def opened(self, now_ms: int) -> None:
        """The socket is open."""
        self.link.opened(now_ms)

    def closed(self, code: int, detail: str, now_ms: int) -> None:
        """The socket is closed, or could not be opened."""
        self.link.closed(code, detail, now_ms)
        self._believe_at_ms = None

    def received(self, message: ToInstructor, now_ms: int) -> None:
        """The server said something."""
        self.link.heard(now_ms)
        match message:
            case Rows():
                self._changed(self.roster.merge_rows(message))
                self._doubt(now_ms)
            case RosterPart():
                self._changed(self.roster.merge_part(message))
                self._doubt(now_ms)
            case Echo():
                self.link.echoed(message, now_ms)
            case MonitorWelcome():
                self.link.welcomed(message, now_ms)
                self.roster.restart()
                self.events.append(message)
                self.link.outgoing.extend(self._commands.values())
            case CommandDone() | CommandRefused():
                self._commands.pop(message.command_id, None)
                self.events.append(message)
            case TokenExpiring():
                self.link.expiring()
            case Renewed():
                pass
            case Goodbye():
                self.link.goodbye(message)
                self.events.append(message)
            case RefusedOp() | BulkProgress():
                self.events.append(message)
        self._believe(now_ms)

    def wake(self, now_ms: int) -> None:
        """Do what is due."""
        self.link.wake(now_ms)

    def next_wake_ms(self) -> int | None:
        """When `wake` has something to do."""
        return self.link.next_wake_ms()

    def _believe(self, now_ms: int) -> None:
        # Not by a timer: a server that died behind a connection that still looks open can't have caught up.
        if self._believe_at_ms is not None and now_ms >= self._believe_at_ms:
            self._believe_at_ms = None
            believed = self.roster.believe()
            if believed:
                self._changed(believed)

    def _doubt(self, now_ms: int) -> None:
        if self.roster.doubts and self._believe_at_ms is None:
            self._believe_at_ms = now_ms + limits.BELIEVE_MS

    def _changed(self, rows: list[Row]) -> None:
        # An empty roster is news, too: the test has no attempts, and the picture is complete.
        self.events.append(Changed(rows))
