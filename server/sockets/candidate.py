"""A candidate's session: hello, then numbered operations in, acks and pushes out."""

from contextlib import nullcontext
from functools import partial
from time import perf_counter
from typing import Final

from msgspec.structs import asdict

from protocol import codec, limits
from protocol.attempt import view
from protocol.attempt.commands import Disconnect, Operate
from protocol.attempt.facts import (
    Accommodated,
    Admitted,
    Connected,
    ConsentGiven,
    FormallyWarned,
    Messaged,
    Record,
    Reinstated,
    Reopened,
    Retermed,
    Started,
    Warned,
)
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import OPEN, SITTING, Attempt, Role
from protocol.attempt.sheet import Sheet, terms_in_force
from protocol.codes import Close, Code
from protocol.errors import Refusal, Refused, WireError, refuse
from protocol.integrity.safe_exam_browser import Proof
from protocol.marks import mark
from protocol.messages.candidate import Ack, Hello, StatePush, TimeWarning, Welcome
from protocol.messages.connection import Beat, RefusedOp, Renew
from protocol.messages.operations import Operation, Submit
from server.access.finding import find_for
from server.access.principal import Principal
from server.access.standing import OVER, check_token
from server.attempts.live import LiveAttempt
from server.attempts.pending import Done
from server.ids import canonical_id, new_id
from server.limits.budgets import Paced
from server.node import Node
from server.orders import why_gone
from server.pacing.soon import soon
from server.presence.arrivals import Arrival, arrive, where_the_log_ends
from server.sockets.outbound import Outbound
from server.sockets.session import Session
from storage.errors import StorageUnavailable

_OFFER_OTHERWISE: Final = (Started, Admitted, Accommodated, Retermed, Reopened, ConsentGiven)
"""Facts after which other rules or another paper may be in force, or nothing keeps her from starting any more."""
_SAID: Final = (Messaged, FormallyWarned)
"""Facts that are told to her as a message."""
_GOES_ON: Final = (Reopened, Reinstated)
"""Facts after which an attempt that had ended goes on."""


