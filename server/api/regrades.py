"""Regrades: marking a test's attempts again after a key was wrong."""

import asyncio
from typing import Final

from protocol.codes import Code
from protocol.content import TestContent
from protocol.errors import Refused, refuse
from protocol.marking.again import find_difference, mark_again
from protocol.results import MarkChange, RegradeBody, RegradeProgress, RegradeReply
from protocol.rules.audit import ResultsRead
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_test
from server.ids import new_id
from storage.regrades import Job

_PAGE: Final = 200


async def regrade(call: Call) -> RegradeReply:
    test_id = (await find_test(call, call.path["test_id"])).test_id
    principal, body = call.principal, call.body
    assert isinstance(body, RegradeBody)
    if not principal.may_see_all_of(test_id):
        raise Refused(refuse(Code.FORBIDDEN, "Your token is for a part of this test alone."))
    keys = await _keys(call, test_id, body.key_version)
    if body.dry_run:
        return await _try(call, test_id, keys, body.after)
    regrade_id = new_id()
    job = Job(
        org_id=principal.org_id,
        regrade_id=regrade_id,
        test_id=test_id,
        key_version=body.key_version,
        reason=body.reason,
        role=principal.role.value,
        by_id=principal.actor.id,
        position=None,
        done=0,
        refused=0,
        claimed_until_ms=0,
    )
    await call.node.regrades.add(job, call.node.clock.now_ms())
    return RegradeReply(regrade_id=regrade_id, attempts=0, gain=0, lose=0, changes=[], next=None)


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


async def _try(call: Call, test_id: str, keys: TestContent, after: str | None) -> RegradeReply:
    """What the regrade would change, of one page of attempts."""
    found = await call.node.regrades.sat(call.principal.org_id, test_id, after and after.lower(), _PAGE)
    attempt_ids = [attempt_id for attempt_id, _ in found]
    await call.was_read(ResultsRead(test_id, key_version=call.body.key_version))
    org_id = call.principal.org_id
    results = await call.node.results.for_org(org_id).newest(attempt_ids)
    answers = await call.node.regrades.answers(org_id, attempt_ids)
    changes: list[MarkChange] = []
    for attempt_id, user_id in found:
        result = results.get(attempt_id)
        if result is None:
            continue
        score_mpt, max_mpt = mark_again(result, keys, answers[attempt_id])
        if (score_mpt, max_mpt) != (result.score_mpt, result.max_mpt):
            changes.append(
                MarkChange(
                    attempt_id=attempt_id,
                    user_id=user_id,
                    before_mpt=result.score_mpt,
                    after_mpt=score_mpt,
                    before_max_mpt=result.max_mpt,
                    after_max_mpt=max_mpt,
                )
            )
        # Those who sit are served in between.
        await asyncio.sleep(0)
    return RegradeReply(
        regrade_id=None,
        attempts=len(results),
        gain=sum(one.after_mpt > one.before_mpt for one in changes),
        lose=sum(one.after_mpt < one.before_mpt for one in changes),
        changes=changes,
        next=attempt_ids[-1] if len(found) == _PAGE else None,
    )


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
        refusals=(Code.NOT_FOUND, Code.QUESTIONS_DIFFER),
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
