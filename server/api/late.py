"""Answers that come after the end: the device brings them, staff see both versions and decide."""

from typing import Final

from protocol import limits
from protocol.attempt import view
from protocol.attempt.commands import DecideLate, HandLate
from protocol.attempt.late import LateAnswer
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.late import AnswerFileKey, LateAnswerBody, LateBody, LateDecisionBody, LateList, LateReply
from protocol.rules.audit import AnswersRead
from protocol.rules.rights import Act
from server.access.blind import is_blind
from server.api.endpoint import Call, Endpoint
from server.api.lookup import done, find_attempt, whose
from server.ids import new_id
from server.late.sealed import SealedFault
from server.late.shown import shown, without_instants
from server.marking.essays import questions_of
from server.orders import carry_out

MISFITS: Final = (
    Code.NOT_ENDED,
    Code.CANCELLED,
    Code.ABSENT,
    Code.LATE_NOT_TAKEN,
    Code.SEALED_LATE,
    Code.UNKNOWN_QUESTION,
    Code.SECTION_CLOSED,
    Code.SECTION_NOT_OPEN,
    Code.QUESTION_CLOSED,
    Code.WRONG_ANSWER_TYPE,
    Code.UNKNOWN_OPTION,
    Code.UNKNOWN_PART,
    Code.TOO_MANY_CHOICES,
    Code.ANSWER_TOO_LONG,
    Code.WRONG_MARKUP,
    Code.OUT_OF_RANGE,
    Code.TOO_MANY_OPERATIONS,
)
"""Why nothing of what came late is kept."""


def answers_in(bodies: list[LateAnswerBody]) -> tuple[LateAnswer, ...]:
    return tuple(LateAnswer(one.question_id, one.value, one.client_at_ms, one.base) for one in bodies)


async def hand_late(call: Call) -> LateReply:
    """What a device sends when its network is back. It needs no connection: after the end none is recorded."""
    live = await find_attempt(call)
    body: LateBody = call.body
    await live.newest()
    command = HandLate(call.principal.actor, body.device, answers_in(body.answers), body.client_now_ms)
    done(await live.run(command))
    return LateReply(state=view.state(live.committed))


async def get_key(call: Call) -> AnswerFileKey:
    live = await find_attempt(call)
    return AnswerFileKey(key=call.node.sealed_answers.key(live.attempt_id))


async def bring_file(call: Call) -> LateReply:
    """What a page has saved while it had no network, in the hands of staff, who can't read it."""
    live = await find_attempt(call)
    try:
        sealed = call.node.sealed_answers.open(live.attempt_id, call.body)
    except SealedFault as fault:
        raise Refused(refuse(Code.WRONG_ANSWER_FILE, str(fault))) from None
    await live.newest()
    answers = answers_in(sealed.answers)
    by, at_ms, server_ms = call.principal.actor, sealed.client_now_ms, sealed.server_now_ms
    done(await live.run(HandLate(by, sealed.device, answers, at_ms, server_ms, from_file=True)))
    return LateReply(state=view.state(live.committed))


async def list_late(call: Call) -> LateList:
    live = await find_attempt(call)
    attempt = await live.newest()
    questions = await questions_of(call.node.papers, live, live.sheet.test_version) if attempt.late else {}
    await call.was_read(AnswersRead(*whose(live), what="late"))
    late = shown(attempt, questions)
    rules = await call.node.tests.rules(call.principal.org_id, attempt.identity.test_id)
    if rules is None or is_blind(call.principal, rules):
        late = without_instants(late)
    return LateList(late=late)


async def decide_late(call: Call) -> LateReply:
    live = await find_attempt(call)
    body: LateDecisionBody = call.body
    await live.newest()
    command = DecideLate(
        by=call.principal.actor,
        command_id=body.command_id or new_id(),
        late_id=call.path["late_id"],
        accepted=tuple(body.accepted),
        reason=body.reason,
    )
    done(await carry_out(call.node, live, command))
    await call.node.marker.mark([live.attempt_id])
    return LateReply(state=view.state(live.committed))


_LATE: Final = "/test-attempts/{attempt_id}/late-answers"
_FILE: Final = "/test-attempts/{attempt_id}/answer-file"

ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_LATE,
        summary="Bring the answers that a device still had when the attempt ended. Staff decide whether they count.",
        handle=hand_late,
        body=LateBody,
        reply=LateReply,
        act=Act.SIT,
        refusals=(Code.NOT_FOUND, *MISFITS),
        max_body_bytes=limits.MAX_LATE_BYTES,
    ),
    Endpoint(
        method="GET",
        path=_LATE,
        summary="The answers that came after the end, each beside what was submitted.",
        handle=list_late,
        reply=LateList,
        act=Act.READ_ANSWERS,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path=_FILE + "-key",
        summary="The key for which a page seals answers that it saves in a file.",
        handle=get_key,
        reply=AnswerFileKey,
        act=Act.SIT,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="POST",
        path=_FILE,
        summary="Bring the answers that a page has saved in a file. The body is the file.",
        handle=bring_file,
        reply=LateReply,
        act=Act.BRING_ANSWERS,
        refusals=(Code.NOT_FOUND, Code.WRONG_ANSWER_FILE, Code.ANSWER_FILE_KNOWN, *MISFITS),
        raw=True,
        max_body_bytes=2 * limits.MAX_LATE_BYTES,
    ),
    Endpoint(
        method="POST",
        path=_LATE + "/{late_id}/decision",
        summary="Decide which of these late answers count. The attempt is marked again.",
        handle=decide_late,
        body=LateDecisionBody,
        reply=LateReply,
        act=Act.DECIDE_LATE,
        refusals=(
            Code.NOT_FOUND,
            Code.NOT_ENDED,
            Code.CANCELLED,
            Code.ABSENT,
            Code.ABANDONED,
            Code.REASON_REQUIRED,
            Code.UNKNOWN_LATE,
            Code.LATE_DECIDED,
            Code.UNKNOWN_QUESTION,
            Code.COMMAND_REUSED,
        ),
    ),
]
