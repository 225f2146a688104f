"""What one instructor asks for, is told and is shown, in the history of the day."""

from collections.abc import Sequence
from typing import Any

from loadtest.checker.history import Fail, Info, Invoke, Ok, Sent, SentAway, Shown, Watching
from protocol.codes import Retry
from protocol.messages.monitor import CommandDone, CommandRefused, Row
from tests.simulation.plan import TEST
from tests.simulation.recorder import Recorder


class StaffNotes:
    """A command has one answer: what comes after it, or for no command of hers, is left out."""

    def __init__(self, recorder: Recorder, name: str, org: str) -> None:
        self.connection = 0
        """How many connections there were."""
        self._recorder = recorder
        self._who = name
        self._org = org
        self._open: dict[str, None] = {}

    def invoked(self, command_id: str, message: dict[str, Any]) -> None:
        """She asks for a command; `message` has the names and values of its fields. A known one is asked for once."""
        if command_id in self._open:
            return
        self._open[command_id] = None
        body = {name: value for name, value in message.items() if name not in ("t", "attempt_id")}
        self._recorder.note(
            Invoke(
                at_ms=self._now(),
                who=self._who,
                op=command_id,
                attempt_id=message["attempt_id"],
                kind=message["t"],
                body=body,
                client_at_ms=None,
            )
        )

    def sent(self, command_id: str) -> None:
        note = Sent(at_ms=self._now(), who=self._who, op=command_id, connection_id=self._connection_id, n=None)
        self._recorder.note(note)

    def done(self, message: CommandDone) -> None:
        if self._open.pop(message.command_id, "unknown") is not None:
            return
        self._recorder.note(
            Ok(
                at_ms=self._now(),
                who=self._who,
                op=message.command_id,
                connection_id=self._connection_id,
                n=None,
                seq=message.seq,
                committed_at_ms=None,
            )
        )

    def refused(self, message: CommandRefused) -> None:
        if self._open.pop(message.command_id, "unknown") is not None:
            return
        op, code, at_ms = message.command_id, message.code, self._now()
        if message.retry == Retry.LATER:
            self._recorder.note(Info(at_ms=at_ms, who=self._who, op=op, what=code))
        else:
            self._recorder.note(
                Fail(at_ms=at_ms, who=self._who, op=op, connection_id=self._connection_id, n=None, code=code)
            )

    def shown(self, rows: Sequence[Row]) -> None:
        note = Shown(at_ms=self._now(), who=self._who, org_id=self._org, test_id=TEST, rows=list(rows))
        self._recorder.note(note)

    def watching(self, online: bool) -> None:
        note = Watching(at_ms=self._now(), who=self._who, org_id=self._org, test_id=TEST, online=online)
        self._recorder.note(note)

    def sent_away(self, after_ms: int) -> None:
        self._recorder.note(SentAway(at_ms=self._now(), who=self._who, after_ms=after_ms))

    def finish(self) -> None:
        """The day is over: what has no answer never gets one."""
        for op in self._open:
            self._recorder.note(Info(at_ms=self._now(), who=self._who, op=op, what="the day is over"))
        self._open.clear()

    @property
    def _connection_id(self) -> str:
        return f"{self._who}.{self.connection}"

    def _now(self) -> int:
        return self._recorder.now_ms()
