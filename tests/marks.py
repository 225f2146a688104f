"""Which test must reach which mark at a rare branch of the server and the storage (`protocol/marks.py`).

A test that passes without a mark that it claims fails (`tests/conftest.py`). `tests/test_marks.py` holds this table
against the code. The marks of the Python client's queue are claimed by the traces
(`tests/clients/python/test_traces.py`).
"""

from collections.abc import Mapping
from typing import Final

_ATTEMPTS: Final = "tests/server/attempts/"
_JOURNAL: Final = "tests/storage/log/test_journal.py::"
_ROOM: Final = "tests/server/monitor/test_room.py::"
_BOARD: Final = "tests/server/monitor/test_board.py::"
_MARKER: Final = "tests/server/marking/test_marker.py::"
_LOG: Final = "tests/storage/log/"
_CONTACTS: Final = "tests/server/presence/test_contacts.py::"

CLAIMS: Final[Mapping[str, str]] = {
    "board: a node falls silent": _BOARD + "test_a_silent_nodes_rows_are_unknown_and_newer_than_what_watchers_have",
    "board: a silent node is dead": _BOARD + "test_whoever_a_dead_node_had_is_offline_once_it_is_known_to_be_dead",
    "candidate: superseded": "tests/server/sockets/test_candidate.py::"
    "test_the_newest_connection_wins_and_the_old_one_gets_no_ok",
    "capacity: a newcomer is put off": "tests/server/limits/test_capacity.py::"
    "test_places_are_kept_while_newcomers_are_on_their_way",
    "connections: ended by a withdrawal": "tests/server/access/test_revocations.py::"
    "test_one_token_is_withdrawn_in_mid_exam_and_another_goes_on",
    "courier: waits for a rush to pass": "tests/server/delivery/test_courier.py::"
    "test_events_wait_until_a_rush_has_passed",
    "journal: fenced by the chain": _JOURNAL + "test_a_gap_cannot_be_written",
    "journal: gives up": _LOG + "test_journal_away.py::test_a_journal_that_closes_while_the_database_is_away_gives_up",
    "journal: late": _JOURNAL + "test_nothing_late_is_committed",
    "journal: one by one": _LOG + "test_journal_derived.py::test_values_that_cannot_be_stored_hurt_nobody_else",
    "journal: outcome unknown": _LOG + "test_journal_away.py::test_a_database_that_is_back_is_not_kept_waiting",
    "journal: queued behind a rejected one": _JOURNAL + "test_what_is_still_queued_goes_with_a_fenced_append",
    "journal: refused by the database": _ATTEMPTS
    + "test_repetitions.py::test_old_and_new_operations_are_answered_in_their_order",
    "live: an acknowledgement waits for a refusal": _ATTEMPTS
    + "test_repetitions.py::test_no_acknowledgement_goes_before_a_refusal_that_the_log_is_asked_for",
    "live: announced, and not in the log": _ATTEMPTS
    + "test_other_nodes.py::test_a_word_of_what_the_log_does_not_have_leads_to_one_look_and_then_to_none_for_a_while",
    "live: archived while in memory": "tests/server/test_archived.py::test_a_copy_in_memory_is_let_go_of",
    "live: asks the log before it decides": _ATTEMPTS
    + "test_repetitions.py::test_what_memory_has_forgotten_the_log_decides",
    "live: decided what is late already": _ATTEMPTS
    + "test_live.py::test_what_decision_and_journal_disagree_about_is_refused_and_not_decided_for_ever",
    "live: erased while in memory": "tests/server/people/test_erasing.py::"
    "test_whoever_looks_at_her_result_is_sent_away_and_the_monitor_forgets_her",
    "live: handed away to newer nodes": "tests/server/test_newer_logs.py::test_staff_are_told_too",
    "live: its copy is not on the log": _ATTEMPTS
    + "test_other_nodes.py::test_a_copy_that_does_not_lie_on_the_log_is_let_go_of",
    "live: read again during a commit": _ATTEMPTS
    + "test_repetitions.py::test_old_and_new_operations_are_answered_in_their_order",
    "live: rejected while it closes": _ATTEMPTS
    + "test_outages.py::test_what_can_not_be_decided_any_more_is_refused_when_the_node_stops",
    "live: the log is read once more": _ATTEMPTS
    + "test_repetitions.py::test_old_and_new_operations_are_answered_in_their_order",
    "live: waits until a loss is known": _ATTEMPTS
    + "test_timer.py::test_while_it_is_not_known_yet_nothing_is_decided_and_then_it_closes_by_itself",
    "log search: by halves": _ATTEMPTS + "test_repetitions.py::test_many_old_operations_are_looked_for_together",
    "losses: a silent node may be slow": _CONTACTS + "test_a_node_that_may_only_be_slow_holds_up_the_closing",
    "losses: found before a closing": _CONTACTS + "test_a_deadline_that_passed_while_the_only_node_was_dead_is_moved",
    "marker: one by one": _MARKER + "test_one_that_cannot_be_marked_stops_none_of_the_others",
    "marker: waits for a rush to pass": _MARKER + "test_marks_wait_until_a_rush_has_passed",
    "registry: left to newer nodes": "tests/server/test_newer_logs.py::"
    "test_who_comes_is_told_to_come_again_and_the_log_is_left_in_peace",
    "registry: made too late": "tests/server/attempts/test_registry.py::"
    "test_an_attempt_that_waits_too_long_is_not_made",
    "room: a gap in what a node tells": _ROOM + "test_a_gap_has_everybody_tell_everything",
    "room: a picture is made for several": _ROOM
    + "test_a_whole_picture_is_made_once_for_all_who_come_between_two_flushes",
    "room: a row ahead of the log": _ROOM + "test_a_row_ahead_of_the_log_goes_and_the_true_one_comes",
    "rooms: erased while no node had the attempt": "tests/server/people/test_erasing.py::"
    "test_a_monitor_forgets_her_whose_attempt_no_node_has_in_memory",
    "snapshots: one of other types is ignored": "tests/storage/test_snapshots.py::"
    "test_a_snapshot_that_this_version_cannot_read_is_left_alone",
    "snapshots: one that is behind is not kept": "tests/storage/test_snapshots.py::"
    "test_recovery_equals_the_fold_of_the_whole_log",
    "sweeper: closes what nobody closed": "tests/server/test_sweeper.py::test_the_sweeper_closes_what_nobody_holds",
}
"""Mark → the test that must reach it, with every parameter that it has."""

DAYS: Final = frozenset(
    {
        "board: a node falls silent",
        "candidate: superseded",
        "capacity: a newcomer is put off",
        "journal: fenced by the chain",
        "journal: late",
        "journal: outcome unknown",
        "journal: queued behind a rejected one",
        "journal: refused by the database",
        "live: asks the log before it decides",
        "log search: by halves",
        "room: a gap in what a node tells",
        "snapshots: one that is behind is not kept",
        "sweeper: closes what nobody closed",
    }
)
"""Marks that simulated days must reach besides: whole nodes, in trouble that nobody wrote down."""
