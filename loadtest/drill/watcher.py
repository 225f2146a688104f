"""An instructor's monitor: the reference client's watch and shell; what is shown, asked and answered is recorded."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import msgspec

from clients.python.link import Link, Phase
from clients.python.shell import Shell, now_ms, socket_url
from clients.python.watch import Changed, Watch
from clients.python.wire import unpack_to_instructor
from loadtest.checker.history import Fail, Info, Invoke, Ok, Sent, SentAway, Shown, Watching
from loadtest.drill.outgoing import Outgoing
from loadtest.drill.recorder import Recorder
from protocol.codes import Retry
from protocol.messages.base import Message
from protocol.messages.connection import Goodbye
from protocol.messages.directions import ToInstructor
from protocol.messages.monitor import CommandDone, CommandRefused, MonitorWelcome, Row
from protocol.messages.staff import StaffCommand


class Watcher:
    """One instructor's page on one test."""

    def __init__(
        self, recorder: Recorder, url: str, name: str, org: str, test_id: str, token: str, chance: random.Random
    ) -> None:
        self.name = name
        self.org = org
        self.test_id = test_id
        self._recorder = recorder
        self._token = token
        self.link = Link(token, "drill/1", chance.random, renewable=True)
        self.link.outgoing = Outgoing(self._leaves)
        self._watch = Watch(self.link)
        self._shell: Shell[ToInstructor] = Shell(
            socket_url(url, f"/ws/monitor/{test_id}"), self, self._unpack, self._changed, self._renew
        )
        self._running: asyncio.Task[None] | None = None
        self._connection = 0
        self._open: dict[str, None] = {}

    def open(self) -> None:
        """Starts connecting, in the background."""
        self._running = asyncio.create_task(self._shell.run(), name=self.name)

    def ask(self, command: StaffCommand) -> None:
        """Asks for one command; it is sent again until it has an answer."""
        if self.link.phase == Phase.ENDED:
            return
        body: dict[str, Any] = msgspec.to_builtins(command)
        kind, attempt_id = body.pop("t"), body.pop("attempt_id")
        self._open[command.command_id] = None
        self._recorder.note(
            Invoke(
                at_ms=now_ms(),
                who=self.name,
                op=command.command_id,
                attempt_id=attempt_id,
                kind=kind,
                body=body,
                client_at_ms=None,
            )
        )
        self._watch.ask(command)
        self._shell.flush()

    @property
    def rows(self) -> Mapping[str, Row]:
        return self._watch.roster.rows

    @property
    def online(self) -> bool:
        return self.link.phase == Phase.ONLINE and self._watch.roster.complete

    @property
    def unanswered(self) -> int:
        return len(self._open)

    async def drop(self) -> None:
        """The connection breaks; it comes back by itself."""
        await self._shell.drop()

    async def close(self) -> None:
        """What has no answer by now never gets one."""
        for op in self._open:
            self._recorder.note(Info(at_ms=now_ms(), who=self.name, op=op, what="the day is over"))
        self._open.clear()
        await self._shell.stop()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    # ── the shell's side ───────────────────────────────────────────────────────────────────────────────────────

    def opened(self, now_ms: int) -> None:
        self._connection += 1
        self._watch.opened(now_ms)

    def received(self, message: ToInstructor, now_ms: int) -> None:
        if isinstance(message, Goodbye) and message.after_ms is not None:
            self._recorder.note(SentAway(at_ms=now_ms, who=self.name, after_ms=message.after_ms))
        self._watch.received(message, now_ms)

    def closed(self, code: int, detail: str, now_ms: int) -> None:
        self._watch.closed(code, detail, now_ms)
        self._changed()
        self._watching(False)

    def wake(self, now_ms: int) -> None:
        self._watch.wake(now_ms)

    def next_wake_ms(self) -> int | None:
        return self._watch.next_wake_ms()

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _renew(self) -> str:
        return self._token

    def _unpack(self, data: bytes) -> ToInstructor:
        self._recorder.look(self.name, self.org, "a monitor's frame", data)
        return unpack_to_instructor(data)

    @property
    def _connection_id(self) -> str:
        return f"{self.name}.{self._connection}"

    def _leaves(self, message: Message) -> None:
        command_id = getattr(message, "command_id", None)
        if command_id is not None:
            self._recorder.note(
                Sent(at_ms=now_ms(), who=self.name, op=command_id, connection_id=self._connection_id, n=None)
            )

    def _changed(self) -> None:
        events = self._watch.events
        while events:
            match event := events.popleft():
                case Changed():
                    if event.rows:
                        self._recorder.note(
                            Shown(at_ms=now_ms(), who=self.name, org_id=self.org, test_id=self.test_id, rows=event.rows)
                        )
                case MonitorWelcome():
                    self._watching(True)
                case CommandDone():
                    self._open.pop(event.command_id, None)
                    self._recorder.note(
                        Ok(
                            at_ms=now_ms(),
                            who=self.name,
                            op=event.command_id,
                            connection_id=self._connection_id,
                            n=None,
                            seq=event.seq,
                            committed_at_ms=None,
                        )
                    )
                case CommandRefused():
                    self._refused(event)
                case _:
                    pass

    def _refused(self, event: CommandRefused) -> None:
        self._open.pop(event.command_id, None)
        if event.retry == Retry.LATER:
            self._recorder.note(Info(at_ms=now_ms(), who=self.name, op=event.command_id, what=event.code))
            return
        self._recorder.note(
            Fail(
                at_ms=now_ms(),
                who=self.name,
                op=event.command_id,
                connection_id=self._connection_id,
                n=None,
                code=event.code,
            )
        )

    def _watching(self, online: bool) -> None:
        self._recorder.note(
            Watching(at_ms=now_ms(), who=self.name, org_id=self.org, test_id=self.test_id, online=online)
        )
