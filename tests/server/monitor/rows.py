"""Rows for tests."""

from typing import Any

from msgspec.structs import replace

from clients.vectors import ROW
from protocol.messages.monitor import Row

_ROW = replace(ROW, user_id="ada", name="Ada", question_index=0, answered=0, flagged=0, message=None, last_seen_ms=None)


def row(attempt_id: str = "a", seq: int = 1, tick: int = 0, **fields: Any) -> Row:
    return replace(_ROW, attempt_id=attempt_id, seq=seq, tick=tick, **fields)
