"""Rows for tests."""

from typing import Any

from msgspec.structs import replace

from clients.vectors import ROW
from protocol.messages import Row


def row(attempt_id: str = "a", seq: int = 1, tick: int = 0, **fields: Any) -> Row:
    return replace(ROW, attempt_id=attempt_id, seq=seq, tick=tick, **fields)
