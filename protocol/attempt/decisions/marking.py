"""Marks, by a person and by the marker."""

from protocol.attempt.commands import Assess, MarkByHand, Regrade
from protocol.attempt.decisions.rules import ALREADY, Decision, barred, next_record, repeated, too_many_commands
from protocol.attempt.facts import Assessed, Completed, HandMarked, Regraded
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Attempt, Status
from protocol.attempt.sheet import Sheet
from protocol.codes import Code
from protocol.content import rubric_fault
from protocol.errors import refuse
from protocol.rules.rights import Act, may
from protocol.texts import shows_nothing

_HAND_MARKED, _REGRADED, _ASSESSED = KIND_OF[HandMarked], KIND_OF[Regraded], KIND_OF[Assessed]


def mark_by_hand(attempt: Attempt, command: MarkByHand, now_ms: int, sheet: Sheet) -> Decision:
    """A person's mark for one answer of an ended attempt. When the marks are complete, it is a correction: it takes a
    reason, and the right to correct. What was carried out is known again first, whatever the question is worth by now.
    Refusals come in this order: the attempt, the right, the reason, the question, its points, the mark."""
    if command.command_id in attempt.commands:
        return repeated(attempt, command)
    refusal = barred(attempt, _HAND_MARKED, now_ms)
    if refusal is not None:
        return refusal
    if attempt.status is Status.COMPLETED and not attempt.awaiting_marks:
        if not may(command.by.role, Act.CORRECT_MARK):
            return refuse(Code.FORBIDDEN)
        if shows_nothing(command.reason):
            return refuse(Code.MARKS_FINAL)
    if sheet.question(command.question_id) is None:
        return refuse(Code.UNKNOWN_QUESTION)
    other_keys = (command.key_version or attempt.test_version) != (attempt.key_version or attempt.test_version)
    if other_keys or command.seen_mpt not in (None, command.max_mpt):
        return refuse(Code.WRONG_MARK, "This question is worth other points by now. Look at the answer again.")
    least, most = command.min_mpt, command.max_mpt
    if not least <= command.score_mpt <= most:
        return refuse(Code.WRONG_MARK, f"The mark must lie between {least} and {most} thousandths of a point.")
    fault = None if command.rubric is None else rubric_fault(command.rubric, command.criteria, command.score_mpt)
    if fault is not None:
        return refuse(Code.WRONG_MARK, fault)
    refusal = too_many_commands(attempt, _HAND_MARKED)
    fact = HandMarked(
        command.question_id,
        command.score_mpt,
        command.max_mpt,
        command.remark,
        command.command_id,
        command.reason,
        command.criteria,
    )
    return refusal or (next_record(attempt, command.by, now_ms, fact),)


def regrade(attempt: Attempt, command: Regrade, now_ms: int) -> Decision:
    """Other keys for an ended attempt."""
    if command.command_id in attempt.commands:
        return repeated(attempt, command)
    refusal = barred(attempt, _REGRADED, now_ms)
    if refusal is not None:
        return refusal
    if shows_nothing(command.reason):
        return refuse(Code.REASON_REQUIRED)
    if command.key_version == (attempt.key_version or attempt.test_version):
        return ALREADY
    fact = Regraded(command.key_version, command.command_id, command.reason)
    return (next_record(attempt, command.by, now_ms, fact),)


def assess(attempt: Attempt, command: Assess, now_ms: int) -> Decision:
    """The marker's marks. Those of a submission that was reopened meanwhile change nothing."""
    if attempt.reference != command.reference or barred(attempt, _ASSESSED, now_ms) is not None:
        return ALREADY
    marks = (command.score_mpt, command.max_mpt)
    if command.awaiting == 0 and attempt.status is not Status.COMPLETED:
        return (next_record(attempt, command.by, now_ms, Completed(*marks)),)
    if (attempt.score_mpt, attempt.max_mpt, attempt.awaiting_marks) == (*marks, command.awaiting):
        return ALREADY
    return (next_record(attempt, command.by, now_ms, Assessed(*marks, command.awaiting)),)
