"""Pauses that nobody ends: forgotten when the window closes, and collected a grace later; written from PROTOCOL.md."""

from loadtest.checker.database import Record
from loadtest.checker.state import State


def due_ms(state: State) -> int | None:
    """When the system says that the pause is forgotten or, if it has said so, collects the paper; nil: never."""
    if state.status != "paused" or state.standing_since_ms is None:
        return None
    grace_ms: int = state.terms["pause_grace_ms"]
    if state.forgotten_ms is not None:
        return state.forgotten_ms + grace_ms
    window_ms: int | None = state.terms["window_closes_at_ms"]
    if state.connection_lost or window_ms is None:
        return None
    return window_ms if state.standing_since_ms < window_ms else state.standing_since_ms + grace_ms


def wrong(record: Record, before: State) -> str | None:
    """What is wrong with a record that says that a pause was forgotten, or collects a paper in one."""
    if record.kind == "expired" and before.forgotten_ms is None:
        return "collected in a pause that was not forgotten"
    if record.kind == "pause_forgotten" and before.forgotten_ms is not None:
        return "forgotten again"
    until_ms = due_ms(before)
    if until_ms is None:
        return "forgotten, and it never is"
    if record.at_ms < until_ms:
        return f"{until_ms - record.at_ms} ms early"
    at_ms = record.fact["at_ms"]
    return None if at_ms == until_ms else f"effective at {at_ms}, and it is due at {until_ms}"
