"""Whom changes of people are about, and which ones a node knows of."""

from protocol.attempt.model import Identity
from server.people.changes import ANYBODY, MOST_NAMED, Change, Concerned, Known
from storage.overrides import EVERY_TEST, Who
from storage.people import GROUP, USER


def of(user_id: str, test_id: str = "algebra") -> Identity:
    return Identity("a1", "school", None, test_id, None, user_id, 1)


def test_numbers_are_known_without_a_hole() -> None:
    known = Known(4)
    for revision, upto in ((3, 4), (6, 4), (7, 4), (5, 7), (5, 7), (9, 7), (8, 9)):
        known.add(revision)
        assert known.revision == upto


def test_a_change_is_about_whom_it_names_at_its_test() -> None:
    changes = [
        Change(1, (Who(USER, "ada"),), "algebra"),
        Change(2, (Who(USER, "bob"), Who(GROUP, "room")), EVERY_TEST),
        Change(3, (), EVERY_TEST),
    ]
    concerned = Concerned(changes, {EVERY_TEST: ["cy"]})
    meant = [one for one in ("ada", "bob", "cy", "dee", "room") if concerned.has(of(one))]
    assert meant == ["ada", "bob", "cy"]
    assert [one for one in ("ada", "bob", "cy") if concerned.has(of(one, "geometry"))] == ["bob", "cy"]
    alone = Concerned(changes[:1], {})
    assert alone.at("algebra")
    assert not alone.at("geometry")


def test_what_names_nobody_is_about_anybody() -> None:
    assert Concerned([Change(1, None, "algebra")], {}).has(of("ada", "geometry"))
    assert ANYBODY.at("algebra")
    assert ANYBODY.has(of("ada"))


def test_a_message_names_so_many() -> None:
    many = tuple(Who(USER, f"u{number}") for number in range(MOST_NAMED + 1))
    change = Change(7, many, "algebra")
    assert change.shortened() == Change(7, None, "algebra")
    fits = Change(7, many[1:], "algebra")
    assert fits.shortened() == fits
