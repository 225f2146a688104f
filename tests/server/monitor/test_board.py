"""Merging rows: idempotent, free of order, and honest about nodes that have fallen silent."""

from itertools import permutations

from protocol.limits import HOLDER_GONE_MS
from server.monitor.board import SILENT_AFTER_MS, Board
from tests.server.monitor.rows import row


def test_the_newest_row_stays_in_whatever_order_they_come() -> None:
    rows = [row(seq=1), row(seq=1, tick=5), row(seq=2), row(seq=2, tick=1), row(seq=3, answered=1)]
    for order in permutations(rows):
        board = Board()
        for one in order:
            board.merge([one], "node")
        assert board.rows == [rows[-1]]


def test_what_is_not_newer_changes_nothing() -> None:
    board = Board()
    assert board.merge([row(seq=2, tick=2)], "node") == [row(seq=2, tick=2)]
    for older in (row(seq=2, tick=2), row(seq=2, tick=1), row(seq=1, tick=9)):
        assert board.merge([older], "node") == []


def test_the_database_knows_nothing_about_connections() -> None:
    board = Board()
    board.merge([row(seq=2, tick=7, connection="online", last_seen_ms=5)], "node")
    (merged,) = board.merge([row(seq=3, connection="offline", status="submitted")], None)
    assert (merged.status, merged.connection, merged.last_seen_ms) == ("submitted", "online", 5)
    (fresh,) = board.merge([row("b", connection="offline")], None)
    assert fresh.connection == "offline"


def test_a_hole_in_a_nodes_numbers_is_noticed() -> None:
    board = Board()
    assert board.count("one", 7, 0), "the first is where it begins"
    assert board.count("one", 8, 0)
    assert board.count("two", 1, 0)
    assert not board.count("one", 10, 0)
    assert board.count("one", 11, 0)


def test_a_silent_nodes_rows_are_unknown_and_newer_than_what_watchers_have() -> None:
    board = Board()
    board.count("dead", 1, 0)
    board.merge([row("a", tick=3), row("b", connection="offline")], "dead")
    board.count("alive", 1, SILENT_AFTER_MS)
    board.merge([row("c")], "alive")
    assert board.silence(SILENT_AFTER_MS) == []
    (unknown,) = board.silence(SILENT_AFTER_MS + 1)
    assert (unknown.attempt_id, unknown.connection, unknown.tick) == ("a", "unknown", 4)
    assert board.silence(SILENT_AFTER_MS + 2) == [], "said once"


def test_a_node_that_is_heard_again_is_believed_although_nothing_has_changed() -> None:
    board = Board()
    board.count("node", 1, 0)
    board.merge([row(tick=3)], "node")
    board.silence(SILENT_AFTER_MS + 1)
    (again,) = board.merge([row(tick=3)], "node")
    assert (again.connection, again.tick) == ("online", 5)
    assert board.merge([row(tick=3)], None) == []


def test_whoever_a_dead_node_had_is_offline_once_it_is_known_to_be_dead() -> None:
    board = Board()
    board.count("node", 1, 0)
    board.merge([row(tick=3)], "node")
    board.silence(SILENT_AFTER_MS + 1)
    assert board.give_up(0, frozenset()) == []
    assert board.give_up(HOLDER_GONE_MS - 1, frozenset()) == []
    assert board.give_up(HOLDER_GONE_MS, {"node"}) == [], "it lives, and the relay alone is broken"
    (gone,) = board.give_up(HOLDER_GONE_MS, {"other"})
    assert (gone.connection, gone.tick) == ("offline", 5)
    assert board.unknown == []


def test_an_unknown_row_has_its_time_each_time_anew() -> None:
    board = Board()
    board.merge([row(tick=3, connection="unknown")], "node")
    board.count("node", 1, 0)
    board.give_up(0, {"node"})
    board.merge([row(tick=4)], "node")
    assert board.give_up(HOLDER_GONE_MS, {"node"}) == []
    board.merge([row(tick=5, connection="unknown")], "node")
    assert board.give_up(HOLDER_GONE_MS + 1, {"node"}) == []
    (gone,) = board.give_up(2 * HOLDER_GONE_MS + 1, {"node"})
    assert gone.connection == "offline", "the node is heard, and has her no more than any other"


def test_the_database_does_not_make_a_dead_nodes_rows_known() -> None:
    board = Board()
    board.count("node", 1, 0)
    board.merge([row(tick=3)], "node")
    board.silence(SILENT_AFTER_MS + 1)
    assert board.merge([row(seq=1, connection="offline")], None) == []
    (newer,) = board.merge([row(seq=2, connection="offline", status="expired")], None)
    assert (newer.connection, newer.status) == ("unknown", "expired")


def test_of_one_record_the_database_knows_better() -> None:
    board = Board()
    board.merge([row(seq=2, tick=10**9, answered=99, last_seen_ms=5)], "liar")
    (true,) = board.merge([row(seq=2, answered=1, connection="offline")], None)
    assert (true.answered, true.tick, true.connection, true.last_seen_ms) == (1, 10**9 + 1, "online", 5)
    assert board.merge([row(seq=2, answered=1)], None) == []
    assert board.merge([row(seq=1, answered=3)], None) == [], "an older record says nothing of it"
