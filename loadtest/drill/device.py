"""A candidate's device: the reference client's session and shell, and a record of everything that passes."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final

import msgspec

from clients.python.candidate_link import CandidateLink
from clients.python.link import Phase
from clients.python.queue import UNNUMBERED, Entry
from clients.python.session import ENDED, Accepted, HandedIn, Rejected, Session
from clients.python.shell import Shell, now_ms, socket_url
from clients.python.wire import unpack_to_candidate
from loadtest.checker.history import Arrived, Connected, Fail, Info, Invoke, Left, Lost, Ok, Sent, SentAway, Told
from loadtest.drill.outgoing import Outgoing
from loadtest.drill.recorder import Recorder
from protocol.codec import tag_of
from protocol.codes import Retry
from protocol.messages.base import Message
from protocol.messages.candidate import Hello, StatePush, Welcome
from protocol.messages.connection import Goodbye
from protocol.messages.directions import ToCandidate
from protocol.messages.operations import Answer, Operation
from protocol.operations import OPERATIONS

_NUMBERED: Final = frozenset(tag_of(kind) for kind in OPERATIONS)


class Device:
    """See above. Closed, it forgets what it had not been told; the candidate may go on at another one."""

    def __init__(
        self, recorder: Recorder, url: str, name: str, org: str, attempt_id: str, token: str, chance: random.Random
    ) -> None:
        self.name = name
        self.token = token
        self._recorder = recorder
        self._org = org
        self._attempt_id = attempt_id
        self.link = CandidateLink(token, "drill/1", chance.random, renewable=True, device=name)
        self.link.outgoing = Outgoing(self._leaves)
        self._session = Session(self.link, chance.random)
        address = socket_url(url, f"/ws/attempts/{attempt_id}")
        self._shell: Shell[ToCandidate] = Shell(address, self, self._unpack, self._changed, self._renew)
        self._running: asyncio.Task[None] | None = None
        self._connection_id: str | None = None
        self._ops: dict[tuple[object, ...], str] = {}
        self._answers: dict[int, str] = {}
        """The operation of each answer, by its stamp."""
        self._open: dict[str, int] = {}
        self._stamp_ms = 0
        self._count = 0
        self._left = False
        self.state_seen: Callable[[], None] = _ignore

    # ── what the candidate does ────────────────────────────────────────────────────────────────────────────────

    def open(self) -> None:
        """Starts connecting, in the background."""
        self._running = asyncio.create_task(self._shell.run(), name=self.name)

    def ask(self, kind: type[Any], *arguments: Any) -> None:
        """Asks for one operation; it leaves when it can."""
        if self.ended:
            return
        # No two operations of a device have the same, so that each can be told from the others.
        self._stamp_ms = max(self._stamp_ms + 1, now_ms())
        operation: Operation = kind(UNNUMBERED, *arguments, self._stamp_ms)
        self._invoked(operation)
        self._session.ask(operation, now_ms())
        self._changed()
        self._shell.flush()

    @property
    def ended(self) -> bool:
        """Whether it will not come back by itself."""
        return self.link.phase == Phase.ENDED

    @property
    def online(self) -> bool:
        return self.link.phase == Phase.ONLINE

    @property
    def status(self) -> str | None:
        """As last told."""
        return None if self._session.state is None else self._session.state.status

    @property
    def section_id(self) -> str | None:
        """The open section, as last told."""
        return None if self._session.state is None else self._session.state.section_id

    @property
    def closed_sections(self) -> list[str]:
        """As last told."""
        return [] if self._session.state is None else self._session.state.closed_sections

    @property
    def over(self) -> bool:
        """Whether it knows that the attempt has ended."""
        return self.status in ENDED

    def unsettled(self, before_ms: int = 2**62) -> int:
        """Operations asked for before that instant that have no answer yet."""
        return sum(asked_ms < before_ms for asked_ms in self._open.values())

    async def drop(self) -> None:
        """The connection breaks; it comes back by itself."""
        await self._shell.drop()

    async def close(self) -> None:
        """The page is closed."""
        self.link.stop()
        self._has_left("the page was closed")
        await self._shell.stop()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    # ── the shell's side ───────────────────────────────────────────────────────────────────────────────────────

    def opened(self, now_ms: int) -> None:
        self._session.opened(now_ms)

    def received(self, message: ToCandidate, now_ms: int) -> None:
        if isinstance(message, Goodbye) and message.after_ms is not None:
            self._note(SentAway(at_ms=now_ms, who=self.name, after_ms=message.after_ms))
        self._session.received(message, now_ms)

    def closed(self, code: int, detail: str, now_ms: int) -> None:
        connection_id, self._connection_id = self._connection_id, None
        self._session.closed(code, detail, now_ms)
        self._changed()
        if self.ended:
            self._has_left(f"the connection has ended ({code})")
        elif connection_id is not None:
            self._note(Lost(at_ms=now_ms, who=self.name, connection_id=connection_id, code=code))

    def wake(self, now_ms: int) -> None:
        self._session.wake(now_ms)

    def next_wake_ms(self) -> int | None:
        return self._session.next_wake_ms()

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _renew(self) -> str:
        return self.token

    def _unpack(self, data: bytes) -> ToCandidate:
        self._recorder.look(self.name, self._org, "a frame", data)
        return unpack_to_candidate(data)

    def _leaves(self, message: Message) -> None:
        if isinstance(message, Hello):
            self._note(
                Arrived(
                    at_ms=now_ms(),
                    who=self.name,
                    attempt_id=self._attempt_id,
                    device=message.device,
                    connect_n=message.connect_n,
                    takeover=message.takeover,
                )
            )
            return
        kind = str(message.__struct_config__.tag)
        if kind in _NUMBERED:
            operation: Any = message
            op = self._op_of(operation)
            self._note(Sent(at_ms=now_ms(), who=self.name, op=op, connection_id=self._connection_id, n=operation.n))

    def _changed(self) -> None:
        events = self._session.events
        while events:
            match event := events.popleft():
                case Accepted():
                    self._ok(event.entry, event.ack.seq, event.ack.committed_at_ms)
                case HandedIn():
                    self._ok(event.entry, event.state.seq, None)
                case Rejected():
                    self._refused(event)
                case Welcome():
                    self._welcomed(event)
                case StatePush():
                    self._note(
                        Told(
                            at_ms=now_ms(),
                            who=self.name,
                            attempt_id=self._attempt_id,
                            connection_id=self._connection_id,
                            state=event.state,
                        )
                    )
                    self.state_seen()
                case _:
                    pass

    def _welcomed(self, welcome: Welcome) -> None:
        self._connection_id = welcome.connection_id
        self._note(
            Connected(
                at_ms=now_ms(),
                who=self.name,
                attempt_id=self._attempt_id,
                connection_id=welcome.connection_id,
                last_n=welcome.last_n,
                state=welcome.state,
                answers=[(saved.question_id, saved.value) for saved in welcome.answers],
            )
        )
        self.state_seen()

    def _invoked(self, operation: Operation) -> str:
        self._count += 1
        op = f"{self.name}#{self._count}"
        kind, body, client_at_ms = _apart(operation)
        self._ops[kind, client_at_ms, repr(body)] = op
        at_ms = asked_ms = now_ms()
        if isinstance(operation, Answer):
            # Under a new number an answer no longer says where the candidate was. To the checker that is another
            # operation, which says something else; she has waited for it since she asked for the first one.
            before = self._answers.get(client_at_ms)
            if before in self._open:
                asked_ms = self._open.pop(before)
                self._note(Info(at_ms=at_ms, who=self.name, op=before, what="sent again without a position"))
            self._answers[client_at_ms] = op
        self._open[op] = asked_ms
        self._note(
            Invoke(
                at_ms=at_ms,
                who=self.name,
                op=op,
                attempt_id=self._attempt_id,
                kind=kind,
                body=body,
                client_at_ms=client_at_ms,
            )
        )
        return op

    def _op_of(self, operation: Operation) -> str:
        """Its name; what the client asks for by itself (receipts) is met here first."""
        kind, body, client_at_ms = _apart(operation)
        return self._ops.get((kind, client_at_ms, repr(body))) or self._invoked(operation)

    def _ok(self, entry: Entry, seq: int, committed_at_ms: int | None) -> None:
        op = self._op_of(entry.operation)
        self._open.pop(op, None)
        self._note(
            Ok(
                at_ms=now_ms(),
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
            self._note(Info(at_ms=now_ms(), who=self.name, op=op, what=refusal.code))
            return
        self._note(
            Fail(
                at_ms=now_ms(),
                who=self.name,
                op=op,
                connection_id=self._connection_id,
                n=refusal.n,
                code=refusal.code,
            )
        )

    def _has_left(self, why: str) -> None:
        if self._left:
            return
        self._left = True
        for op in self._open:
            self._note(Info(at_ms=now_ms(), who=self.name, op=op, what=why))
        self._open.clear()
        self._note(Left(at_ms=now_ms(), who=self.name))

    def _note(self, event: Any) -> None:
        self._recorder.note(event)


def _ignore() -> None:
    """Nobody looks."""


def _apart(operation: Operation) -> tuple[str, dict[str, Any], int]:
    """Kind, body, and the client's word for the time."""
    body: dict[str, Any] = msgspec.to_builtins(operation)
    kind, client_at_ms = body.pop("t"), body.pop("client_at_ms")
    body.pop("n")
    return kind, body, client_at_ms
