"""Rows for tests."""

from typing import Any

from msgspec.structs import replace

from protocol.messages import Row

_ROW = Row(
    attempt_id="a",
    seq=1,
    tick=0,
    user_id="ada",
    name="Ada",
    attempt_number=1,
    status="in_progress",
    connection="online",
    question_index=0,
    answered=0,
    flagged=0,
    total=5,
    started_at_ms=0,
    deadline_ms=None,
    left_ms=None,
    ended_at_ms=None,
    last_seen_ms=None,
    message=None,
    score_mpt=None,
    max_mpt=None,
    awaiting_marks=0,
    lost_records=0,
    link=None,
)


def row(attempt_id: str = "a", seq: int = 1, tick: int = 0, **fields: Any) -> Row:
    return replace(_ROW, attempt_id=attempt_id, seq=seq, tick=tick, **fields)
