"""What keeps a connection going, with either kind of client."""

from typing import final

from protocol.messages.base import FromClient, Int, Message, Token


@final
class Beat(FromClient, frozen=True, tag="beat"):
    """The application's heartbeat: `t0_ms` is the client's clock, returned untouched in `echo`."""

    t0_ms: Int


@final
class Renew(FromClient, frozen=True, tag="renew"):
    """A fresh token for this connection, of the same person for the same thing. Answered by `renewed`, or by `refused`
    with `n` nil: then the old token stays in force until its end."""

    token: Token


class TokenExpiring(Message, frozen=True, tag="token_expiring"):
    """The token of this connection ends at `expires_at_ms`. A client that can get a fresh one sends `renew`."""

    expires_at_ms: Int


class Renewed(Message, frozen=True, tag="renewed"):
    """The fresh token is in force, until `expires_at_ms`."""

    expires_at_ms: Int


class Echo(Message, frozen=True, tag="echo"):
    """Returns a beat: the client's clock as sent, the server's at receipt and at sending."""

    t0_ms: Int
    t1_ms: Int
    t2_ms: Int


class RefusedOp(Message, frozen=True, tag="refused"):
    """An operation was not accepted, and changed nothing. `n` is nil for a message in which no number could be read,
    and where the connection as a whole is refused."""

    n: Int | None
    code: str
    detail: str
    retry: str


class Goodbye(Message, frozen=True, tag="goodbye"):
    """The server closes this connection next. Come back after `after_ms`; nil: as the code says."""

    code: Int
    detail: str
    after_ms: Int | None
