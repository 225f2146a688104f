"""Bodies about keys by which services call."""

from typing import Annotated, Final

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int, Text
from protocol.rest.body import Body
from protocol.rest.tokens import Ids

KEY_PREFIX: Final = "pdk_"
"""Begins every key, so that scanners for leaked secrets find one."""
Lifetime = Annotated[int, Meta(ge=60_000, le=limits.MAX_TOKEN_LIFE_MS)]
Overlap = Annotated[int, Meta(ge=0, le=7 * 24 * 3600 * 1000)]


class ApiKeyBody(Body, frozen=True, kw_only=True):
    """A key for the service `user_id`: so the logs say who acted with it. It may do what `role` may, where `branches`,
    `tests` and `groups` allow it; nil: as whoever makes it. `lifetime_ms`: by default 90 days."""

    role: str
    user_id: Id
    name: Annotated[str, Meta(max_length=limits.MAX_NAME_CHARS)] = ""
    branches: Ids | None = None
    tests: Ids | None = None
    groups: Ids | None = None
    lifetime_ms: Lifetime = 90 * 24 * 3600 * 1000


class ApiKeyReply(Body, frozen=True, kw_only=True):
    """A key without its secret. `expires_at_ms`: when its newest secret ends. `last_used_ms`: in the hour that begins
    there; nil: never, or not for some minutes."""

    key_id: str
    role: str
    user_id: str
    name: str
    branches: list[str] | None
    tests: list[str] | None
    groups: list[str] | None
    made_at_ms: Int
    made_by: str
    expires_at_ms: Int
    revoked_at_ms: Int | None
    last_used_ms: Int | None


class ApiKeyMade(Body, frozen=True, kw_only=True):
    """A key with its secret, as the header `Authorization: Bearer …` takes it. It is shown this once. `old_ends_at_ms`:
    until when the one before it is good; nil: there was none."""

    key: ApiKeyReply
    secret: Text
    old_ends_at_ms: Int | None = None


class ApiKeyList(Body, frozen=True, kw_only=True):
    """Keys of the organisation, the oldest first unless another order is asked for; `next` continues the list."""

    keys: list[ApiKeyReply]
    next: str | None = None


class RenewBody(Body, frozen=True, kw_only=True):
    """A new secret, good for `lifetime_ms`; the one before it stays good for `overlap_ms` (by default a day)."""

    lifetime_ms: Lifetime = 90 * 24 * 3600 * 1000
    overlap_ms: Overlap = 24 * 3600 * 1000
