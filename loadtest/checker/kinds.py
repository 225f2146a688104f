"""The checker's own table of the kinds of records, written from PROTOCOL.md: one row each."""

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """`asked` is the tag of the message that asks for it. It may follow the statuses `origins`; None: the checker does
    not look at that here. `told`: the rest of the platform hears of it."""

    asked: str | None
    origins: frozenset[str] | None
    told: bool


_OPEN: Final = frozenset({"initiated", "in_progress", "paused"})
_SITTING: Final = frozenset({"in_progress", "paused"})
_UNMARKED: Final = frozenset({"submitted", "expired"})
_SAT: Final = _UNMARKED | {"completed"}

KINDS: Final[dict[str, Kind]] = {
    "created": Kind("create", None, told=True),
    "started": Kind("start", frozenset({"initiated"}), told=True),
    "connected": Kind(None, None, told=False),
    "disconnected": Kind(None, None, told=False),
    "answered": Kind("answer", _SITTING, told=False),
    "flagged": Kind("flag", _SITTING, told=False),
    "moved": Kind("progress", _SITTING, told=False),
    "section_entered": Kind("enter", frozenset({"in_progress"}), told=True),
    "section_closed": Kind(None, frozenset({"in_progress"}), told=True),
    "question_closed": Kind(None, frozenset({"in_progress"}), told=False),
    "receipted": Kind("receipt", None, told=False),
    "messaged": Kind("message", _OPEN, told=True),
    "formally_warned": Kind("warn", _OPEN, told=True),
    "warned": Kind(None, frozenset({"in_progress"}), told=True),
    "overran": Kind(None, frozenset({"in_progress"}), told=True),
    "paused": Kind("pause", frozenset({"in_progress"}), told=True),
    "pause_forgotten": Kind(None, frozenset({"paused"}), told=True),
    "resumed": Kind("resume", frozenset({"paused"}), told=True),
    "extended": Kind("extend", _SITTING, told=True),
    "collected": Kind("end", frozenset({"in_progress"}), told=True),
    "submitted": Kind("submit", frozenset({"in_progress"}), told=True),
    "expired": Kind(None, _SITTING, told=True),
    "abandoned": Kind(None, frozenset({"in_progress"}), told=True),
    "accepted": Kind("accept", frozenset({"abandoned"}), told=True),
    "cancelled": Kind("cancel", _OPEN, told=True),
    "absent": Kind(None, frozenset({"initiated"}), told=True),
    "reinstated": Kind("reinstate", frozenset({"cancelled", "absent"}), told=True),
    "admitted": Kind("admit", frozenset({"initiated"}), told=True),
    "hand_marked": Kind(None, _SAT, told=False),
    "regraded": Kind(None, _SAT, told=True),
    "late_received": Kind(None, _SAT | {"abandoned"}, told=True),
    "late_decided": Kind(None, _SAT, told=True),
    "assessed": Kind(None, _SAT, told=True),
    "completed": Kind(None, _UNMARKED, told=True),
    "reopened": Kind("reopen", _SAT | {"abandoned"}, told=True),
    "device_allowed": Kind("allow_device", _OPEN, told=True),
    "erased": Kind(None, _SAT | {"initiated", "cancelled", "absent", "abandoned"}, told=False),
    "archived": Kind(None, frozenset({"completed", "cancelled", "absent", "abandoned"}), told=False),
    "accommodated": Kind("accommodate", _OPEN, told=True),
    "retermed": Kind("apply_rules", _SITTING, told=True),
    "hand_raised": Kind("raise_hand", _OPEN, told=True),
    "consent_given": Kind("give_consent", _OPEN, told=True),
    "hand_acknowledged": Kind("acknowledge_hand", _OPEN, told=True),
    "observed": Kind("observe", _SITTING, told=False),
    "alerted": Kind(None, _SITTING, told=True),
}


LATER: Final[set[str]] = set()
"""Kinds that only a version made for a drill writes: its log has them, and no state changes by them."""


def kind_of(tag: str) -> Kind:
    """The row of a record; of one that nobody knows it asks nothing: that it can't be folded is said elsewhere."""
    return KINDS.get(tag, _STRANGE)


_STRANGE: Final = Kind(None, None, told=False)
