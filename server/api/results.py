"""Results, and marking by hand."""

from typing import Final

from msgspec.structs import replace

from protocol import limits
from protocol.attempt.commands import MarkByHand
from protocol.attempt.model import Attempt, Role, Status
from protocol.attempt.view import formal_warnings
from protocol.codes import Code
from protocol.content import Rules, TestContent
from protocol.errors import Refusal, Refused, refuse
from protocol.marking.question import lowest_mark
from protocol.messages.base import Value
from protocol.rest.results import EssayList, MarkBody, Result
from protocol.rest.tokens import ResultTokenBody, ResultTokenReply
from protocol.rules.audit import AnswersRead, ResultsRead, TokenGiven
from protocol.rules.grading import standing
from protocol.rules.release import (
    archived_result_of,
    counting_for,
    for_candidate,
    for_marker,
    held_back,
    is_over,
    marks_from_ms,
    result_of,
)
from protocol.rules.rights import Act
from protocol.rules.second_marking import alias_of, handle_of
from server.access.blind import is_blind, only_marks, shown_id
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_attempt, find_kept, whose
from server.attempts.live import LiveAttempt
from server.ids import canonical_id, new_id
from server.marking.essays import content_of, essays_of, key_version_of, questions_of
from server.marking.hand_marking import give_mark
from server.media.shown import shown_media
from server.node import Node
from storage.attempts import identity_of

_LONGEST_MS: Final = 24 * 3_600_000
"""A page that is left open for longer asks once more."""


async def get_result(call: Call) -> Result:
    result = await _result(call)
    await call.was_read(ResultsRead(result.test_id, result.attempt_id, result.user_id))
    return result


async def _result(call: Call) -> Result:
    if call.principal.role is Role.CANDIDATE:
        return await shown_to_candidate(call)
    try:
        return await _for_staff(call)
    except Refused as error:
        if error.refusal.code is not Code.ARCHIVED or only_marks(call.principal):
            raise
        return await _of_archived(call, to_candidate=False)


async def _for_staff(call: Call) -> Result:
    """Staff see every result."""
    live = await find_attempt(call)
    attempt = await live.newest()
    stored = await call.node.results.for_org(call.principal.org_id).get(live.attempt_id)
    result = result_of(attempt, stored, await _rules(call, live), to_candidate=False)
    if isinstance(result, Refusal):
        raise Refused(result)
    # Whoever only marks is not to be led by what happened in the room.
    reads = call.principal.may(Act.READ_RESULTS)
    return replace(result, warnings=formal_warnings(attempt)) if reads else result


async def shown_to_candidate(call: Call) -> Result:
    """A candidate sees what the newest version of the test allows, also after a change, and also where the log is in an
    archive."""
    try:
        return await _by_log(call)
    except Refused as error:
        if error.refusal.code is not Code.ARCHIVED:
            raise
        return await _of_archived(call, to_candidate=True)


async def _by_log(call: Call) -> Result:
    live = await find_attempt(call, for_result=True)
    attempt = await live.newest()
    rules = await _rules(call, live)
    org_id, test_id, user_id = attempt.identity.org_id, attempt.identity.test_id, attempt.identity.user_id
    hers, job = await call.node.results.of_candidate(org_id, test_id, user_id)
    regrade = None if job is None else job.ordered
    stored = next((one.result for one in hers if one.attempt_id == live.attempt_id), None)
    result = result_of(attempt, stored, rules, regrade, to_candidate=True)
    if isinstance(result, Refusal):
        raise Refused(result)
    from_ms = await shown_from_ms(call.node, org_id, test_id, rules)
    shown = _with_media(call, for_candidate(result, rules, from_ms, await _keys(call, live, result), _values(attempt)))
    counting = counting_for(
        rules, standing(rules, hers, regrade), live.attempt_id, this_alone=call.principal.only_result
    )
    return replace(shown, counting=counting, leaderboard=rules.leaderboard)


