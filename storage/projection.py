"""The projection's columns, from the folded state: the order is that of `statements`."""

from typing import Any, Final

import msgspec

from protocol.attempt.kind import Kind
from protocol.attempt.model import Attempt, Status
from protocol.attempt.view import row
from protocol.attempt.visits import read_visits
from protocol.attempt.wake import next_sweep
from protocol.messages.monitor import FormalWarning, Row
from storage.statements import KEEP_MARKING
from storage.statements import Row as Values

_encode: Final = msgspec.json.Encoder().encode


_ELSEWHERE: Final = frozenset(
    {
        *("attempt_id", "seq", "user_id", "branch_id", "name", "attempt_number", "status", "question_index"),
        *("started_at_ms", "deadline_ms", "ended_at_ms"),
        *("tick", "connection", "last_seen_ms"),
    }
)
_SESSION_DATA: Final = tuple(name for name in Row.__struct_fields__ if name not in _ELSEWHERE)
"""The fields of a monitor's row that the column `session_data` keeps: all that no other column has, and no node alone
knows."""


def state_values(attempt: Attempt) -> Values:
    """The columns that follow the log."""
    shown = row(attempt, "", "offline", None, 0)
    data = {name: getattr(shown, name) for name in _SESSION_DATA}
    return (
        attempt.seq,
        attempt.test_version,
        attempt.status.value,
        attempt.started_at_ms,
        attempt.ended_at_ms,
        attempt.test_clock.deadline_ms,
        shown.answered * 100 // max(1, shown.total),
        attempt.question_index,
        _encode(read_visits(attempt.visits)).decode(),
        _encode(data).decode(),
        next_sweep(attempt),
    )


def progress_values(attempt: Attempt) -> Values:
    """The columns that change without a change of status: those of `statements.PROGRESS`."""
    seq, _, _, _, _, _, progress, question_index, visits, data, _ = state_values(attempt)
    return seq, progress, question_index, visits, data


def who_values(attempt: Attempt, display_name: str) -> Values:
    """The columns that never change."""
    identity = attempt.identity
    return (
        identity.org_id,
        identity.branch_id,
        identity.test_id,
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


_decode_data: Final = msgspec.json.Decoder(dict[str, Any]).decode


def does_count(status: Status, session_data: str) -> bool:
    """Whether an attempt is one of those that its candidate may have: one that she was absent from is not, and of a
    cancelled one staff have said so."""
    if status is not Status.CANCELLED:
        return status is not Status.ABSENT
    return _decode_data(session_data).get("counts") is True


def warnings_in(session_data: str) -> list[FormalWarning]:
    """The formal warnings that the candidate was given, the oldest first."""
    return msgspec.convert(_decode_data(session_data).get("warnings") or [], list[FormalWarning])


def monitor_row(
    attempt_id: str,
    seq: int,
    user_id: str,
    branch_id: str | None,
    display_name: str,
    attempt_number: int,
    status: str,
    question_index: int,
    times: tuple[int | None, int | None, int | None],
    session_data: str,
) -> Row:
    """The row an instructor sees of an attempt that no node holds. `times` are start, submission and deadline. What the
    row did not have when `session_data` was written has the default of its field."""
    started_at_ms, ended_at_ms, deadline_ms = times
    fields = {
        **_decode_data(session_data),
        "attempt_id": attempt_id,
        "seq": seq,
        "tick": 0,
        "user_id": user_id,
        "branch_id": branch_id,
        "name": display_name,
        "attempt_number": attempt_number,
        "status": status,
        "connection": "offline",
        "question_index": question_index,
        "started_at_ms": started_at_ms,
        "deadline_ms": deadline_ms,
        "ended_at_ms": ended_at_ms,
        "last_seen_ms": None,
    }
    return msgspec.convert(fields, Row)
