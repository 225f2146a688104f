"""The queue of answers that persons mark: what waits, and who has which answer in hand."""

from typing import Annotated, Final

from msgspec import Meta

from protocol import limits
from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refused, refuse
from protocol.messages.base import Id
from protocol.rest.marking import (
    AnswerToMark,
    By,
    ClaimBody,
    ClaimReply,
    GivenMark,
    MarkingQueue,
    QuestionWaiting,
    QueuedAnswer,
    StageName,
    UnclaimBody,
    UnclaimReply,
)
from protocol.rules.audit import AnswersRead
from protocol.rules.rights import Act
from protocol.rules.second_marking import Stage, alias_of
from server.access.blind import is_blind
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_test, whose
from server.api.query import Query
from server.ids import canonical_id
from server.marking.essays import essays_of
from storage.marking_tasks import InLine, Place, Queue, Task, Wanted

_PAGE: Final = 100
_FILTERS: Final = (Query("question_id", Id), Query("attempt_id", Id), Query("user_id", Id), Query("after", Id))
"""Which answers are meant, in a list and where one is taken in hand."""
_STAGES: Final[dict[Stage, StageName]] = {Stage.FIRST: "first", Stage.SECOND: "second", Stage.DECISION: "decision"}


async def list_queue(call: Call) -> MarkingQueue:
    test = await find_test(call, call.path["test_id"])
    by: By = call.query.get("by", "question")
    queue = Queue(test.org_id, test.test_id, by, call.principal.scope)
    limit: int = call.query.get("limit", _PAGE)
    waiting = call.node.marking_tasks.for_org(test.org_id)
    wanted = _wanted(call, test.content.rules, {query.name: call.query.get(query.name) for query in _FILTERS})
    tasks = [] if wanted is None else await waiting.list(queue, wanted, limit)
    counts = await waiting.counts(queue)
    return MarkingQueue(
        test_id=test.test_id,
        by=by,
        blind=is_blind(call.principal, test.content.rules),
        waiting=sum(counts.values()),
        questions=[QuestionWaiting(question_id=name, waiting=count) for name, count in counts.items()],
        answers=[_queued(call, task, test.content.rules) for task in tasks],
        next=_named(tasks[-1].in_line) if len(tasks) == limit else None,
    )


async def claim(call: Call) -> ClaimReply:
    test = await find_test(call, call.path["test_id"])
    body: ClaimBody = call.body
    queue = Queue(test.org_id, test.test_id, body.by, call.principal.scope)
    rules = test.content.rules
    wanted = _wanted(call, rules, {query.name: getattr(body, query.name) for query in _FILTERS})
    found = None if wanted is None else await _claim(call, queue, wanted, rules)
    counts = await call.node.marking_tasks.for_org(test.org_id).counts(queue)
    return ClaimReply(task=found, waiting=sum(counts.values()))


async def _claim(call: Call, queue: Queue, wanted: Wanted, rules: Rules) -> AnswerToMark | None:
    node, user_id, now_ms = call.node, call.principal.actor.id, call.node.clock.now_ms()
    until_ms = now_ms + limits.MARKING_LEASE_MS
    may_decide = call.principal.may(Act.CORRECT_MARK)
    tasks = node.marking_tasks.for_org(queue.org_id)
    while True:
        task = await tasks.claim(queue, wanted, user_id, now_ms, until_ms, may_decide=may_decide)
        if task is None:
            return None
        live = await node.registry.get(task.place.attempt_id)
        essays = [] if live is None else await essays_of(node, live)
        essay = next((one for one in essays if one.question_id == task.place.question_id), None)
        if live is None or essay is None:
            # Its row is behind its log: the marker is about to take it out of the queue.
            wanted = wanted._replace(after=task.in_line)
            continue
        await call.was_read(AnswersRead(*whose(live), "essays"))
        return AnswerToMark(
            answer=_queued(call, task, rules),
            body=essay.body,
            passage=essay.passage,
            media=essay.media,
            parts=essay.parts,
            min_mpt=essay.min_mpt,
            max_mpt=essay.max_mpt,
            given=[
                GivenMark(score_mpt=one.score_mpt, remark=one.remark, criteria=list(one.criteria)) for one in task.given
            ]
            if task.stage is Stage.DECISION
            else [],
            outdated_mpt=essay.outdated_mpt,
            rubric=essay.rubric,
            claimed_until_ms=until_ms,
            place=_named(task.in_line),
        )