async def _of_archived(call: Call, *, to_candidate: bool) -> Result:
    """Of an attempt whose log is in an archive: what was stored, as the newest rules show it."""
    node, principal, org_id = call.node, call.principal, call.principal.org_id
    attempts = node.attempts.for_org(org_id)
    attempt_id = canonical_id(call.path["attempt_id"]) or ""
    row, card = await attempts.row(attempt_id), await attempts.identity(attempt_id)
    assert row is not None and card is not None, "an attempt that was found has a row"  # noqa: PT018
    if principal.has_expired(node.clock.now_ms()):
        raise Refused(refuse(Code.TOKEN_EXPIRED))
    rules = await _rules_of(call, card.test_id)
    stored = await node.results.for_org(org_id).get(attempt_id)
    result = archived_result_of(Status(row.status), stored, rules, to_candidate=to_candidate)
    if isinstance(result, Refusal):
        raise Refused(result)
    if not to_candidate:
        return result
    from_ms = await shown_from_ms(node, org_id, card.test_id, rules)
    keys = (await node.papers.of(identity_of(card), result.key_version or result.test_version)).test.content
    values = {one.question_id: one.value for one in await node.answers.of(attempt_id)}
    hers, _ = await node.results.of_candidate(org_id, card.test_id, card.user_id)
    counting = counting_for(rules, standing(rules, hers, None), attempt_id, this_alone=principal.only_result)
    return replace(
        _with_media(call, for_candidate(result, rules, from_ms, keys, values)),
        counting=counting,
        leaderboard=rules.leaderboard,
    )


async def shown_from_ms(node: Node, org_id: str, test_id: str, rules: Rules) -> int | None:
    """From when on the marks of single questions are shown; None: now. Raises `Refused` where nothing is shown yet."""
    now_ms = node.clock.now_ms()
    sat_until_ms = await node.sitting.until_ms(org_id, test_id) if is_over(rules, now_ms) else None
    from_ms = marks_from_ms(rules, now_ms, sat_until_ms)
    released_ms = await node.releases.since_ms(org_id, test_id) if rules.release == "by_staff" else None
    refusal = held_back(rules, released_ms, from_ms)
    if refusal is not None:
        # Where staff release, nobody knows when.
        by_time = None if rules.release == "by_staff" else from_ms
        raise Refused(refusal, None if by_time is None else min(by_time - now_ms, _LONGEST_MS))
    return from_ms


async def _keys(call: Call, live: LiveAttempt, result: Result) -> TestContent:
    """The version of the test by which it was marked."""
    return await content_of(call.node.papers, live, result.key_version or result.test_version)


def _values(attempt: Attempt) -> dict[str, Value]:
    return {question_id: saved.value for question_id, saved in attempt.answers.items()}


def _with_media(call: Call, result: Result) -> Result:
    """With the addresses of the files that its feedback names."""
    if not result.feedback and all(mark.feedback is None for mark in result.marks):
        return result
    address = call.node.media_addresses.address
    return replace(result, media=shown_media(address, call.principal.org_id, (result.marks, result.feedback)))


async def make_result_token(call: Call) -> ResultTokenReply:
    """Also before the end: it shows nothing then."""
    identity = await find_kept(call)
    wanted: ResultTokenBody = call.body
    lifetime_ms = wanted.lifetime_ms or limits.RESULT_TOKEN_LIFE_MS
    token = call.node.tokens.mint(
        Role.CANDIDATE,
        identity.user_id,
        identity.org_id,
        lifetime_ms=lifetime_ms,
        attempt_id=identity.attempt_id,
        only_result=True,
    )
    made = await call.node.tokens.verify(token)
    entry = TokenGiven(made.token_id or "", made.role, identity.user_id, made.expires_at_ms, identity.attempt_id)
    await call.node.audit.add(identity.org_id, call.principal.actor, entry, call.node.clock.now_ms())
    return ResultTokenReply(attempt_id=identity.attempt_id, token=token, expires_at_ms=made.expires_at_ms)