class CandidateSession(Session):
    """One candidate's connection to one attempt."""

    kind = "candidate"
    asks_the_attempt = True

    def __init__(
        self,
        node: Node,
        outbound: Outbound,
        attempt_id: str,
        ip_address: str,
        user_agent: str,
        proofs: tuple[Proof, ...] = (),
    ) -> None:
        super().__init__(node, outbound)
        self.connection_id = new_id()
        self._attempt_id = canonical_id(attempt_id) or ""
        self._ip_address = ip_address
        self._user_agent = user_agent
        self._proofs = proofs
        self._live: LiveAttempt | None = None
        self._looking = False
        """Whether the attempt had ended when she connected. Then no connect is recorded."""
        self._told: tuple[object, ...] | None = None
        """What the client was last told of the test: its version, the number of questions, the terms, whether she was
        let in, and how her page looks."""
        self._soon = soon()
        self._acked_n = 0
        """The highest number that the next acknowledgement names; 0: nothing waits for one."""
        self._acked: Done
        self._ack_since_s = 0.0

    # In

    async def open(self, data: bytes) -> bool:
        """Takes the first message; False where the session ends with it."""
        try:
            message = codec.decode_from_candidate(data)
            if not isinstance(message, Hello):
                raise Refused(refuse(Code.NOT_EXPECTED, "The first message must be `hello`."))
            principal = await self._admit(message)
            live = await self._find(principal)
            # A candidate whose attempt runs is let in, however full the node is.
            sits = live.committed.status in SITTING
            with nullcontext() if sits else self.node.capacity.entering():
                await self._connect(live, principal, message)
        except Refused as error:
            self.end(error.refusal, error.after_ms if isinstance(error, Paced) else None)
            return False
        except StorageUnavailable:
            self.end(refuse(Code.STORAGE_UNAVAILABLE))
            return False
        self.last_contact_ms = self.node.clock.now_ms()
        return True

    async def _find(self, principal: Principal) -> LiveAttempt:
        if principal.role is not Role.CANDIDATE:
            raise Refused(refuse(Code.FORBIDDEN))
        live = await find_for(self.node, principal, self._attempt_id or None)
        if live is None:
            gone = await why_gone(self.node, principal, self._attempt_id) if self._attempt_id else None
            raise Refused(gone or refuse(Code.NOT_FOUND))
        await check_token(principal, live, self.node.clock.now_ms())
        return live

    async def _connect(self, live: LiveAttempt, principal: Principal, hello: Hello) -> None:
        arrival = Arrival(
            hello.client,
            hello.device,
            hello.connect_n,
            hello.takeover,
            hello.seen_seq,
            hello.seen_head,
            self._ip_address,
            self._user_agent,
            self._proofs,
        )
        with live.arriving():
            await live.follow_test()
            arrived = await arrive(self.node, live, principal, arrival, self.connection_id, self.node.name)
        self._looking = not arrived.recorded
        self._live = live
        self._believe(principal)
        self.node.seats.seat(live, self)
        self.out.send(codec.encode(self._welcome(live, restored=arrived.restored)))

    def _welcome(self, live: LiveAttempt, *, restored: bool) -> Welcome:
        self._told = _told(live.committed, live.sheet)
        reply = where_the_log_ends(
            self.node, live, self.connection_id, self._ip_address, self._proofs, restored=restored
        )
        return Welcome(
            protocol=self.protocol,
            first_beat_ms=self.node.spread.first_beat_ms(),
            backoff_base_ms=limits.RECONNECT_BASE_MS,
            backoff_cap_ms=limits.RECONNECT_CAP_MS,
            capabilities=self.capabilities,
            **asdict(reply),
        )

    def feed(self, data: bytes) -> None:
        """Takes any later message."""
        live, principal = self._live, self.principal
        if live is None or principal is None:
            return
        now_ms = self.node.clock.now_ms()
        if self._is_lost(now_ms):
            return
        self.last_contact_ms = now_ms
        try:
            message = codec.decode_from_candidate(data)
        except WireError as error:
            self._unreadable(error)
            return
        if type(message) is Beat:
            self.node.seats.heard_of(live, now_ms)
            self._echo(message, now_ms)
        elif type(message) is Renew:
            self._renew(message)
        elif type(message) is Hello:
            self._unreadable(WireError(refuse(Code.NOT_EXPECTED)))
        else:
            if message.n <= live.committed.last_n:
                self.node.budgets.charge_search(principal, live.committed, message)
            command = Operate(principal.actor, self.connection_id, message, None, self._ip_address, self._proofs)
            live.offer(command, partial(self._reply, message, perf_counter()), now_ms=now_ms)

    def _believe(self, principal: Principal) -> Principal:
        super()._believe(principal)
        self.token_due_ms = min(self.token_due_ms, self._over_ms())
        return principal

    def _over_ms(self) -> int:
        """When the token ends because the attempt has ended."""
        live, principal = self._live, self.principal
        over_ms = None if live is None or principal is None else principal.over_ms(live.committed)
        return limits.MAX_INT if over_ms is None else over_ms

    def check_token(self, now_ms: int) -> None:
        over_ms = self._over_ms()
        if now_ms >= over_ms:
            self.out.close(Close.TOKEN_EXPIRED, OVER)
            return
        super().check_token(now_ms)
        self.token_due_ms = min(self.token_due_ms, over_ms)

    def _outlives_its_token(self) -> bool:
        """Nobody is thrown out in mid-exam."""
        live, principal = self._live, self.principal
        return (
            live is not None and principal is not None and principal.holds_for(live.committed, self.node.clock.now_ms())
        )

    def _still_fits(self, principal: Principal) -> bool:
        return self._live is not None and principal.may_see(self._live.committed.identity)

    def _reply(self, operation: Operation, received_s: float, outcome: Done | Refusal) -> None:
        if not isinstance(outcome, Done):
            if self.principal is not None:
                self.node.budgets.charge_guess(self.principal, outcome)
            self._refuse(operation.n, outcome)
        elif operation.n > outcome.attempt.last_n and isinstance(operation, Submit):
            self._push_state(outcome.attempt)
        else:
            self._acknowledge(operation.n, outcome, received_s)

    async def closed(self) -> None:
        """The connection has ended, for whatever reason."""
        live, principal = self._live, self.principal
        if live is None or principal is None:
            return
        self._live = None
        self.node.seats.unseat(live, self)
        if self._looking:
            return
        await live.run(Disconnect(principal.actor, self.connection_id, self.last_contact_ms))

    # Out

    def send_away(self, after_ms: int) -> None:
        self.out.close(Close.TRY_AGAIN, after_ms=after_ms)

    def record_committed(self, before: Attempt, record: Record, after: Attempt) -> None:
        """Sends the page what the new record changes for it."""
        fact = record.entry.fact
        kind = KIND_OF[type(fact)]
        if kind.hot and after.clocks is before.clocks:
            # Of what she does herself her page knows, unless a visit has set a question's clock running.
            return
        if before.ended_at_ms != after.ended_at_ms and self.principal is not None:
            self._believe(self.principal)
        # By `type`: to find that something is no instance of a `Struct` takes four times as long.
        if self._looking and type(fact) in _GOES_ON:
            # Her connect was not recorded, so she has to connect again before she can go on.
            self.out.close(Close.TRY_AGAIN, after_ms=0)
            return
        if type(fact) is Connected and fact.connection_id != self.connection_id:
            mark("candidate: superseded")
            self.out.close(Close.SUPERSEDED)
            return
        if not self._looking and after.connection_id not in (None, self.connection_id):
            return
        if type(fact) in _SAID:
            self.out.send(codec.encode(view.message(after.messages[-1])))
        elif type(fact) is Warned:
            self.out.send(codec.encode(TimeWarning(fact.left_ms, fact.deadline_ms, fact.scope, fact.of)))
        if type(fact) in _OFFER_OTHERWISE:
            self._push_offer(after)
        if kind.shown or (after.clocks is not before.clocks and type(fact) is not Warned):
            self._push_state(after)

    def sheet_changed(self) -> None:
        if self._live is not None:
            self._push_offer(self._live.committed)

    def _push_offer(self, attempt: Attempt) -> None:
        live = self._live
        if live is None or attempt.status not in OPEN:
            return
        told = _told(attempt, live.sheet)
        if told != self._told:
            self._told = told
            now_ms = self.node.clock.now_ms()
            self.out.send(codec.encode(view.offer(attempt, live.sheet, self._ip_address, now_ms, self._proofs)))

    def _push_state(self, attempt: Attempt) -> None:
        self.out.send(codec.encode(StatePush(self.node.clock.now_ms(), view.state(attempt))))

    def _acknowledge(self, n: int, done: Done, received_s: float) -> None:
        """Coalesces one commit's acks into one message."""
        live, is_first = self._live, not self._acked_n
        if is_first:
            self._ack_since_s = received_s
        if n >= self._acked_n:
            self._acked_n = n
            self._acked = done
        if done.records and live is not None and not live.busy:
            # The commit has nothing more of hers. All that an ack touches is in the processor's caches now.
            self._flush_ack(at_once=True)
        elif is_first:
            self._soon.call(self._flush_ack)

    def _flush_ack(self, *, at_once: bool = False) -> None:
        n = self._acked_n
        if n:
            self._acked_n = 0
            done = self._acked
            attempt = done.attempt
            ack = codec.encode(Ack(n, attempt.seq, done.committed_at_ms, attempt.head.hex()))
            self.out.send(ack, at_once=at_once)
            self.node.tally.ack_s.observe(perf_counter() - self._ack_since_s)

    def _refuse(self, n: int | None, refusal: Refusal) -> None:
        """Refusals and acks keep their order: an ack for a greater number must not come first."""
        self._flush_ack()
        self.node.tally.refuse(refusal.code)
        self.out.send(codec.encode(RefusedOp(n, refusal.code, refusal.detail, refusal.retry)))
        if refusal.code is Code.SUPERSEDED:
            self.out.close(Close.TRY_AGAIN if self._looking else Close.SUPERSEDED)


def _told(attempt: Attempt, sheet: Sheet) -> tuple[object, ...]:
    terms, page = terms_in_force(attempt, sheet), attempt.accommodation.page
    return sheet.test_version, sheet.question_total, terms, sheet.admission, attempt.admitted, attempt.consents, page
