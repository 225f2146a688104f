"""Keys by which services call: made, shown, renewed and withdrawn."""

from functools import partial
from typing import Final

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import Id
from protocol.names import tidy_name
from protocol.rest.api_keys import ApiKeyBody, ApiKeyList, ApiKeyMade, ApiKeyReply, RenewBody
from protocol.rest.removed import Removed
from protocol.rules.rights import Act, may_give
from protocol.rules.scope import TokenScope
from server.access.service_keys import make_secret, scope_of
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import named_id
from server.api.paging import PAGING, next_line, order_of
from server.api.people import org_of
from server.api.query import Query
from server.api.tokens import ABOVE, WIDER, listed, role_named, scope_asked
from server.ids import canonical_id, new_id
from storage.api_keys import ApiKey, Full, Reach
from storage.sorting import page_in_memory

_KEYS: Final = Lines("keys", ApiKeyReply, ("key_id",), ("made_at_ms", "expires_at_ms", "role", "user_id", "name"))
_BY_A_KEY: Final = (
    "A key can't make or renew keys, nor a token that was given by one: whoever finds one must not be able to stay."
)


def _check(call: Call, role: str, scope: TokenScope) -> None:
    """Whether the caller may hand out what such a key opens. Raises `Refused(forbidden)`."""
    principal = call.principal
    if principal.by_key is not None:
        raise Refused(refuse(Code.FORBIDDEN, _BY_A_KEY))
    if not may_give(principal.role, role_named(role)):
        raise Refused(refuse(Code.FORBIDDEN, ABOVE))
    if not scope.lies_in(principal.scope):
        raise Refused(refuse(Code.FORBIDDEN, WIDER))


async def make(call: Call) -> ApiKeyMade:
    body: ApiKeyBody = call.body
    org_id, scope = org_of(call), scope_asked(call.principal, body)
    _check(call, body.role, scope)
    if role_named(body.role) is Role.CANDIDATE:
        raise Refused(refuse(Code.OUT_OF_RANGE, "A candidate has a token or a link, and no key."))
    user_id = named_id("user_id", body.user_id)
    key_id, now_ms = new_id(), call.node.clock.now_ms()
    text, secret = make_secret(key_id, now_ms, body.lifetime_ms)
    key = ApiKey(
        org_id=org_id,
        key_id=key_id,
        role=body.role,
        user_id=user_id,
        name=tidy_name(body.name) or user_id,
        reach=Reach(listed(scope.branches), listed(scope.tests), listed(scope.groups)),
        secrets=[secret],
        made_at_ms=now_ms,
        made_by=call.principal.actor.id,
        changed_at_ms=now_ms,
    )
    try:
        await call.node.api_keys.add(key, call.principal.actor)
    except Full:
        raise Refused(refuse(Code.API_KEYS_FULL)) from None
    call.node.service_keys.learn(key)
    return ApiKeyMade(key=_reply(key), secret=text)


async def list_keys(call: Call) -> ApiKeyList:
    org_id, (order, limit) = org_of(call), order_of(call, _KEYS)
    role, user_id = call.query.get("role"), call.query.get("user_id")
    found = [
        _reply(key)
        for key in await call.node.api_keys.of(org_id)
        if role in (None, key.role) and user_id in (None, key.user_id)
    ]
    page = page_in_memory(found, partial(_KEYS.place_of, by=order.by), order, limit)
    return ApiKeyList(keys=page, next=next_line(call, _KEYS, page, order, limit))


async def _find(call: Call) -> ApiKey:
    """The one that the path names. Raises `Refused(not_found)`."""
    org_id, key_id = org_of(call), canonical_id(call.path["key_id"])
    found = None if key_id is None else await call.node.api_keys.get(org_id, key_id)
    if found is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return found


async def show(call: Call) -> ApiKeyReply:
    return _reply(await _find(call))


async def renew(call: Call) -> ApiKeyMade:
    before, body = await _find(call), call.body
    _check(call, before.role, scope_of(before))
    now_ms = call.node.clock.now_ms()
    text, secret = make_secret(before.key_id, now_ms, body.lifetime_ms)
    old_ends_ms = now_ms + body.overlap_ms
    after = await call.node.api_keys.renew(
        before.org_id, before.key_id, secret, old_ends_ms, call.principal.actor, now_ms
    )
    if after is None:
        raise Refused(refuse(Code.API_KEY_REVOKED))
    call.node.service_keys.learn(after)
    call.node.connections.end_revoked(call.node.service_keys.is_revoked)
    old = next((one.ends_at_ms for one in after.secrets[1:]), None)
    return ApiKeyMade(key=_reply(after), secret=text, old_ends_at_ms=old)


async def revoke(call: Call) -> Removed:
    before, now_ms = await _find(call), call.node.clock.now_ms()
    revoked = await call.node.api_keys.revoke(before.org_id, before.key_id, call.principal.actor, now_ms)
    if revoked is None:
        return Removed(removed=False)
    call.node.service_keys.learn(revoked)
    call.node.connections.end_revoked(call.node.service_keys.is_revoked)
    return Removed(removed=True)


def _reply(key: ApiKey) -> ApiKeyReply:
    return ApiKeyReply(
        key_id=key.key_id,
        role=key.role,
        user_id=key.user_id,
        name=key.name,
        branches=key.reach.branches,
        tests=key.reach.tests,
        groups=key.reach.groups,
        made_at_ms=key.made_at_ms,
        made_by=key.made_by,
        expires_at_ms=key.secrets[0].ends_at_ms,
        revoked_at_ms=key.revoked_at_ms,
        last_used_ms=key.last_used_ms,
    )


_ALL: Final = "/api-keys"
_ONE: Final = "/api-keys/{key_id}"

ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_ALL,
        summary="Make a key for a service: of no more rights and no wider scope than your own.",
        handle=make,
        body=ApiKeyBody,
        reply=ApiKeyMade,
        act=Act.KEEP_KEYS,
        status=201,
        refusals=(Code.INVALID_ID, Code.OUT_OF_RANGE, Code.API_KEYS_FULL),
    ),
    Endpoint(
        method="GET",
        path=_ALL,
        summary="The keys of the organisation, without their secrets.",
        handle=list_keys,
        reply=ApiKeyList,
        act=Act.KEEP_KEYS,
        query=(
            Query("role", Id, says="Keys that may do what this role may."),
            Query("user_id", Id, says="Keys of this service."),
            *_KEYS.query,
            *PAGING,
        ),
        lines=_KEYS,
        refusals=(Code.WRONG_CURSOR,),
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        summary="One key, without its secret.",
        handle=show,
        reply=ApiKeyReply,
        act=Act.KEEP_KEYS,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/secret",
        summary="Give a key a new secret; the old one stays good for a while, and what stands on it ends with it.",
        handle=renew,
        body=RenewBody,
        reply=ApiKeyMade,
        act=Act.KEEP_KEYS,
        refusals=(Code.NOT_FOUND, Code.API_KEY_REVOKED),
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        summary="Withdraw a key for good. Connections and tokens of staff that stand on it end.",
        handle=revoke,
        reply=Removed,
        act=Act.KEEP_KEYS,
        refusals=(Code.NOT_FOUND,),
    ),
]