async def unclaim(call: Call) -> UnclaimReply:
    test = await find_test(call, call.path["test_id"])
    body: UnclaimBody = call.body
    tasks = call.node.marking_tasks.for_org(test.org_id)
    attempt_id = canonical_id(body.attempt_id)
    if attempt_id is not None and is_blind(call.principal, test.content.rules):
        attempt_id = await tasks.attempt_of(attempt_id)
    if attempt_id is None:
        return UnclaimReply(released=False)
    place = Place(attempt_id, body.question_id)
    return UnclaimReply(released=await tasks.release(place, call.principal.actor.id))


def _queued(call: Call, task: Task, rules: Rules) -> QueuedAnswer:
    blind = is_blind(call.principal, rules)
    held_by = task.held_by(call.node.clock.now_ms())
    return QueuedAnswer(
        attempt_id=task.handle if blind else task.place.attempt_id,
        question_id=task.place.question_id,
        candidate=alias_of(task.handle) if blind else task.name or task.user_id,
        user_id=None if blind else task.user_id,
        stage=_STAGES[task.stage],
        returned=task.returned,
        claimed=held_by is not None,
        yours=held_by == call.principal.actor.id,
    )


def _wanted(call: Call, rules: Rules, said: dict[str, str | None]) -> Wanted | None:
    """The answers that are asked for; None: the id is that of no attempt. Raises `Refused`."""
    blind = is_blind(call.principal, rules)
    if said["user_id"] is not None and blind:
        raise Refused(refuse(Code.FORBIDDEN, "This test is marked blind: its answers are not found by candidate."))
    attempt_id = None if said["attempt_id"] is None else canonical_id(said["attempt_id"])
    if said["attempt_id"] is not None and attempt_id is None:
        return None
    which = {"handle": attempt_id} if blind else {"attempt_id": attempt_id}
    return Wanted(said["question_id"], user_id=said["user_id"], after=_place(said["after"]), **which)


def _named(in_line: InLine) -> str:
    return f"{in_line.handle}/{in_line.question_id}"


def _place(text: str | None) -> InLine | None:
    """The place that a list or a claim named. Raises `Refused(out_of_range)`."""
    if text is None:
        return None
    handle, _, question_id = text.partition("/")
    found = canonical_id(handle)
    if found is None or not question_id:
        raise Refused(refuse(Code.OUT_OF_RANGE, "`after` must be what a list of this queue calls `next`."))
    return InLine(found, question_id)


_QUEUE: Final = "/tests/{test_id}/marking-queue"

ENDPOINTS = [
    Endpoint(
        method="GET",
        path=_QUEUE,
        summary="The answers that wait for a person's mark, question by question or candidate by candidate.",
        handle=list_queue,
        reply=MarkingQueue,
        act=Act.MARK,
        query=(
            Query("by", By),
            Query("limit", Annotated[int, Meta(ge=1, le=_PAGE)]),
            *_FILTERS,
        ),
        refusals=(Code.NOT_FOUND, Code.OUT_OF_RANGE),
    ),
    Endpoint(
        method="POST",
        path=f"{_QUEUE}/claim",
        summary="Take the next answer in hand, so that nobody else marks it at the same time.",
        handle=claim,
        body=ClaimBody,
        reply=ClaimReply,
        act=Act.MARK,
        refusals=(Code.NOT_FOUND, Code.OUT_OF_RANGE),
    ),
    Endpoint(
        method="POST",
        path=f"{_QUEUE}/release",
        summary="Let go of an answer without a mark.",
        handle=unclaim,
        body=UnclaimBody,
        reply=UnclaimReply,
        act=Act.MARK,
        refusals=(Code.NOT_FOUND,),
    ),
]
