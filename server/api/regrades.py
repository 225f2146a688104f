"""Regrades: marking a test's attempts again after a key was wrong."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from msgspec.structs import replace

from protocol.codes import Code
from protocol.content import TestContent
from protocol.errors import Refused, refuse
from protocol.marking.again import find_difference
from protocol.rest.gradebook import RegradeBody, RegradeProgress, RegradeReply
from protocol.rules.audit import ResultsRead
from protocol.rules.rights import Act
from protocol.texts import shows_nothing
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_test, named_address
from server.ids import new_id
from server.marking import trial
from server.marking.trial import Order
from storage.regrades import Job
from storage.statistics import Selection
from storage.tests import StoredTest

_PAGE: Final = 200
_MOST_DIGITS: Final = 15
_LOOK_AGAIN: Final = "try it again, and see what it comes to now."


async def regrade(call: Call) -> RegradeReply:
    test = await find_test(call, call.path["test_id"])
    test_id, principal, body = test.test_id, call.principal, call.body
    assert isinstance(body, RegradeBody)
    if not principal.may_see_all_of(test_id):
        raise Refused(refuse(Code.FORBIDDEN, "Your token is for a part of this test alone."))
    if body.dry_run:
        await call.was_read(ResultsRead(test_id, key_version=body.key_version))
        return await _try(call, test, await _keys(call, test_id, body.key_version))
    if shows_nothing(body.reason):
        raise Refused(refuse(Code.REASON_REQUIRED))
    job = Job(
        org_id=principal.org_id,
        regrade_id=new_id() if body.regrade_id is None else named_address("regrade_id", body.regrade_id),
        test_id=test_id,
        key_version=body.key_version,
        reason=body.reason,
        role=principal.role.value,
        by_id=principal.actor.id,
        position=None,
        done=0,
        refused=0,
        created_at_ms=call.node.clock.now_ms(),
        claimed_until_ms=0,
    )
    # One that was accepted stays accepted, whatever was sat since: it is looked for before the keys are.
    there = await call.node.regrades.get(job.org_id, job.regrade_id)
    if there is None:
        keys = await _keys(call, test_id, body.key_version)
        if body.seen is not None:
            await _try(call, test, keys)
        there = await call.node.regrades.add(job)
    if there.regrade_id != job.regrade_id and there.key_version != job.key_version:
        detail = f"Attempts are just being marked again by the keys of version {there.key_version}: {_LOOK_AGAIN}"
        raise Refused(refuse(Code.ACTED_MEANWHILE, detail))
    if there.regrade_id == job.regrade_id and not there.is_as(job):
        raise Refused(refuse(Code.COMMAND_REUSED))
    return RegradeReply(regrade_id=there.regrade_id, seen=None, totals=None, changes=[], next=None)


async def _keys(call: Call, test_id: str, version: int) -> TestContent:
    """The version with the keys, if all that were sat ask the same questions."""
    tests, org_id = call.node.tests, call.principal.org_id
    keys = await tests.get(org_id, test_id, version)
    if keys is None:
        raise Refused(refuse(Code.NOT_FOUND, "The test has no such version."))
    for sat in await call.node.regrades.versions(org_id, test_id):
        other = await tests.get(org_id, test_id, sat)
        assert other is not None, "a version of a test stays"
        question_id = find_difference(other.content, keys.content)
        if question_id is not None:
            detail = f"Version {sat} was sat, and version {version} asks question {question_id!r} differently."
            raise Refused(refuse(Code.QUESTIONS_DIFFER, detail))
    return keys.content


async def _try(call: Call, test: StoredTest, keys: TestContent) -> RegradeReply:
    """What the regrade would come to, with one page of those who change. Raises `Refused(acted_meanwhile)` where that
    is no longer what the caller has `seen`."""
    body: RegradeBody = call.body
    until_ms = call.node.clock.now_ms() if body.seen is None else _seen_until_ms(body.seen)
    order = Order(keys, test.content.rules.grades, body.after and body.after.lower(), _PAGE)
    selection = Selection(test.org_id, test.test_id, ended_by_ms=until_ms)
    found = await call.node.analyst.ask(test.org_id, trial, msgspec.json.encode(order), _sat(call, selection))
    reply = msgspec.json.decode(found, type=RegradeReply)
    seen = f"{until_ms}-{reply.seen}"
    if body.seen not in (None, seen):
        raise Refused(refuse(Code.ACTED_MEANWHILE, f"Marks have changed since this was tried: {_LOOK_AGAIN}"))
    return replace(reply, seen=seen)


def _seen_until_ms(seen: str) -> int:
    until_ms = seen.partition("-")[0]
    if not (until_ms.isascii() and until_ms.isdecimal() and len(until_ms) <= _MOST_DIGITS):
        raise Refused(refuse(Code.OUT_OF_RANGE, "`seen` must be what a dry run says."))
    return int(until_ms)


async def _sat(call: Call, selection: Selection) -> AsyncIterator[bytes]:
    after: str | None = None
    while page := await call.node.statistics.sat(selection, after, _PAGE):
        for one in page:
            yield one.lines()
        after = page[-1].attempt_id


async def get_progress(call: Call) -> RegradeProgress:
    test_id = (await find_test(call, call.path["test_id"])).test_id
    if not call.principal.may_see_all_of(test_id):
        raise Refused(refuse(Code.NOT_FOUND))
    found = await call.node.regrades.progress(call.principal.org_id, test_id, call.path["regrade_id"])
    if found is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return found


_REGRADES = "/tests/{test_id}/regrades"

ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_REGRADES,
        summary="Mark the ended attempts of a test again by the keys of one of its versions; or say who would change.",
        handle=regrade,
        body=RegradeBody,
        reply=RegradeReply,
        act=Act.REGRADE,
        refusals=(
            Code.NOT_FOUND,
            Code.REASON_REQUIRED,
            Code.QUESTIONS_DIFFER,
            Code.ACTED_MEANWHILE,
            Code.INVALID_ID,
            Code.OUT_OF_RANGE,
            Code.COMMAND_REUSED,
            Code.OVERLOADED,
        ),
        late=Code.OVERLOADED,
    ),
    Endpoint(
        method="GET",
        path=_REGRADES + "/{regrade_id}",
        summary="How far a regrade has come.",
        handle=get_progress,
        reply=RegradeProgress,
        act=Act.REGRADE,
        refusals=(Code.NOT_FOUND,),
    ),
]
