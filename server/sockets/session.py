"""The common part of both kinds of session: hello, heartbeats, limits, refusals."""

import asyncio
import logging
from typing import Final

from protocol import codec, limits
from protocol.codes import Close, Code
from protocol.errors import Refusal, Refused, WireError, refuse
from protocol.messages.candidate import Hello
from protocol.messages.connection import Beat, Echo, RefusedOp, Renew, Renewed, TokenExpiring
from protocol.messages.monitor import MonitorHello
from protocol.rate import Bucket
from protocol.since import agree, in_force
from server.access.principal import ONLY_THE_RESULT, Principal
from server.limits.budgets import Budget, Paced
from server.node import Node
from server.pacing.turns import IN_ONE_STEP
from server.sockets.outbound import Outbound

log = logging.getLogger(__name__)

_CLOSE_FOR: Final = {
    Code.TOKEN_MISSING: Close.TOKEN_INVALID,
    Code.TOKEN_INVALID: Close.TOKEN_INVALID,
    Code.TOKEN_EXPIRED: Close.TOKEN_EXPIRED,
    Code.TOKEN_REVOKED: Close.TOKEN_INVALID,
    Code.TOKEN_LATE: Close.HELLO_LATE,
    Code.FORBIDDEN: Close.FORBIDDEN,
    Code.SAFE_EXAM_BROWSER: Close.FORBIDDEN,
    Code.NOT_FOUND: Close.NOT_FOUND,
    Code.ERASED: Close.NOT_FOUND,
    Code.ARCHIVED: Close.NOT_FOUND,
    Code.CONNECTION_EXISTS: Close.CONNECTION_EXISTS,
    Code.LINK_USED: Close.LINK_USED,
    Code.SUPERSEDED: Close.SUPERSEDED,
    Code.DRAINING: Close.TRY_AGAIN,
    Code.OVERLOADED: Close.TRY_AGAIN,
    Code.RATE_LIMITED: Close.TRY_AGAIN,
    Code.NEWER_LOG: Close.TRY_AGAIN,
    Code.UPGRADE_UNDER_WAY: Close.TRY_AGAIN,
    Code.STORAGE_UNAVAILABLE: Close.STORAGE_UNAVAILABLE,
    Code.INTERNAL: Close.INTERNAL,
}

_PUT_OFF: Final = (Code.OVERLOADED, Code.NEWER_LOG, Code.UPGRADE_UNDER_WAY)


