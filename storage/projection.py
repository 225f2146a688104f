"""The projection's columns, from the folded state: the order is that of `statements`."""

from typing import Final

import msgspec

from protocol.attempt.kind import Kind
from protocol.attempt.model import Attempt
from protocol.attempt.view import row
from protocol.attempt.wake import next_closing
from protocol.messages import Row
from storage.statements import KEEP_MARKING
from storage.statements import Row as Values

_encode: Final = msgspec.json.Encoder().encode


class SessionData(msgspec.Struct, frozen=True):
    """The column `session_data`: the part of a monitor's row that no other column has."""

    answered: int
    flagged: int
    total: int
    left_ms: int | None
    message: str | None
    score_mpt: int | None
    max_mpt: int | None
    awaiting_marks: int
    lost_records: int
    link: str | None


def state_values(attempt: Attempt) -> Values:
    """The columns that follow the log."""
    shown = row(attempt, "", "offline", None, 0)
    data = SessionData(
        shown.answered,
        shown.flagged,
        shown.total,
        shown.left_ms,
        shown.message,
        shown.score_mpt,
        shown.max_mpt,
        shown.awaiting_marks,
        shown.lost_records,
        shown.link,
    )
    return (
        attempt.seq,
        attempt.status.value,
        attempt.started_at_ms,
        attempt.ended_at_ms,
        attempt.deadline_ms,
        shown.answered * 100 // max(1, shown.total),
        attempt.question_index,
        _encode(attempt.visits).decode(),
        _encode(data).decode(),
        next_closing(attempt),
    )


def progress_values(attempt: Attempt) -> Values:
    """The columns that change without a change of status: those of `statements.PROGRESS`."""
    seq, _, _, _, _, progress, question_index, visits, data, _ = state_values(attempt)
    return seq, progress, question_index, visits, data


def who_values(attempt: Attempt, display_name: str) -> Values:
    """The columns that never change."""
    identity = attempt.identity
    return (
        identity.org_id,
        identity.branch_id,
        identity.test_id,
        identity.test_version,
        identity.form_id,
        identity.user_id,
        display_name,
        identity.attempt_number,
    )


def marking_value(kind: Kind, seq: int) -> int | None:
    """The value of `marking` after record `seq`, whose fact is of this kind."""
    if kind.marks_due:
        return seq
    return None if kind.marks_off else KEEP_MARKING


_decode_data: Final = msgspec.json.Decoder(SessionData).decode


def monitor_row(
    attempt_id: str,
    seq: int,
    user_id: str,
    display_name: str,
    attempt_number: int,
    status: str,
    question_index: int,
    times: tuple[int | None, int | None, int | None],
    session_data: str,
) -> Row:
    """The row an instructor sees of an attempt that no node holds. `times` are start, submission and deadline."""
    data = _decode_data(session_data)
    started_at_ms, ended_at_ms, deadline_ms = times
    return Row(
        attempt_id=attempt_id,
        seq=seq,
        tick=0,
        user_id=user_id,
        name=display_name,
        attempt_number=attempt_number,
        status=status,
        connection="offline",
        question_index=question_index,
        answered=data.answered,
        flagged=data.flagged,
        total=data.total,
        started_at_ms=started_at_ms,
        deadline_ms=deadline_ms,
        left_ms=data.left_ms,
        ended_at_ms=ended_at_ms,
        last_seen_ms=None,
        message=data.message,
        score_mpt=data.score_mpt,
        max_mpt=data.max_mpt,
        awaiting_marks=data.awaiting_marks,
        lost_records=data.lost_records,
        link=data.link,
    )
