"""The claims of a token whose signature was checked: who it is for, and whether it is in force.

Identity providers write some claims in their own way. A claim that opens or narrows something must be exact; one that
only describes somebody never shuts anybody out.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from protocol import limits
from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.ids import read_id
from protocol.names import tidy_name
from protocol.rules.scope import TokenScope
from server.access.principal import ByKey, Principal
from server.ids import canonical_id

BY_KEY: Final = "by_key"
"""The claim of a token that was given by an API key: the key's id, and when its secret was made, in milliseconds."""
ONLY_RESULT: Final = "result"
"""The value of the claim `only`."""
_ROLES: Final = {role.value: role for role in Role if role is not Role.SYSTEM}
_SAME_CLOCK_MS: Final = 1_000
"""Two clocks that differ by no more are taken as one. The nodes of a cluster differ by some milliseconds, and a token
that is made right after a withdrawal must be valid on all of them."""
_LEEWAY_S: Final = limits.TOKEN_LEEWAY_MS / 1000
_LONGEST_LIFE_S: Final = limits.MAX_TOKEN_LIFE_MS // 1000


def read_claims(
    claims: Mapping[str, Any], now_ms: int, *, ended: bool = False, ahead_ms: int = 0, leeway_ms: int = 0
) -> Principal:
    """Who the token is for; with `ended`, also where it has expired. `ahead_ms`: how far the clock that wrote `iat` is
    ahead of ours; `leeway_ms`: how long after `exp` the token still counts. Raises `Refused` with `token_expired`, or
    with `token_invalid`, which names the claim."""
    expires_s = _instant(claims, "exp")
    if expires_s is None:
        raise invalid("exp", "is missing")
    issued_s = _begun(claims, "iat", now_ms)
    _begun(claims, "nbf", now_ms)
    if expires_s - (now_ms / 1000 if issued_s is None else issued_s) > _LONGEST_LIFE_S:
        raise invalid("exp", f"lies more than {_LONGEST_LIFE_S // 86_400} days after the token was made")
    expires_at_ms = int(expires_s * 1000) + leeway_ms
    if expires_at_ms <= now_ms and not ended:
        raise Refused(refuse(Code.TOKEN_EXPIRED))
    role = _role(claims)
    branch_id, scope = _branch_and_scope(claims, role)
    return Principal(
        actor=Actor(role, _required(claims, "sub")),
        org_id=_required(claims, "org"),
        branch_id=branch_id,
        name=_name(claims),
        attempt_id=_attempt(claims),
        scope=scope,
        expires_at_ms=expires_at_ms,
        token_id=_described(claims, "jti"),
        # By our clock: a provider whose clock is ahead must not issue tokens that survive a later withdrawal.
        issued_at_ms=None if issued_s is None else min(round(issued_s * 1000) - ahead_ms, now_ms),
        only_result=_only_result(claims),
        by_key=_by_key(claims),
    )


def _branch_and_scope(claims: Mapping[str, Any], role: Role) -> tuple[str | None, TokenScope]:
    """A candidate is described by her branch and her groups: she has her own attempts in any case. Staff are limited
    by theirs, so that these claims must be exact."""
    tests = _ids(claims, "test", "tests")
    if role is Role.CANDIDATE:
        return _described(claims, "branch"), TokenScope(tests=tests)
    branches = _ids(claims, "branch", "branches")
    alone = next(iter(branches)) if branches is not None and len(branches) == 1 else None
    return alone, TokenScope(branches, tests, _ids(claims, "group", "groups"))


def issued_ahead_ms(claims: Mapping[str, Any], now_ms: int) -> int:
    """How far the clock that wrote `iat` is ahead of ours, at least, as far as this token shows. Raises like
    `read_claims`."""
    issued_s = _begun(claims, "iat", now_ms)
    ahead_ms = 0 if issued_s is None else round(issued_s * 1000) - now_ms
    return ahead_ms if ahead_ms > _SAME_CLOCK_MS else 0


