"""The candidate's numbered operations, and the submission."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from protocol import limits
from protocol.attempt import view
from protocol.attempt.commands import HandIn, Operate
from protocol.attempt.kinds import ASKED
from protocol.attempt.model import ENDED, Status
from protocol.codec import explain_json
from protocol.codes import Code
from protocol.errors import Refusal, Refused, WireError
from protocol.messages.base import Id, Number
from protocol.messages.operations import Answer, Operation, Submit
from protocol.operations import OPERATIONS, Handling
from protocol.rest.body import Body
from protocol.rest.operations import (
    OPERATION_BODIES,
    AnswersBody,
    CompleteBody,
    NumberedAnswer,
    OperationRefused,
    OperationsReply,
)
from protocol.rules.rights import Act
from server.api.endpoint import BAD_NUMBER, CONNECTION, HAS_ENDED, Call, Endpoint
from server.api.lookup import connection_of, done, find_attempt, heard_over_rest
from server.attempts.live import LiveAttempt
from server.attempts.several import run_all


class UnreadAnswers(Body, frozen=True, kw_only=True):
    """An `AnswersBody` whose answers are not decoded yet: one that can't be decoded must not spoil the others."""

    connection_id: Id | None = None
    answers: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=limits.MAX_REST_OPERATIONS)]


class _Numbered(msgspec.Struct):
    n: Number


_answer: Final = msgspec.json.Decoder(NumberedAnswer)
_numbered: Final = msgspec.json.Decoder(_Numbered)


async def post_answers(call: Call) -> OperationsReply:
    body: UnreadAnswers = call.body
    return await _operate(call, await find_attempt(call), [_read_answer(raw) for raw in body.answers])


def _read_answer(raw: msgspec.Raw) -> Answer | WireError:
    try:
        one = _answer.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return WireError(explain_json(error).refusal, _number_in(raw))
    return Answer(one.n, one.question_id, one.value, one.position, one.client_at_ms)


def _number_in(raw: msgspec.Raw) -> int | None:
    try:
        return _numbered.decode(raw).n
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


async def complete(call: Call) -> OperationsReply:
    """Hands in. Repeating the call gives the same reply: how and when the attempt ended."""
    live = await find_attempt(call)
    body: CompleteBody = call.body
    if body.n is None:
        done(await live.run(HandIn(call.principal.actor, body.client_at_ms, connection_of(call))))
        return _reply(call, live, [], [])
    reply = await _operate(call, live, [Submit(body.n, body.client_at_ms)])
    if reply.refused and live.committed.status not in ENDED:
        first = reply.refused[0]
        raise Refused(Refusal(Code(first.code), first.detail))
    return reply


def _handle(kind: type[Operation]) -> Callable[[Call], Awaitable[OperationsReply]]:
    """Executes one operation of this kind; if it is refused, the call is refused."""

    async def handle(call: Call) -> OperationsReply:
        fields = asdict(call.body)
        del fields["connection_id"]
        reply = await _operate(call, await find_attempt(call), [kind(**fields)])
        if reply.refused:
            first = reply.refused[0]
            raise Refused(Refusal(Code(first.code), first.detail))
        return reply

    return handle


async def _operate(call: Call, live: LiveAttempt, operations: Sequence[Operation | WireError]) -> OperationsReply:
    actor, connection_id = call.principal.actor, connection_of(call)
    if connection_id is not None:
        await call.node.losses.end_if_lost(live, connection_id)
    readable = [operation for operation in operations if not isinstance(operation, WireError)]
    for one in readable:
        call.node.budgets.charge_search(call.principal, live.committed, one)
    commands = [Operate(actor, connection_id, operation) for operation in readable]
    decided = iter(await run_all(live, commands, hasty=call.node.budgets.is_hasty(call.principal)))
    outcomes = [one.refusal if isinstance(one, WireError) else next(decided) for one in operations]
    if connection_id is not None:
        heard_over_rest(call, live, connection_id)
    acked: list[int] = []
    refused: list[OperationRefused] = []
    for index, (operation, outcome) in enumerate(zip(operations, outcomes, strict=True)):
        n = operation.n
        if isinstance(outcome, Refusal):
            call.node.tally.refuse(outcome.code)
            refused.append(
                OperationRefused(index=index, n=n, code=outcome.code, detail=outcome.detail, retry=outcome.retry)
            )
        elif n is not None and n <= outcome.attempt.last_n:
            acked.append(n)
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


def _endpoint(kind: type[Operation], handling: Handling) -> Endpoint:
    fact = ASKED[kind]
    return Endpoint(
        method="PUT",
        path=f"{_ATTEMPT}/{handling.path}",
        summary=" ".join((kind.__doc__ or "").split()).split(". ")[0].rstrip(".") + ".",
        handle=_handle(kind),
        body=OPERATION_BODIES[kind],
        reply=OperationsReply,
        act=Act.SIT,
        refusals=(
            Code.NOT_FOUND,
            *CONNECTION,
            *(() if Status.INITIATED in fact.origins else (Code.NOT_STARTED,)),
            *(() if fact.late else (Code.PAUSED,)),
            *(() if fact.origins >= ENDED else HAS_ENDED),
            *BAD_NUMBER,
            *handling.misfits,
        ),
    )


ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_ATTEMPT + "/answers",
        summary="Answer questions. Each answer is durable or refused by itself.",
        handle=post_answers,
        body=AnswersBody,
        reads=UnreadAnswers,
        reply=OperationsReply,
        act=Act.SIT,
        refusals=(Code.NOT_FOUND, Code.MISSING_FIELD),
        cost=lambda body: max(1, len(body.answers)),
    ),
    *(_endpoint(kind, handling) for kind, handling in OPERATIONS.items() if handling.path is not None),
    Endpoint(
        method="POST",
        path=_ATTEMPT + "/complete",
        summary="Hand in. Repeating it says the same again.",
        handle=complete,
        body=CompleteBody,
        reply=OperationsReply,
        act=Act.SIT,
        refusals=(
            Code.NOT_FOUND,
            *CONNECTION,
            Code.NOT_STARTED,
            Code.PAUSED,
            Code.TOO_EARLY,
            Code.GAPS,
            *HAS_ENDED,
            *BAD_NUMBER,
        ),
    ),
]
