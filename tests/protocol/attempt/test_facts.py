"""Facts are kept for years: their names, fields and order are pinned."""

import msgspec
import pytest

from protocol.attempt.facts import Body, Moved, tag_of
from protocol.attempt.kinds import KINDS

FIELDS = {
    "created": ("identity", "seed", "accommodation"),
    "started": ("n", "client_at_ms", "test_version", "terms", "layout"),
    "connected": (
        "connection_id",
        "client",
        "device",
        "connect_n",
        "address",
        "browser",
        "node",
        "seen_seq",
        "restored",
    ),
    "disconnected": ("connection_id", "last_contact_ms"),
    "answered": ("n", "question_id", "value", "position", "client_at_ms"),
    "flagged": ("n", "question_id", "flagged", "client_at_ms"),
    "moved": ("n", "question_index", "client_at_ms"),
    "receipted": ("n", "message_id", "seen", "client_at_ms"),
    "warned": ("left_ms", "deadline_ms", "scope", "of"),
    "paused": ("at_ms", "connection_lost", "command_id", "reason", "signal"),
    "resumed": ("at_ms", "command_id", "reason"),
    "extended": ("add_ms", "command_id", "reason"),
    "messaged": ("command_id", "text"),
    "formally_warned": ("command_id", "reason"),
    "submitted": ("n", "client_at_ms"),
    "collected": ("at_ms", "command_id", "reason", "said"),
    "expired": ("at_ms", "said"),
    "cancelled": ("command_id", "reason", "counts", "said"),
    "absent": ("at_ms",),
    "reinstated": ("on_return", "command_id", "reason"),
    "admitted": ("command_id", "reason"),
    "hand_marked": ("question_id", "score_mpt", "max_mpt", "remark", "command_id", "reason", "criteria"),
    "regraded": ("key_version", "command_id", "reason"),
    "late_received": ("late_id", "device", "answers", "contact_ms", "ahead_ms", "from_file"),
    "late_decided": ("late_id", "accepted", "command_id", "reason"),
    "assessed": ("score_mpt", "max_mpt", "awaiting"),
    "completed": ("score_mpt", "max_mpt"),
    "reopened": ("left_ms", "command_id", "reason", "on_return", "accommodation"),
    "device_allowed": ("command_id", "reason"),
    "erased": ("alias",),
    "archived": ("archive",),
    "hand_raised": ("n", "raised", "client_at_ms"),
    "consent_given": ("n", "source", "says", "every_ms", "keep_days", "client_at_ms"),
    "hand_acknowledged": ("command_id", "reason"),
    "accommodated": ("accommodation", "command_id", "reason", "extra_time_ms", "may_shorten"),
    "retermed": ("terms", "command_id", "reason", "may_shorten"),
    "abandoned": ("at_ms",),
    "accepted": ("command_id", "reason", "said"),
    "pause_forgotten": ("at_ms",),
    "overran": ("at_ms", "scope", "of"),
    "observed": ("n", "signal", "count", "size", "client_at_ms", "warned"),
    "alerted": ("signal", "times", "size"),
    "section_entered": ("n", "section_id", "client_at_ms"),
    "section_closed": ("section_id", "at_ms"),
    "question_closed": ("question_id", "at_ms"),
}
"""As first released. A new field goes last in its line; nothing else here ever changes."""


def test_no_fact_is_renamed_removed_or_reordered() -> None:
    assert {kind.tag: kind.fact.__struct_fields__ for kind in KINDS} == FIELDS


def test_a_new_field_has_a_default() -> None:
    for kind in KINDS:
        added = kind.fact.__struct_fields__[len(FIELDS[kind.tag]) :]
        assert len(kind.fact.__struct_defaults__) >= len(added)


def test_tag_of() -> None:
    assert tag_of(Moved(1, 2, 3)) == "moved"


@pytest.mark.parametrize("change", [{"more": 1}, {"fact": {"t": "vanished"}}, {"by": 7}])
def test_a_body_that_is_none_of_ours_is_refused(change: dict[str, object]) -> None:
    entry = msgspec.to_builtins(Body("x", Moved(1, 2, 3)))
    assert msgspec.convert(entry, Body) == Body("x", Moved(1, 2, 3))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**entry, **change}, Body)
