"""Cursors hold a place of one list, and nobody can make one."""

from hypothesis import given
from hypothesis import strategies as st

from server.cursors import MAX_CHARS, Cursors
from server.delivery.receivers import MAX_URL_CHARS

CURSORS = Cursors("secret" * 8)
LIST = ["school", "/people"]


@given(st.lists(st.one_of(st.text(), st.integers(0, 2**53)), max_size=2), st.lists(st.text(), max_size=3))
def test_a_place_comes_back_in_its_own_list_alone(place: list[str | int], of: list[str]) -> None:
    text = CURSORS.write(of, tuple(place))
    assert CURSORS.read(of, text) == tuple(place)
    assert CURSORS.read([*of, "x"], text) is None
    assert Cursors("another" * 8).read(of, text) is None


@given(st.text())
def test_what_is_no_cursor(text: str) -> None:
    assert CURSORS.read(LIST, text) is None


def test_one_that_was_changed() -> None:
    text = CURSORS.write(LIST, ("ada",))
    for n, was in enumerate(text):
        changed = text[:n] + ("A" if was != "A" else "B") + text[n + 1 :]
        assert CURSORS.read(LIST, changed) is None


def test_lists_whose_names_run_together() -> None:
    assert CURSORS.read(["a", "bc"], CURSORS.write(["ab", "c"], (1,))) is None


def test_the_longest_places_fit() -> None:
    for letter in ("\U00010000", "\x01", '"'):
        assert len(CURSORS.write(LIST, (letter * 300, letter * 128))) < MAX_CHARS
    assert len(CURSORS.write(LIST, ("a" * MAX_URL_CHARS, "a" * 128))) < MAX_CHARS
