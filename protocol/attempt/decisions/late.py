"""Answers that come after the end: which are kept, and what staff decide about them.

What a device claims is evidence, never a decision: the log keeps its claim, the last proven sign of it, and when it
came. Nothing counts before staff say so.
"""

from typing import Final

from protocol import limits
from protocol.answering import accept
from protocol.attempt.commands import DecideLate, HandLate
from protocol.attempt.decisions.rules import ALREADY, Decision, barred, next_record, repeated
from protocol.attempt.facts import LateDecided, LateReceived
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.late import LateAnswer, claimed_ms, late_id_of
from protocol.attempt.model import OPEN, Attempt
from protocol.attempt.sheet import Sheet
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.texts import shows_nothing

_RECEIVED, _DECIDED = KIND_OF[LateReceived], KIND_OF[LateDecided]
_OVER: Final = "The time in which answers could still come is over. They stay on the device: ask your invigilator."
_NO_FILE: Final = "This test takes no file with answers."
_TWICE: Final = "A question is answered twice."


def receive(attempt: Attempt, command: HandLate, now_ms: int, sheet: Sheet) -> Decision:
    """Keeps the answers beside what was submitted. The same ones again are kept once; from a file that is refused by
    name, so that whoever brings it knows."""
    if attempt.status in OPEN:
        return refuse(Code.NOT_ENDED)
    refusal = barred(attempt, _RECEIVED, now_ms) or _not_taken(attempt, command, now_ms)
    if refusal is not None:
        return refusal
    assert attempt.reference is not None, "every end has one"
    answers: list[LateAnswer] = []
    ahead_ms = _ahead_ms(command, now_ms)
    for one in command.answers:
        kept = _kept(attempt, one, ahead_ms, sheet)
        if isinstance(kept, Refusal):
            return kept
        answers.append(kept)
    if len({one.question_id for one in answers}) < len(answers):
        return refuse(Code.OUT_OF_RANGE, _TWICE)
    late_id = late_id_of(attempt.reference, command.device, tuple(answers))
    if any(late.late_id == late_id for late in attempt.late):
        return refuse(Code.ANSWER_FILE_KNOWN) if command.from_file else ALREADY
    if len(attempt.late) >= limits.MAX_LATE:
        return refuse(Code.TOO_MANY_OPERATIONS)
    fact = LateReceived(late_id, command.device, tuple(answers), attempt.heard_ms, ahead_ms, command.from_file)
    return (next_record(attempt, command.by, now_ms, fact),)


def decide_late(attempt: Attempt, command: DecideLate, now_ms: int) -> Decision:
    """What staff decide, once for each piece that came."""
    if command.command_id in attempt.commands:
        return repeated(attempt, command)
    refusal = barred(attempt, _DECIDED, now_ms)
    if refusal is not None:
        return refusal
    if shows_nothing(command.reason):
        return refuse(Code.REASON_REQUIRED)
    late = next((one for one in attempt.late if one.late_id == command.late_id), None)
    # What came after an end that was taken back was sent again by itself, if it was still wanted.
    if late is None or late.reference != attempt.reference:
        return refuse(Code.UNKNOWN_LATE)
    if late.decision is not None:
        return refuse(Code.LATE_DECIDED)
    if not {one.question_id for one in late.answers}.issuperset(command.accepted):
        return refuse(Code.UNKNOWN_QUESTION)
    fact = LateDecided(command.late_id, command.accepted, command.command_id, command.reason)
    return (next_record(attempt, command.by, now_ms, fact),)


def _not_taken(attempt: Attempt, command: HandLate, now_ms: int) -> Refusal | None:
    terms, ended_at_ms = attempt.pinned, attempt.ended_at_ms
    assert ended_at_ms is not None, "it has ended"
    if terms.late_answers == "nothing":
        return refuse(Code.LATE_NOT_TAKEN)
    if command.from_file:
        return None if terms.late_answers == "file" else refuse(Code.LATE_NOT_TAKEN, _NO_FILE)
    return None if now_ms < ended_at_ms + terms.late_ms else refuse(Code.LATE_NOT_TAKEN, _OVER)


def _not_open(attempt: Attempt, question_id: str) -> Refusal | None:
    """Why the question was not open at the end: what had closed before had its own end, which nothing moves."""
    layout = attempt.laid
    if layout.by_section:
        section_id = layout.section_of(question_id).section_id
        # A paper without any other limit ends with its last section.
        all_closed = len(attempt.closed_sections) == len(layout.sections)
        if section_id != (attempt.closed_sections[-1] if all_closed else attempt.section_id):
            closed = section_id in attempt.closed_sections
            return refuse(Code.SECTION_CLOSED if closed else Code.SECTION_NOT_OPEN)
    return refuse(Code.QUESTION_CLOSED) if question_id in attempt.closed_questions else None


def _ahead_ms(command: HandLate, now_ms: int) -> int | None:
    server_now_ms = command.server_now_ms if command.from_file else now_ms
    return None if server_now_ms is None else command.client_now_ms - server_now_ms


def _kept(attempt: Attempt, one: LateAnswer, ahead_ms: int | None, sheet: Sheet) -> LateAnswer | Refusal:
    """The answer as its question takes it, or why it is not kept."""
    question = sheet.question(one.question_id)
    if question is None:
        return refuse(Code.UNKNOWN_QUESTION)
    refusal = _not_open(attempt, question.question_id)
    if refusal is not None:
        return refusal
    value = accept(question, one.value)
    if isinstance(value, Refusal):
        return value
    assert attempt.ended_at_ms is not None, "it has ended"
    # Both clocks were compared over a network: what the grace allows for the wire is allowed here.
    if claimed_ms(one, ahead_ms) >= attempt.ended_at_ms + attempt.pinned.grace_ms:
        return refuse(Code.SEALED_LATE)
    return LateAnswer(question.question_id, value, one.client_at_ms, one.base)
