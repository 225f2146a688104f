"""A person's mark, however it comes: whether it counts at once, waits for a second one, or decides between two.

Refusals come in one order. First an id that was used for another attempt. Then the attempt's own
(`protocol.attempt.decisions.marking`): what could never count is never kept. Then those of the queue
(`second_marking.place_mark`).
"""

from hashlib import blake2b
from typing import Final

import msgspec
from msgspec.structs import replace

from protocol.attempt.commands import MarkByHand
from protocol.attempt.decide import decide
from protocol.attempt.hand_marks import answer_of, marked_as
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.points import spell_points
from protocol.rules.second_marking import Counts, Given, InQueue, Kept, needs_second, place_mark
from server.attempts.live import LiveAttempt
from server.node import Node
from server.orders import carry_out
from storage.marking_tasks import Place, Task

_QUICKER: Final = "Somebody else has marked this answer at the same moment. Look at it again."
_ID_BYTES: Final = 16


async def give_mark(node: Node, live: LiveAttempt, command: MarkByHand) -> Refusal | None:
    """Carries the mark out, or keeps it until it can count. Returns why it was refused. Raises `StorageUnavailable`."""
    attempt = await live.newest()
    if command.command_id in attempt.commands:
        return await _count(node, live, command)
    if _id_together(command) in attempt.commands:
        return None
    # Also the id of a mark that only waits is used.
    owner = await node.staff_commands.claim(
        attempt.identity.org_id, command.command_id, live.attempt_id, node.clock.now_ms()
    )
    if owner != live.attempt_id:
        return refuse(Code.COMMAND_REUSED)
    refused = decide(attempt, command, node.clock.now_ms(), live.sheet)
    if isinstance(refused, Refusal):
        return refused
    identity = attempt.identity
    rules = await node.tests.rules(identity.org_id, identity.test_id)
    assert rules is not None, "a test that was sat is not there"
    by_two = needs_second(rules, attempt.key, command.question_id)
    task = await _find(node, live, command, by_two)
    mine = Given(command.by.id, command.score_mpt, command.remark, command.criteria)
    answer = marked_as(answer_of(attempt.answers, command.question_id), command.max_mpt)
    queued = None if task is None else _in_queue(node, task, answer)
    fate = place_mark(rules, queued, mine, command.by.role, command.reason, command.max_mpt, by_two=by_two)
    if isinstance(fate, Refusal):
        return fate
    if task is not None and task.waits and (isinstance(fate, Kept) or fate.together != task.given):
        given, stage = (fate.given, fate.stage) if isinstance(fate, Kept) else (fate.together, task.stage)
        # Two who mark at the same moment don't overwrite each other.
        if given and not await node.marking_tasks.for_org(identity.org_id).keep(task, given, stage, answer):
            return refuse(Code.CLAIMED, _QUICKER)
    return None if isinstance(fate, Kept) else await _count(node, live, _as_decided(command, fate))


async def _find(node: Node, live: LiveAttempt, command: MarkByHand, by_two: bool) -> Task | None:
    tasks = node.marking_tasks.for_org(live.committed.identity.org_id)
    place = Place(live.attempt_id, command.question_id)
    task = await tasks.find(place)
    if task is None and by_two:
        # Whoever marks before the marker has looked at the attempt is not spared the second mark.
        await node.marker.mark([live.attempt_id])
        task = await tasks.find(place)
    return task


def _in_queue(node: Node, task: Task, answer: bytes) -> InQueue:
    held_by = task.held_by(node.clock.now_ms())
    return InQueue(task.stage, task.waits, task.given, held_by, same=task.answer in (None, answer))


def _as_decided(command: MarkByHand, fate: Counts) -> MarkByHand:
    """The mark that counts. Where two marks led to it, the log keeps what each of them was, and who gave it."""
    if not fate.together:
        return command
    marks = ", ".join(f"{one.by}: {spell_points(one.score_mpt)}" for one in fate.together)
    return replace(
        command,
        command_id=_id_together(command),
        score_mpt=fate.score_mpt,
        remark=fate.remark,
        criteria=fate.criteria,
        rubric=None if fate.is_mean else command.rubric,
        reason=f"{command.reason} (marked by two: {marks})".strip(),
    )


def _id_together(command: MarkByHand) -> str:
    """The id of the mark that follows from this command and another one: by it a repetition is known again."""
    asked = (
        command.command_id,
        command.by.id,
        command.question_id,
        command.score_mpt,
        command.remark,
        command.reason,
        command.criteria,
    )
    return "together-" + blake2b(msgspec.msgpack.encode(asked), digest_size=_ID_BYTES).hexdigest()


async def _count(node: Node, live: LiveAttempt, command: MarkByHand) -> Refusal | None:
    outcome = await carry_out(node, live, command)
    if isinstance(outcome, Refusal):
        return outcome
    await node.marker.mark([live.attempt_id])
    return None
