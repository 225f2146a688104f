"""What both kinds of sessions do alike: hello, beats, limits, refusals."""

from typing import Final

from protocol import codec, limits
from protocol.codes import Close, Code
from protocol.errors import Refusal, Refused, WireError, refuse
from protocol.messages import Beat, Echo, Hello, RefusedOp
from protocol.rate import Bucket
from server.node import Node
from server.principal import Principal
from server.sockets.outbound import Outbound

_CLOSE_FOR: Final = {
    Code.TOKEN_MISSING: Close.TOKEN_INVALID,
    Code.TOKEN_INVALID: Close.TOKEN_INVALID,
    Code.TOKEN_EXPIRED: Close.TOKEN_EXPIRED,
    Code.TOKEN_LATE: Close.HELLO_LATE,
    Code.FORBIDDEN: Close.FORBIDDEN,
    Code.NOT_FOUND: Close.NOT_FOUND,
    Code.CONNECTION_EXISTS: Close.CONNECTION_EXISTS,
    Code.SUPERSEDED: Close.SUPERSEDED,
    Code.DRAINING: Close.TRY_AGAIN,
    Code.OVERLOADED: Close.TRY_AGAIN,
    Code.STORAGE_UNAVAILABLE: Close.STORAGE_UNAVAILABLE,
    Code.INTERNAL: Close.INTERNAL,
}


class Session:
    """One connection, fed bytes and handed an `Outbound`; it knows no ASGI. `kind` names it in the metrics."""

    kind: str

    def __init__(self, node: Node, outbound: Outbound) -> None:
        self.node = node
        self.out = outbound
        now_ms = node.clock.now_ms()
        self.last_contact_ms = now_ms
        self.expires_at_ms: int | None = None
        """When the connection ends with its token. A candidate's does not: nobody is thrown out in mid-exam."""
        self._strikes = 0
        self._bucket = Bucket(node.settings.rate_per_second, node.settings.rate_burst, now_ms)

    async def _admit(self, hello: Hello) -> Principal:
        """Who says hello. Raises `Refused`."""
        if hello.protocol != limits.PROTOCOL_VERSION:
            raise Refused(refuse(Code.UNSUPPORTED_PROTOCOL))
        if self.node.draining:
            raise Refused(refuse(Code.DRAINING))
        return await self.node.tokens.verify(hello.token)

    def end(self, refusal: Refusal) -> None:
        """Refuses the connection as a whole."""
        self.node.tally.refuse(refusal.code)
        self.out.send(codec.encode(RefusedOp(None, refusal.code, refusal.detail, refusal.retry)))
        close = _CLOSE_FOR.get(refusal.code, Close.PROTOCOL_ERROR)
        self.out.close(close, refusal.detail, self._after_ms(refusal.code))

    def _after_ms(self, code: Code) -> int | None:
        """When to come back, where the server knows."""
        if code is Code.DRAINING:
            return self.node.return_after_ms()
        return self.node.put_off_ms() if code is Code.OVERLOADED else None

    def late(self) -> None:
        """No hello has come within the time allowed."""
        self.end(refuse(Code.TOKEN_LATE))

    def _passes(self, now_ms: int) -> bool:
        """Whether the rate allows one more message."""
        self.last_contact_ms = now_ms
        return self._bucket.take(now_ms)

    def _unreadable(self, error: WireError) -> None:
        refusal = error.refusal
        self.node.tally.refuse(refusal.code)
        self.out.send(codec.encode(RefusedOp(None, refusal.code, refusal.detail, refusal.retry)))
        self._strike(Close.PROTOCOL_ERROR)

    def _strike(self, close: Close) -> None:
        """Once is a bug, and the exam goes on; again and again is an attack, or a client that helps nobody."""
        self._strikes += 1
        if self._strikes >= limits.MAX_STRIKES:
            self.out.close(close)

    def _echo(self, beat: Beat, received_at_ms: int) -> None:
        self.out.send(codec.encode(Echo(beat.t0_ms, received_at_ms, self.node.clock.now_ms())))
