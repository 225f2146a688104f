"""Acts on many attempts at a test: accepted at once, carried out by any node, answered for each attempt."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec.structs import replace

from protocol import limits
from protocol.attempt.decisions.staff import unreadable
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.orders import COMMANDS, name_of, reason_of
from protocol.rest.bulk import (
    BulkBody,
    BulkList,
    BulkReply,
    BulkTarget,
    BulkTargets,
    LeftOut,
    LeftOutList,
)
from protocol.rules.bulk import act_of, unknown_statuses
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import find_test, named_address
from server.api.paging import PAGING, next_of, order_of
from server.api.query import YES_OR_NO, Query
from server.ids import canonical_id
from server.selecting import select
from storage.attempts import identity_of
from storage.bulk import DONE, Bulk, Outcome, Target

_NEWEST: Final = 20
_GONE: Final = refuse(Code.NOT_FOUND, "There is no such attempt at this test.")


async def give(call: Call) -> BulkReply:
    test_id = (await find_test(call, call.path["test_id"])).test_id
    body = call.body
    assert isinstance(body, BulkBody)
    principal, node = call.principal, call.node
    _check(call, body)
    bulk_id = named_address("bulk_id", body.bulk_id)
    # Asked for again, it is good for longer, and the same act.
    request = blake2b(msgspec.json.encode((test_id, replace(body, until_ms=None))), digest_size=16).digest()
    there = await node.bulk_acts.get(principal.org_id, bulk_id)
    if there is None:
        if body.until_ms is not None and node.clock.now_ms() >= body.until_ms:
            raise Refused(refuse(Code.TOO_LATE))
        targets = await _targets(call, test_id, body)
        act = Bulk(
            org_id=principal.org_id,
            bulk_id=bulk_id,
            test_id=test_id,
            order=body.order,
            filter=body.filter,
            scope=principal.scope,
            request=request,
            role=principal.role.value,
            by_id=principal.actor.id,
            total=len(targets),
            done=0,
            refused=sum(outcome is not None for outcome in targets.values()),
            created_at_ms=node.clock.now_ms(),
            claimed_until_ms=None,
            ended_at_ms=None,
        )
        there = await node.bulk_acts.add(act, targets)
        node.bulk.hurry()
    if (there.request, there.by) != (request, principal.actor):
        raise Refused(refuse(Code.COMMAND_REUSED))
    return _reply(there)


def _check(call: Call, body: BulkBody) -> None:
    """Raises `Refused` for an order that its giver may not give, or that no attempt could take."""
    order = body.order
    if not call.principal.may(act_of(order)):
        raise Refused(refuse(Code.FORBIDDEN))
    command = COMMANDS.get(type(order))
    unread = None if command is None else unreadable(command, reason_of(order), getattr(order, "said", None))
    if unread is not None:
        raise Refused(unread)
    if body.attempt_ids is None and body.filter is None:
        raise Refused(refuse(Code.MISSING_FIELD, "Name the attempts by attempt_ids, or by filter."))
    if body.filter is not None and (unknown := unknown_statuses(body.filter)):
        raise Refused(refuse(Code.OUT_OF_RANGE, f"There is no status {unknown[0]!r} of an attempt."))


async def _targets(call: Call, test_id: str, body: BulkBody) -> dict[str, Outcome | None]:
    """The attempts that the act is for; of those that its giver may not see the outcome is known. Raises `Refused`
    where there is none."""
    principal, node = call.principal, call.node
    if body.attempt_ids is None:
        assert body.filter is not None
        found = await select(node, principal.org_id, test_id, principal.scope, body.filter)
        targets: dict[str, Outcome | None] = {row.attempt_id: None for row in found}
    else:
        attempt_ids = [_attempt_id(text) for text in body.attempt_ids]
        there = await _visible(call, test_id, attempt_ids)
        targets = {one: None if one in there else Outcome(_GONE.code, _GONE.detail) for one in attempt_ids}
    if not targets:
        raise Refused(refuse(Code.NOBODY_FITS))
    if len(targets) > limits.MAX_BULK_TARGETS:
        raise Refused(refuse(Code.OUT_OF_RANGE, f"That is {len(targets)} attempts: at most 20,000 go into one act."))
    return targets


def _attempt_id(text: str) -> str:
    attempt_id = canonical_id(text)
    if attempt_id is None:
        raise Refused(refuse(Code.INVALID_ID, "A value of attempt_ids is the id of no attempt."))
    return attempt_id


async def _visible(call: Call, test_id: str, attempt_ids: Sequence[str]) -> set[str]:
    """Those of the attempts that are at the test and that the caller may see."""
    node, principal = call.node, call.principal
    groups = principal.scope.groups
    members = frozenset() if groups is None else await node.people.in_any(principal.org_id, groups)
    found: set[str] = set()
    for card in await node.attempts.for_org(principal.org_id).identities(attempt_ids):
        identity = identity_of(card)
        hers = groups if groups is not None and identity.user_id in members else ()
        if identity.test_id == test_id and principal.may_see(identity, hers):
            found.add(card.attempt_id)
    return found


async def _find(call: Call) -> Bulk:
    """The act that the path names, if the caller gave it, or may see every attempt that it may be for."""
    principal = call.principal
    act = await call.node.bulk_acts.get(principal.org_id, call.path["bulk_id"])
    if act is None or not _may_see(call, act):
        raise Refused(refuse(Code.NOT_FOUND, "There is no such act."))
    return act


def _may_see(call: Call, act: Bulk) -> bool:
    principal = call.principal
    return principal.may_see_test(act.test_id) and (
        principal.actor == act.by or principal.scope.reaches_all(act.test_id, act.scope)
    )


async def show(call: Call) -> BulkTargets:
    act = await _find(call)
    order, limit = order_of(call, _TARGETS)
    refused = bool(call.query.get("refused"))
    found = await call.node.bulk_acts.targets(act.org_id, act.bulk_id, order, limit, refused=refused)
    return BulkTargets(
        act=_reply(act),
        targets=[_target(one) for one in found],
        next=next_of(call, found, limit, lambda one: one.attempt_id),
    )


async def show_left_out(call: Call) -> LeftOutList:
    act = await _find(call)
    left_out: list[LeftOut] = []
    if act.filter is not None:
        taken = await call.node.bulk_acts.attempts_of(act.org_id, act.bulk_id)
        rows = await select(call.node, act.org_id, act.test_id, call.principal.scope, act.filter)
        others = [row for row in rows if row.attempt_id not in taken]
        # Who was erased since is among the targets no more, and may have been one.
        cards = await call.node.attempts.for_org(act.org_id).identities([row.attempt_id for row in others])
        erased = {card.attempt_id for card in cards if card.erased_at_ms is not None}
        left_out = [
            LeftOut(attempt_id=row.attempt_id, user_id=row.user_id, name=row.name, status=row.status)
            for row in others
            if row.attempt_id not in erased
        ]
    return LeftOutList(bulk_id=act.bulk_id, left_out=left_out)


async def show_newest(call: Call) -> BulkList:
    test_id = (await find_test(call, call.path["test_id"])).test_id
    found = await call.node.bulk_acts.newest(call.principal.org_id, test_id, _NEWEST)
    return BulkList(acts=[_reply(act) for act in found if _may_see(call, act)])


def _reply(act: Bulk) -> BulkReply:
    return BulkReply(
        bulk_id=act.bulk_id,
        test_id=act.test_id,
        command=name_of(act.order),
        reason=reason_of(act.order),
        by=act.by_id,
        role=act.role,
        status="running" if act.ended_at_ms is None else "ended",
        total=act.total,
        done=act.done,
        refused=act.refused,
        created_at_ms=act.created_at_ms,
        ended_at_ms=act.ended_at_ms,
    )


def _target(one: Target) -> BulkTarget:
    hidden = one.code == Code.NOT_FOUND
    return BulkTarget(
        attempt_id=one.attempt_id,
        user_id="" if hidden or one.user_id is None else one.user_id,
        name="" if hidden or one.name is None else one.name,
        outcome="waiting" if one.outcome is None else "done" if one.outcome == DONE else "refused",
        code=one.code,
        detail=one.detail,
    )


_BULK = "/tests/{test_id}/bulk"
_TARGETS: Final = Lines("targets", BulkTarget, ("attempt_id",), ("attempt_id",))

ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_BULK,
        summary="Do something to many attempts at a test. Any node carries it out, and it is answered for each.",
        handle=give,
        body=BulkBody,
        reply=BulkReply,
        # What the order asks for is a right of its own.
        act=Act.WATCH,
        status=202,
        refusals=(
            Code.NOT_FOUND,
            Code.INVALID_ID,
            Code.MISSING_FIELD,
            Code.OUT_OF_RANGE,
            Code.REASON_REQUIRED,
            Code.NOBODY_FITS,
            Code.COMMAND_REUSED,
            Code.TOO_LATE,
        ),
        max_body_bytes=limits.MAX_BULK_BODY_BYTES,
    ),
    Endpoint(
        method="GET",
        path=_BULK,
        summary="The newest acts on many attempts at a test.",
        handle=show_newest,
        reply=BulkList,
        act=Act.WATCH,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path="/bulk/{bulk_id}",
        summary="An act on many attempts: how far it has come, and what has become of it for each, a page at a time.",
        handle=show,
        reply=BulkTargets,
        act=Act.WATCH,
        query=(Query("refused", YES_OR_NO, says="1: those alone that were refused."), *_TARGETS.query, *PAGING),
        lines=_TARGETS,
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
    Endpoint(
        method="GET",
        path="/bulk/{bulk_id}/left-out",
        summary="Whom an act with a filter did not reach because they came later.",
        handle=show_left_out,
        reply=LeftOutList,
        act=Act.WATCH,
        refusals=(Code.NOT_FOUND,),
    ),
]
