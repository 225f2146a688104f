"""What people and groups are granted in place of the rules of a test."""

from collections.abc import Awaitable, Callable

from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.override import NOTHING
from protocol.rest.overrides import OverrideBody, OverrideList, OverrideReply
from protocol.rest.removed import Removed
from protocol.rules.audit import OverrideChanged
from protocol.rules.overrides import check_not_over, check_override, check_window
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import find_test, whole_organisation
from server.api.paging import PAGING, UPDATED_SINCE, next_of, order_of
from server.api.people import WHOSE, group_id_of, user_id_of, whose
from server.api.tags import Tagged, tag_of
from storage.overrides import EVERY_TEST, Candidate, Granted, Who
from storage.people import GROUP, USER

_OVERRIDES = Lines("overrides", OverrideReply, ("user_id", "group_id"), ("who", "changed_at_ms"))


async def _test_of(call: Call) -> str:
    """The test that the path names; empty: every test."""
    if "test_id" not in call.path:
        whole_organisation(call)
        return EVERY_TEST
    test_id = (await find_test(call, call.path["test_id"])).test_id
    if not call.principal.scope.has_all_of(test_id):
        raise Refused(refuse(Code.FORBIDDEN, "This is for those whose token reaches every candidate of the test."))
    return test_id


def _who(call: Call) -> Who:
    return Who(GROUP, group_id_of(call)) if "group_id" in call.path else Who(USER, user_id_of(call))


async def _is_known(call: Call, who: Who, test_id: str) -> bool:
    """Whether there is such a group; such a person, or a candidate who has an attempt at the test."""
    org_id, node = call.principal.org_id, call.node
    if who.kind == GROUP:
        return await node.people.group(org_id, who.id) is not None
    if await node.people.get(org_id, who.id) is not None:
        return True
    return test_id != EVERY_TEST and bool(await node.attempts.of_user(org_id, test_id, who.id))


async def _wrong_window(call: Call, who: Who, test_id: str) -> Refusal | None:
    """Why this window can't be at this test. Of a group whose members have other ends of their own nothing is known."""
    org_id, node = call.principal.org_id, call.node
    rules = None if test_id == EVERY_TEST else await node.tests.rules(org_id, test_id)
    if rules is None:
        return None
    if who.kind == GROUP:
        return check_window(call.body.override, rules)
    return check_window(call.body.override, rules, await node.overrides.besides_own(org_id, Candidate(test_id, who.id)))


async def put(call: Call) -> Tagged:
    test_id, who, body = await _test_of(call), _who(call), call.body
    refusal = check_override(body.override)
    if refusal is not None:
        raise Refused(refusal)
    refusal = await _wrong_window(call, who, test_id)
    if refusal is not None:
        raise Refused(refusal)
    if not await _is_known(call, who, test_id):
        raise Refused(refuse(Code.NOT_FOUND))
    now_ms, by = call.node.clock.now_ms(), call.principal.actor.id
    before = await call.node.overrides.get(call.principal.org_id, who, test_id)
    refusal = check_not_over(body.override, now_ms, NOTHING if before is None else before.override)
    if refusal is not None:
        raise Refused(refusal)
    granted = Granted(who, test_id, body.override, now_ms, by, body.reason)
    entry = OverrideChanged(test_id, who.kind, who.id, body.reason)
    revision = await call.node.overrides.put(call.principal.org_id, granted, call.note(entry), _as_expected(call))
    call.node.granting.changed(call.principal.org_id, revision, [who], test_id)
    return _tagged(granted)


async def show_one(call: Call) -> Tagged:
    test_id, who = await _test_of(call), _who(call)
    granted = await call.node.overrides.get(call.principal.org_id, who, test_id)
    if granted is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return _tagged(granted)


def _as_expected(call: Call) -> Callable[[Granted | None], None]:
    return lambda granted: call.expects.check(None if granted is None else _reply(granted).etag)


def _tagged(granted: Granted) -> Tagged:
    reply = _reply(granted)
    return Tagged(reply, reply.etag)


async def remove(call: Call) -> Removed:
    test_id, who = await _test_of(call), _who(call)
    entry = OverrideChanged(test_id, who.kind, who.id, "", removed=True)
    revision, removed = await call.node.overrides.remove(
        call.principal.org_id, who, test_id, call.note(entry), _as_expected(call)
    )
    call.node.granting.changed(call.principal.org_id, revision, [who], test_id)
    return Removed(removed=removed)


async def show(call: Call) -> OverrideList:
    test_id = await _test_of(call)
    order, limit = order_of(call, _OVERRIDES)
    since_ms = call.query.get("updated_since_ms")
    found = await call.node.overrides.list(call.principal.org_id, test_id, order, limit, whose(call), since_ms)
    who: list[Callable[[Granted], str | int]] = [lambda one: one.who.kind, lambda one: one.who.id]
    return OverrideList(
        overrides=[_reply(granted) for granted in found],
        next=next_of(call, found, limit, *([_changed_at] if order.by == "changed_at_ms" else []), *who),
    )


def _changed_at(granted: Granted) -> int:
    return granted.changed_at_ms


def _reply(granted: Granted) -> OverrideReply:
    who = granted.who
    return OverrideReply(
        test_id=granted.test_id or None,
        user_id=who.id if who.kind == USER else None,
        group_id=who.id if who.kind == GROUP else None,
        override=granted.override,
        changed_at_ms=granted.changed_at_ms,
        changed_by=granted.changed_by,
        reason=granted.reason,
        etag=tag_of(granted),
    )


def _endpoint(
    method: str, path: str, summary: str, handle: Callable[[Call], Awaitable[object]], reply: type, *codes: Code
) -> Endpoint:
    return Endpoint(
        method=method,
        path=path,
        summary=summary,
        handle=handle,
        body=OverrideBody if method == "PUT" else None,
        reply=reply,
        act=Act.OVERRIDE,
        query=(*WHOSE, UPDATED_SINCE, *_OVERRIDES.query, *PAGING) if reply is OverrideList else (),
        lines=_OVERRIDES if reply is OverrideList else None,
        refusals=(Code.WRONG_CURSOR if reply is OverrideList else Code.INVALID_ID, *codes),
        tagged=reply is not OverrideList,
    )


_TEST = "/tests/{test_id}/overrides"
_EVERY_TEST = "/overrides"
_PLACES = ((_TEST, "one test", (Code.NOT_FOUND,)), (_EVERY_TEST, "every test", ()))
_REFUSED = (Code.NOT_FOUND, Code.INVALID_OVERRIDE)
_WHO = (("/users/{user_id}", "a candidate"), ("/groups/{group_id}", "a group"))

ENDPOINTS = [
    *(
        _endpoint("PUT", base + path, f"Grant {who} something at {at}.", put, OverrideReply, *_REFUSED)
        for base, at, _ in _PLACES
        for path, who in _WHO
    ),
    *(
        _endpoint("GET", base + path, f"What {who} is granted at {at}.", show_one, OverrideReply, Code.NOT_FOUND)
        for base, at, _ in _PLACES
        for path, who in _WHO
    ),
    *(
        _endpoint("DELETE", base + path, f"Take back what {who} is granted at {at}.", remove, Removed, *codes)
        for base, at, codes in _PLACES
        for path, who in _WHO
    ),
    *(
        _endpoint("GET", base, f"What is granted at {at}, a page at a time.", show, OverrideList, *codes)
        for base, at, codes in _PLACES
    ),
]
