"""The candidate's numbered operations, and the submission."""

import asyncio
from collections.abc import Sequence

from protocol.attempt import view
from protocol.attempt.commands import HandIn, Operate
from protocol.attempt.model import Role
from protocol.attempt.transitions import ENDED
from protocol.codes import Code
from protocol.errors import Refusal, Refused
from protocol.messages import Answer, Flag, Operation, Progress, Receipt, Submit
from protocol.rest import (
    AnswersBody,
    CompleteBody,
    FlagBody,
    OperationRefused,
    OperationsReply,
    ProgressBody,
    ReceiptBody,
)
from server.api.endpoint import BAD_NUMBER, CANDIDATE, HAS_ENDED, Call, Endpoint
from server.api.lookup import done, find_attempt
from server.attempts.live import LiveAttempt


async def post_answers(call: Call) -> OperationsReply:
    body: AnswersBody = call.body
    operations = [Answer(one.n, one.question_id, one.value, one.position, one.client_at_ms) for one in body.answers]
    return await _operate(call, await find_attempt(call), operations)


async def put_progress(call: Call) -> OperationsReply:
    body: ProgressBody = call.body
    return await _one(call, Progress(body.n, body.question_index, body.client_at_ms))


async def put_flag(call: Call) -> OperationsReply:
    body: FlagBody = call.body
    return await _one(call, Flag(body.n, body.question_id, body.flagged, body.client_at_ms))


async def put_receipt(call: Call) -> OperationsReply:
    body: ReceiptBody = call.body
    return await _one(call, Receipt(body.n, body.message_id, body.seen, body.client_at_ms))


async def complete(call: Call) -> OperationsReply:
    """Says the same however often it is asked: the attempt has ended, thus and then."""
    live = await find_attempt(call)
    body: CompleteBody = call.body
    if body.n is None:
        done(await live.run(HandIn(call.principal.actor, body.client_at_ms)))
        return _reply(call, live, [], [])
    reply = await _operate(call, live, [Submit(body.n, body.client_at_ms)])
    if reply.refused and live.committed.status not in ENDED:
        first = reply.refused[0]
        raise Refused(Refusal(Code(first.code), first.detail))
    return reply


async def _one(call: Call, operation: Operation) -> OperationsReply:
    """A single operation: its refusal is the call's."""
    reply = await _operate(call, await find_attempt(call), [operation])
    if reply.refused:
        first = reply.refused[0]
        raise Refused(Refusal(Code(first.code), first.detail))
    return reply


async def _operate(call: Call, live: LiveAttempt, operations: Sequence[Operation]) -> OperationsReply:
    actor = call.principal.actor
    # Offered in one go, so that they are decided in their order and committed together.
    outcomes = await asyncio.gather(*(live.run(Operate(actor, None, operation)) for operation in operations))
    if actor.role is Role.CANDIDATE:
        call.node.heard_of(live, call.node.clock.now_ms())
    acked: list[int] = []
    refused: list[OperationRefused] = []
    for operation, outcome in zip(operations, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            call.node.tally.refuse(outcome.code)
            refused.append(
                OperationRefused(n=operation.n, code=outcome.code, detail=outcome.detail, retry=outcome.retry)
            )
        elif operation.n <= outcome.attempt.last_n:
            acked.append(operation.n)
    return _reply(call, live, acked, refused)


def _reply(call: Call, live: LiveAttempt, acked: list[int], refused: list[OperationRefused]) -> OperationsReply:
    attempt = live.committed
    return OperationsReply(
        acked=acked,
        refused=refused,
        seq=attempt.seq,
        committed_at_ms=call.node.clock.now_ms(),
        state=view.state(attempt),
    )


_ATTEMPT = "/test-attempts/{attempt_id}"
_REFUSALS = (
    Code.NOT_FOUND,
    Code.NOT_STARTED,
    Code.PAUSED,
    *HAS_ENDED,
    *BAD_NUMBER,
    Code.UNKNOWN_QUESTION,
)

ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_ATTEMPT + "/answers",
        summary="Answer questions. Each answer is durable or refused by itself.",
        handle=post_answers,
        body=AnswersBody,
        reply=OperationsReply,
        roles=CANDIDATE,
        refusals=(Code.NOT_FOUND,),
        cost=lambda body: max(1, len(body.answers)),
    ),
    Endpoint(
        method="PUT",
        path=_ATTEMPT + "/progress",
        summary="The candidate has moved to another question.",
        handle=put_progress,
        body=ProgressBody,
        reply=OperationsReply,
        roles=CANDIDATE,
        refusals=_REFUSALS,
    ),
    Endpoint(
        method="PUT",
        path=_ATTEMPT + "/flags",
        summary="Mark a question to come back to, or take the mark away.",
        handle=put_flag,
        body=FlagBody,
        reply=OperationsReply,
        roles=CANDIDATE,
        refusals=_REFUSALS,
    ),
    Endpoint(
        method="PUT",
        path=_ATTEMPT + "/receipts",
        summary="A message from staff has arrived, or was dismissed.",
        handle=put_receipt,
        body=ReceiptBody,
        reply=OperationsReply,
        roles=CANDIDATE,
        refusals=(Code.NOT_FOUND, Code.UNKNOWN_MESSAGE_ID, *BAD_NUMBER),
    ),
    Endpoint(
        method="POST",
        path=_ATTEMPT + "/complete",
        summary="Hand in. Repeating it says the same again.",
        handle=complete,
        body=CompleteBody,
        reply=OperationsReply,
        roles=CANDIDATE,
        refusals=(Code.NOT_FOUND, Code.NOT_STARTED, Code.PAUSED, *HAS_ENDED, *BAD_NUMBER),
    ),
]
