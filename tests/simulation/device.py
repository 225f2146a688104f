"""A candidate's device: the reference client's pure session, carried by a simulated wire, its outcomes recorded."""

from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec

from clients.python.candidate_link import CandidateLink
from clients.python.link import Phase
from clients.python.queue import UNNUMBERED, Entry
from clients.python.session import Accepted, HandedIn, Rejected, Session
from clients.python.wire import pack, unpack_to_candidate
from loadtest.checker.history import Arrived, Connected, Fail, Info, Invoke, Left, Lost, Ok, Sent, SentAway, Told
from protocol import limits
from protocol.codes import Retry
from protocol.messages.candidate import Hello, StatePush, Welcome
from protocol.messages.connection import Goodbye
from protocol.messages.operations import Answer, Operation, Receipt
from protocol.operations import OPERATIONS
from tests.simulation.chance import EPOCH_MS, Chance
from tests.simulation.loop import NOBODY, VirtualLoop
from tests.simulation.network import ABNORMAL, Listener, Signal, Wire
from tests.simulation.pictures import Picture
from tests.simulation.recorder import Recorder

_NUMBERED: Final = tuple(OPERATIONS)


class Outside(Protocol):
    """What a device needs of the world."""

    loop: VirtualLoop
    recorder: Recorder
    chance: Chance

    def wire(self, name: str, signal: Signal, listener: Listener) -> Wire: ...

    def pictured(self, picture: Picture) -> None:
        """Somebody believes this now."""
        ...


def device_key(name: str) -> str:
    """The id of a device: as long as links that open once demand."""
    return name.ljust(limits.MIN_DEVICE_KEY_CHARS, "-")


class DeviceClock:
    """A device's clocks: one that only goes forward, and the wall clock of somebody who may set it."""

    def __init__(self, loop: VirtualLoop, offset_ms: int) -> None:
        self._loop = loop
        self._offset_ms = offset_ms
        self._last_ms = 0
        self.jump_ms = 0

    def now_ms(self) -> int:
        return EPOCH_MS + self._offset_ms + int(self._loop.time() * 1_000)

    def stamp_ms(self) -> int:
        """For one operation: no two of a device have the same, so that each can be told from the others."""
        self._last_ms = max(1, self.now_ms() + self.jump_ms) if self.jump_ms else self.now_ms()
        return self._last_ms


