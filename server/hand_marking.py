"""A person's mark, however it comes: whether it counts at once, waits for a second one, or decides between two."""

from typing import Final

from protocol.attempt.commands import MarkByHand
from protocol.attempt.decide import decide
from protocol.attempt.hand_marks import answer_of, marked_as
from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refusal, refuse
from protocol.rules.rights import Act, may
from protocol.rules.second_marking import Stage, agreed, needs_second
from server.attempts.live import LiveAttempt
from server.node import Node
from server.orders import carry_out
from storage.marking_tasks import Given, Place, Task

_CHANGED: Final = "This answer, or what it is worth, has changed since it was marked. Look at it again in a moment."
_QUICKER: Final = "Somebody else has marked this answer at the same moment. Look at it again."


async def give_mark(node: Node, live: LiveAttempt, command: MarkByHand) -> Refusal | None:
    """Carries the mark out, or keeps it until it can count. Returns why it was refused. Raises `StorageUnavailable`."""
    attempt = await live.newest()
    identity = attempt.identity
    tasks = node.marking_tasks.for_org(identity.org_id)
    task = await tasks.find(Place(identity.attempt_id, command.question_id))
    if task is None or command.command_id in attempt.commands:
        return await _count(node, live, command)
    held_by = task.held_by(node.clock.now_ms())
    if held_by not in (None, command.by.id):
        return refuse(Code.CLAIMED)
    if task.answer not in (None, marked_as(answer_of(attempt.answers, command.question_id), command.max_mpt)):
        return refuse(Code.CLAIMED, _CHANGED)
    rules = await node.tests.rules(identity.org_id, identity.test_id)
    assert rules is not None, "a test that was sat is not there"
    if task.stage is Stage.FIRST and not needs_second(rules, identity.attempt_id, command.question_id):
        return await _count(node, live, command)
    # What could not count is refused before it is kept.
    decision = decide(attempt, command, node.clock.now_ms(), live.sheet)
    if isinstance(decision, Refusal):
        return decision
    return await _with_others(node, live, task, command, rules)


async def _with_others(node: Node, live: LiveAttempt, task: Task, command: MarkByHand, rules: Rules) -> Refusal | None:
    tasks = node.marking_tasks.for_org(live.committed.identity.org_id)
    mine = Given(command.by.id, command.score_mpt, command.remark)
    answer = marked_as(answer_of(live.committed.answers, command.question_id), command.max_mpt)
    if task.stage is Stage.DECISION:
        if mine.by in (one.by for one in task.given) and not may(command.by.role, Act.CORRECT_MARK):
            return refuse(Code.FORBIDDEN, "The two markers differ by too much: somebody else decides.")
        return await _count(node, live, _as_decided(command, task.given, command.score_mpt, command.remark))
    first = task.given[0] if task.given else None
    if first is None or first.by == mine.by:
        # Until there is a second mark, the first one is its marker's to change.
        kept = await tasks.keep(task, (mine,), Stage.SECOND, answer)
        return None if kept else refuse(Code.CLAIMED, _QUICKER)
    both = (first, mine)
    score_mpt = agreed(rules, first.score_mpt, mine.score_mpt, command.max_mpt)
    stage = Stage.DECISION if score_mpt is None else Stage.SECOND
    if not await tasks.keep(task, both, stage, answer):
        return refuse(Code.CLAIMED, _QUICKER)
    if score_mpt is None:
        return None
    remarks = dict.fromkeys(one.remark for one in both if one.remark)
    return await _count(node, live, _as_decided(command, both, score_mpt, "\n".join(remarks)))


def _as_decided(command: MarkByHand, given: tuple[Given, ...], score_mpt: int, remark: str) -> MarkByHand:
    """The mark that counts. The log keeps what each of the two had given, and who they were."""
    marks = ", ".join(f"{one.by}: {one.score_mpt / 1000:g}" for one in given)
    reason = f"{command.reason} (marked by two: {marks})".strip()
    return MarkByHand(command.by, command.command_id, command.question_id, score_mpt, command.max_mpt, remark, reason)


async def _count(node: Node, live: LiveAttempt, command: MarkByHand) -> Refusal | None:
    outcome = await carry_out(node, live, command)
    if isinstance(outcome, Refusal):
        return outcome
    await node.marker.mark([live.attempt_id])
    return None
