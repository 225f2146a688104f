"""Bodies about tokens: made, and withdrawn."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int, Text
from protocol.rest.body import Body


class RevocationBody(Body, frozen=True, kw_only=True):
    """Withdraw tokens of the organisation: one by its `jti`, or all that a user (`sub`) was given up to now. Name one
    of the two."""

    token_id: Id | None = None
    user_id: Id | None = None
    reason: Text


class RevocationReply(Body, frozen=True, kw_only=True):
    """The tokens are refused from `revoked_at_ms` on. Connections that were opened with them end."""

    revocation_id: str
    revoked_at_ms: Int


Ids = Annotated[list[Id], Meta(min_length=1, max_length=limits.MAX_SCOPE_IDS)]
"""What a token is limited to."""


class TokenBody(Body, frozen=True, kw_only=True):
    """A token for `user_id`. Staff are limited by `branches`, `tests` and `groups`; nil: as whoever gives it. A
    candidate may be given one for an attempt of hers, and has one branch at most. `lifetime_ms` nil: 12 hours. A token
    of staff never ends later than that of whoever gives it."""

    role: str
    user_id: Id
    name: Annotated[str, Meta(max_length=limits.MAX_NAME_CHARS)] | None = None
    attempt_id: Id | None = None
    branches: Ids | None = None
    tests: Ids | None = None
    groups: Ids | None = None
    lifetime_ms: Annotated[int, Meta(ge=60_000, le=limits.MAX_TOKEN_LIFE_MS)] | None = None


class TokenReply(Body, frozen=True, kw_only=True):
    """The token, the id by which it can be withdrawn, and what it is limited to."""

    token: str
    token_id: str
    role: str
    user_id: str
    attempt_id: str | None
    branches: list[str] | None
    tests: list[str] | None
    groups: list[str] | None
    expires_at_ms: Int


class ResultTokenBody(Body, frozen=True, kw_only=True):
    """For how long the token is to be good; nil: for 30 days."""

    lifetime_ms: Annotated[int, Meta(ge=60_000, le=limits.MAX_TOKEN_LIFE_MS)] | None = None


class ResultTokenReply(Body, frozen=True, kw_only=True):
    """A token that shows the result of this attempt as its candidate may see it, and nothing else."""

    attempt_id: str
    token: str
    expires_at_ms: Int