class Device:
    """See above. A page that was `reloaded` goes on as the same device."""

    def __init__(
        self,
        outside: Outside,
        name: str,
        org: str,
        attempt_id: str,
        token: str,
        clock: DeviceClock,
        signal: Signal,
        reloaded: "Device | None" = None,
    ) -> None:
        self.name = name
        self.signal = signal
        self.clock = clock
        self.dead = False
        self.state_seen: Callable[[str], None] = _ignore
        self._outside = outside
        self._org = org
        self._attempt_id = attempt_id
        self._token = token
        draw = outside.chance.stream("device", name)
        self._link = CandidateLink(token, "simulated/1", draw.random, renewable=True, device=device_key(name))
        if reloaded is not None:
            self._link.device, self._link.connect_n = reloaded._link.device, reloaded._link.connect_n
        self.session = Session(self._link, draw.random)
        self._wire: Wire | None = None
        self._connection_id: str | None = None
        self._timer: Any = None
        self._armed_for_ms: int | None = None
        self._ops: dict[tuple[object, ...], str] = {}
        self._open: dict[str, None] = {}
        self._stamps: set[int] = set()
        self._count = 0
        self._welcome_seq = 0
        self._answers: dict[str, tuple[int, Any]] = {}
        self._welcomed_n = 0
        self._acked: set[int] = set()

    # ── what the candidate does ────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        self._connect()

    def ask(self, kind: type[Any], *arguments: Any) -> None:
        """Asks for one operation; it leaves when it can."""
        if self.dead or self._link.phase == Phase.ENDED:
            return
        stamp_ms = self.clock.stamp_ms()
        while stamp_ms in self._stamps:
            stamp_ms += 1
        self._stamps.add(stamp_ms)
        operation: Operation = kind(UNNUMBERED, *arguments, stamp_ms)
        self._invoked(operation)
        self.session.ask(operation, self.clock.now_ms())
        self._pump()

    @property
    def section_id(self) -> str | None:
        """The open section, as far as it knows."""
        state = self.session.state
        return None if state is None else state.section_id

    @property
    def away(self) -> bool:
        """Whether it is not connected, and means to be."""
        return not self.ended and self._link.phase != Phase.ONLINE

    @property
    def ended(self) -> bool:
        """Whether it has stopped for good."""
        return self.dead or self._link.phase == Phase.ENDED

    @property
    def key(self) -> str:
        """The id by which the server knows this device."""
        return self._link.device

    @property
    def connection_id(self) -> str | None:
        """The connection that it has now."""
        return self._connection_id if self._link.phase == Phase.ONLINE else None

    def picture(self) -> Picture | None:
        """What its program believes; nil before the first welcome."""
        state = self.session.state
        if state is None:
            return None
        answers, acked = dict(self._answers), frozenset(self._acked)
        return Picture(self.name, self._attempt_id, state, answers, self._welcome_seq, acked)

    def cut(self) -> None:
        """The connection breaks."""
        if self._wire is not None:
            self._wire.cut()

    def go_offline(self, offline: bool) -> None:
        self.signal.offline = offline
        if offline and self._wire is not None:
            self._wire.darken()
            self._outside.loop.call_later(0.05, self._notice_offline, self._wire, context=NOBODY)

    def go_on(self) -> None:
        """What stood still on the way moves again."""
        if self._wire is not None:
            self._wire.go_on()

    def _notice_offline(self, wire: Wire) -> None:
        if self._wire is wire:
            wire.cut()

    def vanish(self) -> None:
        """The machine dies, with all that it had not sent."""
        if self._wire is not None:
            self._wire.vanish()
        self._die("the device is gone")

    def close(self) -> None:
        """The page is closed."""
        if self._wire is not None:
            self._wire.close(1001)
        self._die("the page was closed")

    def _die(self, why: str) -> None:
        if self.dead:
            return
        self.dead = True
        self._wire = None
        self._disarm()
        self._forget(why)
        self._note(Left(at_ms=self._now(), who=self.name))

    def _forget(self, why: str) -> None:
        for op in self._open:
            self._note(Info(at_ms=self._now(), who=self.name, op=op, what=why))
        self._open.clear()

    # ── the wire's end ─────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        if self.ended:
            return
        if self._link.needs_token:
            self._link.renewed(self._token)
        self._link.connecting()
        self._wire = self._outside.wire(self.name, self.signal, self)
        self._wire.open(f"/ws/attempts/{self._attempt_id}")

    def opened(self) -> None:
        if not self.dead:
            self.session.opened(self.clock.now_ms())
            self._pump()

    def arrived(self, data: bytes) -> None:
        if not self.dead:
            self._outside.recorder.look(self.name, self._org, "a frame", data)
            self.session.received(unpack_to_candidate(data), self.clock.now_ms())
            self._pump()

    def closed(self, code: int, reason: str) -> None:
        if self.dead:
            return
        self._wire = None
        self.session.closed(code, reason, self.clock.now_ms())
        self._events()
        self._disarm()
        if self._link.phase == Phase.ENDED:
            self._forget(f"the connection has ended ({code})")
            self._note(Left(at_ms=self._now(), who=self.name))
            return
        self._note(Lost(at_ms=self._now(), who=self.name, connection_id=self._connection_id or "", code=code))
        delay_s = max(0, self._link.retry_at_ms - self.clock.now_ms()) / 1_000
        self._outside.loop.call_later(delay_s, self._connect, context=NOBODY)

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _pump(self) -> None:
        self._events()
        wire, outgoing = self._wire, self._link.outgoing
        while outgoing and wire is not None:
            message = outgoing.popleft()
            if isinstance(message, _NUMBERED):
                self._sent(message)
            elif isinstance(message, Hello):
                self._arrived(message)
            wire.send(pack(message))
        if self._link.broken is not None and wire is not None:
            self._wire = None
            wire.close(4002)
            self.closed(ABNORMAL, self._link.broken)
            return
        self._arm()

    def _events(self) -> None:
        events = self.session.events
        is_news = bool(events)
        while events:
            match event := events.popleft():
                case Accepted():
                    self._believe(event.entry.operation)
                    self._ended(event.entry, event.ack.seq, event.ack.committed_at_ms)
                case HandedIn():
                    self._ended(event.entry, event.state.seq, None)
                case Rejected():
                    self._refused(event)
                case Welcome():
                    self._connection_id = event.connection_id
                    self._welcome_seq = event.state.seq
                    self._welcomed_n = event.last_n
                    self._answers = {saved.question_id: (saved.n, saved.value) for saved in event.answers}
                    self._acked.clear()
                    self._note(
                        Connected(
                            at_ms=self._now(),
                            who=self.name,
                            attempt_id=self._attempt_id,
                            connection_id=event.connection_id,
                            last_n=event.last_n,
                            state=event.state,
                            answers=[(saved.question_id, saved.value) for saved in event.answers],
                        )
                    )
                    self.state_seen(event.state.status)
                case StatePush():
                    self._note(
                        Told(
                            at_ms=self._now(),
                            who=self.name,
                            attempt_id=self._attempt_id,
                            connection_id=self._connection_id,
                            state=event.state,
                        )
                    )
                    self.state_seen(event.state.status)
                case Goodbye(after_ms=int(after_ms)):
                    self._note(SentAway(at_ms=self._now(), who=self.name, after_ms=after_ms))
                case _:
                    pass
        if is_news and (picture := self.picture()) is not None:
            self._outside.pictured(picture)

    def _believe(self, operation: Operation) -> None:
        """The server has acknowledged it. What the welcome knew already is no news: it was perhaps taken back since."""
        self._acked.add(operation.n)
        if isinstance(operation, Answer) and operation.n > self._welcomed_n:
            self._answers[operation.question_id] = (operation.n, operation.value)

    def _invoked(self, operation: Operation) -> str:
        self._count += 1
        op = f"{self.name}#{self._count}"
        kind, body, client_at_ms = _apart(operation)
        self._ops[_key(operation)] = op
        self._open[op] = None
        self._note(
            Invoke(
                at_ms=self._now(),
                who=self.name,
                op=op,
                attempt_id=self._attempt_id,
                kind=kind,
                body=body,
                client_at_ms=client_at_ms,
            )
        )
        return op

    def _arrived(self, hello: Hello) -> None:
        self._note(
            Arrived(
                at_ms=self._now(),
                who=self.name,
                attempt_id=self._attempt_id,
                device=hello.device,
                connect_n=hello.connect_n,
                takeover=hello.takeover,
            )
        )

    def _op_of(self, operation: Operation) -> str:
        """Its name; what the client asks for by itself (receipts) is met here first."""
        return self._ops.get(_key(operation)) or self._invoked(operation)

    def _sent(self, operation: Any) -> None:
        op = self._op_of(operation)
        self._note(Sent(at_ms=self._now(), who=self.name, op=op, connection_id=self._connection_id, n=operation.n))

    def _ended(self, entry: Entry, seq: int, committed_at_ms: int | None) -> None:
        op = self._op_of(entry.operation)
        self._open.pop(op, None)
        self._note(
            Ok(
                at_ms=self._now(),
                who=self.name,
                op=op,
                connection_id=self._connection_id,
                n=entry.number or None,
                seq=seq,
                committed_at_ms=committed_at_ms,
            )
        )

    def _refused(self, event: Rejected) -> None:
        op = self._op_of(event.entry.operation)
        self._open.pop(op, None)
        refusal = event.refusal
        if refusal.retry == Retry.LATER:
            self._note(Info(at_ms=self._now(), who=self.name, op=op, what=refusal.code))
            return
        self._note(
            Fail(
                at_ms=self._now(),
                who=self.name,
                op=op,
                connection_id=self._connection_id,
                n=refusal.n,
                code=refusal.code,
            )
        )

    def _arm(self) -> None:
        wake_at_ms = self.session.next_wake_ms() if self._wire is not None else None
        if wake_at_ms == self._armed_for_ms:
            return
        self._disarm()
        if wake_at_ms is not None:
            delay_s = max(0, wake_at_ms - self.clock.now_ms()) / 1_000
            self._timer = self._outside.loop.call_later(delay_s + 0.000_5, self._ring, context=NOBODY)
            self._armed_for_ms = wake_at_ms

    def _ring(self) -> None:
        self._timer = self._armed_for_ms = None
        if not self.dead:
            self.session.wake(self.clock.now_ms())
            self._pump()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._armed_for_ms = None

    def _now(self) -> int:
        return self._outside.recorder.now_ms()

    def _note(self, event: Any) -> None:
        self._outside.recorder.note(event)


def _ignore(status: str) -> None:
    """Nobody looks."""


def _key(operation: Operation) -> tuple[object, ...]:
    """What tells it from all others of this device. The stamps of what the candidate asks for are her device's own;
    receipts are asked for by the client, several in one millisecond."""
    message = (operation.message_id, operation.seen) if isinstance(operation, Receipt) else None
    # Sent again under a new number, an answer may no longer say where she was.
    position = operation.position if isinstance(operation, Answer) else None
    return type(operation), operation.client_at_ms, message, position


def _apart(operation: Operation) -> tuple[str, dict[str, Any], int]:
    """Kind, body, and the client's word for the time."""
    body: dict[str, Any] = msgspec.to_builtins(operation)
    kind, client_at_ms = body.pop("t"), body.pop("client_at_ms")
    body.pop("n")
    return kind, body, client_at_ms