class Session:
    """One connection, fed bytes and handed an `Outbound`; it knows no ASGI. `kind` names it in the metrics."""

    kind: str
    stale_beats: int = limits.MISSED_BEATS + 1
    """Ignore messages after this many silent heartbeats."""

    asks_the_attempt: bool = False
    """Whether an expired token may still be valid, because the attempt decides."""

    def __init__(self, node: Node, outbound: Outbound) -> None:
        self.node = node
        self.out = outbound
        now_ms = node.clock.now_ms()
        self.last_contact_ms = now_ms
        self._silence_ms = self.stale_beats * node.settings.heartbeat_ms
        self.principal: Principal | None = None
        """Who said hello."""
        self.protocol = limits.OLDEST_PROTOCOL_VERSION
        """The version that is spoken on this connection."""
        self.capabilities: list[str] = []
        """What the client can do beyond that."""
        self.token_due_ms = limits.MAX_INT
        """When `check_token` is due."""
        self.too_often = False
        """Whether it was refused because its user had connected too often."""
        self._budget: Budget | None = None
        self._renewing: asyncio.Task[None] | None = None
        # One less than MAX_STRIKES: the strike that no longer fits ends the connection.
        self._strikes = Bucket(limits.STRIKES_FORGIVEN_PER_MINUTE, limits.MAX_STRIKES - 1, per_s=60)

    async def _admit(self, hello: Hello | MonitorHello) -> Principal:
        """Verifies the hello's token. Raises `Refused`."""
        version = agree(hello.oldest_protocol, hello.protocol, self.node.fleet.version)
        if version is None:
            # A client that is too new for the fleet finds newer nodes soon, if there are any.
            waits = self.node.fleet.version < hello.oldest_protocol <= self.node.fleet.newest
            raise Refused(refuse(Code.UPGRADE_UNDER_WAY if waits else Code.UNSUPPORTED_PROTOCOL))
        self.protocol = version
        self.capabilities = in_force(hello.capabilities, self.node.fleet.version)
        if self.node.draining:
            raise Refused(refuse(Code.DRAINING))
        principal = await self.node.tokens.verify(hello.token, ended=self.asks_the_attempt)
        if principal.only_result:
            raise Refused(refuse(Code.FORBIDDEN, ONLY_THE_RESULT))
        self._believe(principal)
        await self._wait_for_a_place(principal)
        return principal

    async def _wait_for_a_place(self, principal: Principal) -> None:
        """Waits until this person may have a further connection. Raises `Paced` after a delay: immediate refusals of a
        client that connects again and again would cost others time."""
        try:
            wait_ms = self.node.budgets.connect(principal, limits.MAX_CONNECT_WAIT_MS)
        except Paced as error:
            await self.out.until_end(limits.MAX_CONNECT_WAIT_MS / 1000)
            raise Paced(max(0, error.after_ms - limits.MAX_CONNECT_WAIT_MS)) from None
        if wait_ms:
            await self.out.until_end(wait_ms / 1000)
            if self.out.closing is not None:
                raise Refused(refuse(Code.DRAINING))

    # The token

    def _believe(self, principal: Principal) -> Principal:
        self.principal = principal
        self.token_due_ms = principal.expires_at_ms - limits.TOKEN_EXPIRING_MS
        return principal

    def check_token(self, now_ms: int) -> None:
        """Called when due: warns that the token ends soon, and ends the connection when it has ended."""
        principal = self.principal
        if principal is None:
            return
        if now_ms < principal.expires_at_ms:
            self.out.send(codec.encode(TokenExpiring(principal.expires_at_ms)))
            self.token_due_ms = principal.expires_at_ms
        elif not self._outlives_its_token():
            self.out.close(Close.TOKEN_EXPIRED)

    def _outlives_its_token(self) -> bool:
        """Whether the connection goes on although its token has ended."""
        return False

    def _still_fits(self, principal: Principal) -> bool:
        """Whether a fresh token is valid for this connection's attempt or test."""
        raise NotImplementedError

    def _renew(self, message: Renew) -> None:
        """One renewal at a time, since the token's key may have to be fetched first."""
        if self._renewing is not None:
            self._refuse_renewal(refuse(Code.RATE_LIMITED))
            return
        self._renewing = asyncio.create_task(self._take_token(message.token), name="renew a token")

    async def _take_token(self, token: str) -> None:
        try:
            fresh = await self.node.tokens.verify(token)
            old = self.principal
            same = old is not None and (fresh.actor, fresh.org_id) == (old.actor, old.org_id)
            if not same or fresh.only_result or not self._still_fits(fresh):
                raise Refused(refuse(Code.FORBIDDEN, "The fresh token is for somebody else, or for something else."))
        except Refused as error:
            self._refuse_renewal(error.refusal)
        except Exception:
            log.exception("Renewing a token failed")
            self._refuse_renewal(refuse(Code.INTERNAL))
        else:
            self._believe(fresh)
            self.out.send(codec.encode(Renewed(fresh.expires_at_ms)))
        finally:
            self._renewing = None

    def _refuse_renewal(self, refusal: Refusal) -> None:
        self.node.tally.refuse(refusal.code)
        self.out.send(codec.encode(RefusedOp(None, refusal.code, refusal.detail, refusal.retry)))
        self._strike()

    def end(self, refusal: Refusal, after_ms: int | None = None) -> None:
        """Refuses the connection as a whole. `after_ms`: when to come back, where whoever refuses knows."""
        self.node.tally.refuse(refusal.code)
        self.out.send(codec.encode(RefusedOp(None, refusal.code, refusal.detail, refusal.retry)))
        close = _CLOSE_FOR.get(refusal.code, Close.PROTOCOL_ERROR)
        self.too_often = after_ms is not None
        self.out.close(close, refusal.detail, after_ms if after_ms is not None else self._after_ms(refusal.code))

    def _after_ms(self, code: Code) -> int | None:
        """When to come back, where the server knows."""
        if code is Code.DRAINING:
            return self.node.spread.return_after_ms()
        return self.node.spread.put_off_ms() if code in _PUT_OFF else None

    def late(self) -> None:
        """No hello has come within the time allowed."""
        self.end(refuse(Code.TOKEN_LATE))

    def _is_lost(self, now_ms: int) -> bool:
        """Whether a message was received long ago, while this process was frozen. Its sender has reconnected since,
        perhaps to another node, and was answered there. A message that was refused there must not be executed here."""
        lost = now_ms - self.last_contact_ms > self._silence_ms
        if lost:
            self.out.close(Close.HEARTBEAT_LOST)
        return lost

    def charge(self, size: int) -> int:
        """Charges the message that was just fed, of `size` bytes. Returns in how many milliseconds the next one may be
        read."""
        budget = self._budget
        if budget is None or budget.forgotten:
            if self.principal is None:
                return 0
            budget = self._budget = self.node.budgets.of(self.principal, self.last_contact_ms, budget)
        return budget.charge(self.last_contact_ms, 1, size)

    @property
    def hasty(self) -> bool:
        """Whether the next message waits for a turn."""
        budget = self._budget
        return budget is not None and budget.hasty and not budget.ahead % IN_ONE_STEP

    async def hold(self, wait_ms: int) -> None:
        """Returns after that time. What the sender has sent meanwhile waits in the network, and she is not lost."""
        await self.out.until_end(wait_ms / 1000)
        self.heard()

    def heard(self) -> None:
        """After a while in which we did not read her: the silence was our own."""
        self.last_contact_ms = self.node.clock.now_ms()

    def _unreadable(self, error: WireError) -> None:
        """Refuses an unreadable message by its number if it has one; otherwise the client would take a later ack for
        this operation too."""
        refusal = error.refusal
        self.node.tally.refuse(refusal.code)
        self.out.send(codec.encode(RefusedOp(error.n, refusal.code, refusal.detail, refusal.retry)))
        self._strike()

    def _strike(self) -> None:
        """Counts a fault. A single one is a bug, and the exam goes on; many are an attack or a broken client, and end
        the connection."""
        if self._strikes.charge(self.node.clock.now_ms()):
            self.out.close(Close.PROTOCOL_ERROR)

    def _echo(self, beat: Beat, received_at_ms: int) -> None:
        self.out.send(codec.encode(Echo(beat.t0_ms, received_at_ms, self.node.clock.now_ms())))
