import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from clients.python.roster import Roster
from protocol.messages.monitor import Roster as RosterPart
from protocol.messages.monitor import Row, Rows
from tests.clients.python.scene import NOW, row


def whole(*rows: Row) -> RosterPart:
    return RosterPart(0, 1, list(rows))


def test_is_complete_with_its_last_part() -> None:
    roster = Roster()
    completed = []
    for part in (RosterPart(0, 2, [row("a")]), RosterPart(1, 2, [row("b")])):
        roster.merge_part(part)
        completed.append(roster.complete)
    assert completed == [False, True]
    assert sorted(roster.rows) == ["a", "b"]


def test_the_greater_position_stays() -> None:
    roster = Roster()
    roster.merge_part(whole(row("a", 5, 2)))
    assert roster.merge_rows(Rows(NOW, [row("a", 5, 1), row("a", 4, 9)])) == []
    newer = row("a", 5, 3, answered=4)
    assert roster.merge_rows(Rows(NOW, [newer])) == [newer]
    assert roster.rows["a"] == newer


def test_an_older_roster_does_not_undo_a_newer_row() -> None:
    roster = Roster()
    roster.merge_rows(Rows(NOW, [row("a", 7)]))
    roster.merge_part(whole(row("a", 6)))
    assert roster.rows["a"].seq == 7


def test_on_a_new_connection_the_ticks_of_before_outrank_nothing() -> None:
    roster = Roster()
    roster.merge_part(whole(row("a", 7, 50, answered=1), row("b", 7, 50)))
    roster.restart()
    newest = row("a", 7, 0, answered=2)
    assert roster.merge_part(whole(newest, row("b", 6, 60))) == [newest]
    assert (roster.rows["a"], roster.rows["b"].seq) == (newest, 7)
    assert roster.merge_rows(Rows(NOW, [row("a", 7, 0, answered=3)])) == []


def test_a_row_with_fewer_records_is_believed_in_the_end() -> None:
    """Somebody has restored an older copy of the database."""
    roster = Roster()
    roster.merge_part(whole(row("a", 9, 50), row("b", 9, 50)))
    roster.restart()
    older = row("a", 8, 2, answered=1)
    assert roster.merge_part(whole(row("a", 7, 9), row("b", 7))) == []
    assert roster.merge_rows(Rows(NOW, [older])) == []
    caught_up = row("b", 9, 0)
    assert roster.merge_rows(Rows(NOW, [caught_up])) == [caught_up]
    assert (roster.doubts, roster.rows["a"].seq) == (True, 9)
    assert roster.believe() == [older]
    assert (roster.doubts, roster.rows) == (False, {"a": older, "b": caught_up})
    newer = row("a", 8, 3)
    assert roster.merge_rows(Rows(NOW, [newer])) == [newer]


def test_what_has_gone_is_not_brought_back_by_what_was_said_of_it_before() -> None:
    roster = Roster()
    roster.merge_part(whole(row("a", 9)))
    roster.restart()
    roster.merge_part(whole(row("a", 8)))
    roster.merge_part(whole())
    assert (roster.believe(), roster.rows) == ([], {})


def test_rows_that_no_part_names_have_gone() -> None:
    roster = Roster()
    roster.merge_part(whole(row("a"), row("b")))
    roster.merge_part(RosterPart(0, 2, [row("b")]))
    roster.merge_part(RosterPart(1, 2, []))
    assert sorted(roster.rows) == ["b"]


def test_a_row_that_came_between_the_parts_stays() -> None:
    roster = Roster()
    roster.merge_part(RosterPart(0, 2, [row("a")]))
    roster.merge_rows(Rows(NOW, [row("new")]))
    roster.merge_part(RosterPart(1, 2, [row("b")]))
    assert sorted(roster.rows) == ["a", "b", "new"]


def test_a_roster_with_a_part_missing_makes_nothing_go() -> None:
    roster = Roster()
    roster.merge_part(whole(row("a"), row("b"), row("c")))
    roster.merge_part(RosterPart(0, 3, [row("a")]))
    roster.merge_part(RosterPart(2, 3, [row("c")]))
    assert sorted(roster.rows) == ["a", "b", "c"]


def test_an_empty_roster_is_complete() -> None:
    roster = Roster()
    roster.merge_part(whole())
    assert roster.complete
    assert not roster.rows


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_order_of_rows_does_not_matter(seed: int, count: int) -> None:
    chance = random.Random(seed)
    rows = [
        row(chance.choice("abc"), seq, tick)
        for seq, tick in itertools.islice(itertools.product(range(10), range(4)), count)
    ]
    expected = {one.attempt_id: one for one in rows}
    chance.shuffle(rows)
    roster = Roster()
    for one in (*rows, *chance.sample(rows, len(rows) // 2)):
        roster.merge_rows(Rows(NOW, [one]))
    assert roster.rows == expected
