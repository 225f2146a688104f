"""What a candidate is granted, and what that makes of the terms of a test: the checker's own, written from
PROTOCOL.md."""

from math import ceil
from typing import Any

Fields = dict[str, Any]


def under(terms: Fields, granted: Fields) -> Fields:
    """The terms of the test (`terms` of a record) for a candidate who is granted this."""
    changed: Fields = {}
    if granted.get("opens_at_ms") is not None:
        changed["window_opens_at_ms"] = granted["opens_at_ms"]
    if granted.get("closes_at_ms") is not None:
        changed["window_closes_at_ms"] = granted["closes_at_ms"]
    if granted.get("never_closes"):
        changed["window_closes_at_ms"] = None
    if granted.get("pause_budget_ms") is not None:
        budget_ms = granted["pause_budget_ms"]
        changed |= {"pause_budget_ms": budget_ms, "pause_on_disconnect": budget_ms > 0}
    exempt = granted.get("exempt", ())
    if exempt:
        changed["watches"] = [one for one in terms.get("watches", ()) if one["signal"] not in exempt]
        changed["full_screen"] = terms.get("full_screen", False) and "full_screen_left" not in exempt
        changed["captures"] = [one for one in terms.get("captures", ()) if f"{one['source']}_ended" not in exempt]
    if granted.get("unlimited_time"):
        return {**terms, **changed, "duration_ms": None, "unlimited_time": True}
    extra_ms, permille = granted.get("extra_time_ms", 0), granted.get("extra_time_permille", 0)
    if terms["duration_ms"] is not None:
        extra_ms = max(extra_ms, ceil(terms["duration_ms"] * permille / 1_000_000) * 1_000)
        permille = 0
    return {**terms, **changed, "extra_time_ms": extra_ms, "extra_time_permille": permille}
