"""Tokens that somebody gives to others: of no more rights, no wider scope and no longer life than her own."""

from typing import Final

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.ids import normalize_id
from protocol.rest.api_keys import ApiKeyBody
from protocol.rest.tokens import TokenBody, TokenReply
from protocol.rules.audit import TokenGiven
from protocol.rules.rights import Act, may_give
from protocol.rules.scope import TokenScope
from server.access.finding import find_for
from server.access.principal import Principal
from server.api.endpoint import Call, Endpoint
from server.api.lookup import named_id
from server.ids import canonical_id

ABOVE: Final = "You may give no token of this role: it has rights that yours has not."
WIDER: Final = "You may give no token that reaches further than your own."
_FOR_A_CANDIDATE: Final = "A candidate's token may name an attempt of hers, tests and one branch."


async def give(call: Call) -> TokenReply:
    body: TokenBody = call.body
    principal, node = call.principal, call.node
    role = role_named(body.role)
    if not may_give(principal.role, role):
        raise Refused(refuse(Code.FORBIDDEN, ABOVE))
    user_id = named_id("user_id", body.user_id)
    scope = scope_asked(principal, body)
    if principal.attempt_id is not None or not scope.lies_in(principal.scope):
        raise Refused(refuse(Code.FORBIDDEN, WIDER))
    attempt_id = await _attempt(call, role, scope, user_id)
    now_ms = node.clock.now_ms()
    token = node.tokens.mint(
        role,
        user_id,
        principal.org_id,
        lifetime_ms=_lifetime_ms(principal, role, body.lifetime_ms, now_ms),
        name=body.name,
        attempt_id=attempt_id,
        branches=scope.branches,
        tests=scope.tests,
        groups=scope.groups,
        # An exam does not end because a key is withdrawn.
        by_key=None if role is Role.CANDIDATE else principal.by_key,
    )
    made = await node.tokens.verify(token)
    reply = TokenReply(
        token=token,
        token_id=made.token_id or "",
        role=role,
        user_id=user_id,
        attempt_id=attempt_id,
        branches=listed(scope.branches),
        tests=listed(scope.tests),
        groups=listed(scope.groups),
        expires_at_ms=made.expires_at_ms,
    )
    entry = TokenGiven(
        reply.token_id,
        role,
        user_id,
        made.expires_at_ms,
        attempt_id,
        *(None if ids is None else tuple(ids) for ids in (reply.branches, reply.tests, reply.groups)),
    )
    await node.audit.add(principal.org_id, principal.actor, entry, now_ms)
    return reply


def role_named(name: str) -> Role:
    """The role of this name. Raises `Refused(out_of_range)`."""
    known = [role.value for role in Role if role is not Role.SYSTEM]
    if name not in known:
        raise Refused(refuse(Code.OUT_OF_RANGE, f"`role` must be one of {', '.join(known)}."))
    return Role(name)


def scope_asked(principal: Principal, body: TokenBody | ApiKeyBody) -> TokenScope:
    """What is asked for; where nothing is, what the giver has."""
    own = principal.scope
    return TokenScope(
        own.branches if body.branches is None else frozenset(map(normalize_id, body.branches)),
        own.tests if body.tests is None else frozenset(map(normalize_id, body.tests)),
        own.groups if body.groups is None else frozenset(map(normalize_id, body.groups)),
    )


async def _attempt(call: Call, role: Role, scope: TokenScope, user_id: str) -> str | None:
    """The attempt that a candidate's token is for. It must be hers, and one that the giver may see."""
    wanted: str | None = call.body.attempt_id
    several = scope.branches is not None and len(scope.branches) > 1
    if role is Role.CANDIDATE and (scope.groups is not None or several):
        raise Refused(refuse(Code.OUT_OF_RANGE, _FOR_A_CANDIDATE))
    if wanted is None:
        own = call.principal.scope
        if role is Role.CANDIDATE and (own.branches is not None or own.groups is not None):
            # A candidate has all her attempts, wherever they were made.
            raise Refused(refuse(Code.FORBIDDEN, WIDER))
        return None
    if role is not Role.CANDIDATE:
        raise Refused(refuse(Code.OUT_OF_RANGE, "Only a candidate's token is for one attempt."))
    live = await find_for(call.node, call.principal, canonical_id(wanted))
    if live is None or live.committed.identity.user_id != user_id:
        raise Refused(refuse(Code.NOT_FOUND))
    return live.attempt_id


def _lifetime_ms(principal: Principal, role: Role, wanted_ms: int | None, now_ms: int) -> int:
    """Staff can't prolong what they have by giving it to themselves. A candidate's token may have to last until an
    exam that its service does not see any more."""
    lifetime_ms = wanted_ms or limits.GIVEN_TOKEN_LIFE_MS
    return lifetime_ms if role is Role.CANDIDATE else min(lifetime_ms, principal.expires_at_ms - now_ms)


def listed(ids: frozenset[str] | None) -> list[str] | None:
    """The ids of a limit, as a body has them."""
    return None if ids is None else sorted(ids)


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/tokens",
        summary="Give somebody a token: of no more rights and no wider scope than your own; to staff for no longer.",
        handle=give,
        body=TokenBody,
        reply=TokenReply,
        act=Act.GIVE_TOKENS,
        status=201,
        refusals=(Code.NOT_FOUND, Code.INVALID_ID, Code.OUT_OF_RANGE),
    ),
]