def _attempt(claims: Mapping[str, Any]) -> str | None:
    """The attempt's id in lower case, as it is kept: identity providers may write a UUID in capitals."""
    text = _id(claims, "attempt")
    return None if text is None else canonical_id(text) or text


def _only_result(claims: Mapping[str, Any]) -> bool:
    """What a token is narrowed to must be understood, or it would open more than its maker meant."""
    only = claims.get("only")
    if only is None:
        return False
    if only != ONLY_RESULT:
        raise invalid("only", f"must be `{ONLY_RESULT}`")
    if claims.get("role") != Role.CANDIDATE or claims.get("attempt") is None:
        raise invalid("only", "goes with the role `candidate` and with `attempt`")
    return True


def _by_key(claims: Mapping[str, Any]) -> ByKey | None:
    """A token that ends with a key must be known as one, so this claim must be exact, too."""
    value = claims.get(BY_KEY)
    if value is None:
        return None
    try:
        return msgspec.convert(value, ByKey)
    except msgspec.ValidationError:
        raise invalid(BY_KEY, "must have a key's id and an instant") from None


def invalid(claim: str, what: str) -> Refused:
    """The refusal that names the claim."""
    return Refused(refuse(Code.TOKEN_INVALID, f"The token's claim `{claim}` {what}."))


def _instant(claims: Mapping[str, Any], claim: str) -> float | None:
    """Seconds, whole or not; None where the claim is absent. `Infinity`, which Python reads as JSON, is no instant."""
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= limits.MAX_INT // 1000:
        raise invalid(claim, "must be a number of seconds")
    return value


def _begun(claims: Mapping[str, Any], claim: str, now_ms: int) -> float | None:
    """An instant in the past. The issuer's clock may be ahead of ours by `TOKEN_LEEWAY_MS`."""
    at_s = _instant(claims, claim)
    if at_s is not None and at_s > now_ms / 1000 + _LEEWAY_S:
        raise invalid(claim, "lies in the future; compare the clocks of the server and of whoever made the token")
    return at_s


def _role(claims: Mapping[str, Any]) -> Role:
    value = claims.get("role")
    if not isinstance(value, str) or value not in _ROLES:
        raise invalid("role", f"must be one of {', '.join(_ROLES)}")
    return _ROLES[value]


def _id(claims: Mapping[str, Any], claim: str) -> str | None:
    """An id, or None if the claim is absent. An empty claim is an error: an empty `test` must not open all tests."""
    value = claims.get(claim)
    return None if value is None else as_id(claim, value)


def as_id(claim: str, value: object) -> str:
    """The value of this claim, which must be an id. Raises `Refused`."""
    if not isinstance(value, str):
        raise invalid(claim, "must be a text")
    try:
        return read_id(value)
    except ValueError as error:
        raise invalid(claim, str(error)) from None


def _ids(claims: Mapping[str, Any], one: str, several: str) -> frozenset[str] | None:
    """The ids of the claim `one`, or of `several`, a list; None where both are absent."""
    values = claims.get(several)
    if values is None:
        value = _id(claims, one)
        return None if value is None else frozenset({value})
    if claims.get(one) is not None:
        raise invalid(several, f"does not go with `{one}`")
    return as_ids(several, values)


def as_ids(claim: str, values: object) -> frozenset[str]:
    """The value of this claim, which must be a list of ids. Raises `Refused`."""
    if not isinstance(values, list) or not values:
        raise invalid(claim, "must be a list of ids, and not an empty one")
    return frozenset(as_id(claim, value) for value in values)


def _required(claims: Mapping[str, Any], claim: str) -> str:
    found = _id(claims, claim)
    if found is None:
        raise invalid(claim, "is missing")
    return found


def _described(claims: Mapping[str, Any], claim: str) -> str | None:
    """Like `_id`, but an empty text counts as absent: providers send one when a person lacks the attribute."""
    value = claims.get(claim)
    return None if isinstance(value, str) and not value.strip() else _id(claims, claim)


def _name(claims: Mapping[str, Any]) -> str | None:
    value = claims.get("name")
    return tidy_name(value) if isinstance(value, str) else None
