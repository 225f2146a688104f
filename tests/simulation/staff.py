"""An instructor: the reference client's pure monitor on a simulated wire; what is shown and asked is recorded."""

from typing import Any

import msgspec

from clients.python.errors import QueueFull
from clients.python.link import Link, Phase
from clients.python.watch import Changed, Watch
from clients.python.wire import pack, unpack_to_instructor
from protocol.codec import tag_of
from protocol.messages.connection import Goodbye
from protocol.messages.monitor import CommandDone, CommandRefused, MonitorWelcome, Row
from protocol.messages.staff import StaffCommand
from tests.simulation.device import DeviceClock, Outside
from tests.simulation.loop import NOBODY
from tests.simulation.network import ABNORMAL, Signal, Wire
from tests.simulation.plan import TEST
from tests.simulation.staff_notes import StaffNotes


class Monitor:
    """One instructor's page."""

    def __init__(self, outside: Outside, name: str, org: str, token: str, clock: DeviceClock) -> None:
        self.name = name
        self.signal = Signal()
        self._outside = outside
        self.org = org
        self._org = org
        self._token = token
        self._clock = clock
        self._link = Link(token, "simulated/1", outside.chance.stream("monitor", name).random, renewable=True)
        self.watch = Watch(self._link)
        self._wire: Wire | None = None
        self._timer: Any = None
        self._armed_for_ms: int | None = None
        self._notes = StaffNotes(outside.recorder, name, org)

    def start(self) -> None:
        self._connect()

    def ask(self, command: StaffCommand) -> None:
        """Asks for one command. Where too many wait for an answer she is told so, and lets it be."""
        if self._link.phase == Phase.ENDED:
            return
        try:
            self.watch.ask(command)
        except QueueFull:
            return
        self._notes.invoked(command.command_id, msgspec.to_builtins(command))
        self._pump()

    @property
    def away(self) -> bool:
        """Whether it is not connected, and means to be."""
        return self._link.phase not in (Phase.ONLINE, Phase.ENDED)

    @property
    def rows(self) -> dict[str, Row]:
        """What it shows."""
        return self.watch.roster.rows

    @property
    def complete(self) -> bool:
        """Whether it has had a whole roster."""
        return self.watch.roster.complete

    def cut(self) -> None:
        """The connection breaks."""
        if self._wire is not None:
            self._wire.cut()

    def finish(self) -> None:
        """The day is over: what has no answer never gets one."""
        self._notes.finish()

    # ── the wire's end ─────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        if self._link.phase == Phase.ENDED:
            return
        if self._link.needs_token:
            self._link.renewed(self._token)
        self._link.connecting()
        self._notes.connection += 1
        self._wire = self._outside.wire(self.name, self.signal, self)
        self._wire.open(f"/ws/monitor/{TEST}")

    def opened(self) -> None:
        self.watch.opened(self._clock.now_ms())
        self._pump()

    def arrived(self, data: bytes) -> None:
        self._outside.recorder.look(self.name, self._org, "a monitor's frame", data)
        self.watch.received(unpack_to_instructor(data), self._clock.now_ms())
        self._pump()

    def closed(self, code: int, reason: str) -> None:
        self._wire = None
        self.watch.closed(code, reason, self._clock.now_ms())
        self._events()
        self._disarm()
        self._notes.watching(False)
        if self._link.phase != Phase.ENDED:
            delay_s = max(0, self._link.retry_at_ms - self._clock.now_ms()) / 1_000
            self._outside.loop.call_later(delay_s, self._connect, context=NOBODY)

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _pump(self) -> None:
        self._events()
        wire, outgoing = self._wire, self._link.outgoing
        while outgoing and wire is not None:
            message: Any = outgoing.popleft()
            if tag_of(type(message)) not in ("hello", "beat"):
                self._notes.sent(message.command_id)
            wire.send(pack(message))
        if self._link.broken is not None and wire is not None:
            wire.close(4002)
            self.closed(ABNORMAL, self._link.broken)
            return
        self._arm()

    def _events(self) -> None:
        events = self.watch.events
        while events:
            match event := events.popleft():
                case Changed():
                    if event.rows:
                        self._notes.shown(event.rows)
                case MonitorWelcome():
                    self._notes.watching(True)
                case CommandDone():
                    self._notes.done(event)
                case CommandRefused():
                    self._notes.refused(event)
                case Goodbye(after_ms=int(after_ms)):
                    self._notes.sent_away(after_ms)
                case _:
                    pass

    def _arm(self) -> None:
        wake_at_ms = self.watch.next_wake_ms() if self._wire is not None else None
        if wake_at_ms == self._armed_for_ms:
            return
        self._disarm()
        if wake_at_ms is not None:
            delay_s = max(0, wake_at_ms - self._clock.now_ms()) / 1_000
            self._timer = self._outside.loop.call_later(delay_s + 0.000_5, self._ring, context=NOBODY)
            self._armed_for_ms = wake_at_ms

    def _ring(self) -> None:
        self._timer = self._armed_for_ms = None
        self.watch.wake(self._clock.now_ms())
        self._pump()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._armed_for_ms = None