async def _rules(call: Call, live: LiveAttempt) -> Rules:
    """The rules of the test's newest version."""
    return await _rules_of(call, live.committed.identity.test_id)


async def _rules_of(call: Call, test_id: str) -> Rules:
    rules = await call.node.tests.rules(call.principal.org_id, test_id)
    if rules is None:
        raise LookupError("a test that was sat is not there")
    return rules


async def get_essays(call: Call) -> EssayList:
    live = await find_attempt(call)
    await live.newest()
    principal = call.principal
    essays = await essays_of(call.node, live, principal.actor.id if only_marks(principal) else None)
    await call.was_read(AnswersRead(*whose(live), "essays"))
    return EssayList(attempt_id=shown_id(call.principal, await _rules(call, live), live.committed), essays=essays)


async def put_mark(call: Call) -> Result:
    live = await find_attempt(call)
    body: MarkBody = call.body
    question_id = call.path["question_id"]
    await live.newest()
    key_version = key_version_of(live)
    question = (await questions_of(call.node.papers, live, key_version)).get(question_id)
    command = MarkByHand(
        by=call.principal.actor,
        command_id=body.command_id or new_id(),
        question_id=question_id,
        score_mpt=body.score_mpt,
        max_mpt=0 if question is None else question.points_mpt,
        remark=body.remark,
        reason=body.reason,
        min_mpt=0 if question is None else lowest_mark(question),
        seen_mpt=body.max_mpt,
        key_version=key_version,
        criteria=tuple(body.criteria),
        rubric=() if question is None else tuple(question.rubric),
    )
    refusal = await give_mark(call.node, live, command)
    if refusal is not None:
        raise Refused(refusal)
    result = await _result(call)
    if not call.principal.may(Act.READ_RESULTS):
        result = for_marker(result, question_id)
    if is_blind(call.principal, await _rules(call, live)):
        handle = handle_of(live.committed.key)
        result = replace(result, attempt_id=handle, user_id=alias_of(handle))
    return result


_ATTEMPT = "/test-attempts/{attempt_id}"

ENDPOINTS = [
    Endpoint(
        method="GET",
        path=_ATTEMPT + "/result",
        summary="The marks of an ended attempt; for a candidate once they are complete.",
        handle=get_result,
        reply=Result,
        act=Act.READ_RESULTS,
        own=True,
        shows_result=True,
        refusals=(
            Code.NOT_FOUND,
            Code.NOT_ENDED,
            Code.NOT_READY,
            Code.NOT_RELEASED,
            Code.RESULT_HIDDEN,
            Code.CANCELLED,
            Code.ABSENT,
            Code.ABANDONED,
        ),
    ),
    Endpoint(
        method="POST",
        path=_ATTEMPT + "/result-token",
        summary="Make a token that shows the candidate her result, when the test shows it, and nothing else.",
        handle=make_result_token,
        body=ResultTokenBody,
        reply=ResultTokenReply,
        act=Act.SHOW_RESULT,
        status=201,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path=_ATTEMPT + "/essays",
        summary="The answers that a person has to mark, with what the marker needs.",
        handle=get_essays,
        reply=EssayList,
        act=Act.MARK,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="PUT",
        path=_ATTEMPT + "/marks/{question_id}",
        summary="Mark one answer by hand, and learn what it came to: who may not read results, of this mark alone.",
        handle=put_mark,
        body=MarkBody,
        reply=Result,
        act=Act.MARK,
        refusals=(
            Code.NOT_FOUND,
            Code.UNKNOWN_QUESTION,
            Code.WRONG_MARK,
            Code.COMMAND_REUSED,
            Code.TOO_MANY_OPERATIONS,
            Code.NOT_ENDED,
            Code.MARKS_FINAL,
            Code.CLAIMED,
            Code.CANCELLED,
            Code.ABSENT,
            Code.ABANDONED,
        ),
    ),
]
