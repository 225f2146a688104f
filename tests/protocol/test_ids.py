"""Ids that look alike are one id, or one of them is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.ids import find_twins, read_address_id, read_id

GOOD = [
    "a",
    "7",
    "first-aid",
    "Math 2027",
    "ada@school.example",
    "auth0|17",
    "кириллица",
    "試験",
    "100% #1?",
    "a" * 128,
]
BAD = {
    "": "must not be empty",
    " ": "must not be empty",
    "a" * 129: "must have at most 128 characters",
    "\u0958" * 65: "must have at most 128 characters",
    " a": "must not begin or end with white space",
    "a\u00a0": "must not begin or end with white space",
    "a\n": "must not begin or end with white space",
    "a\tb": "must not have an invisible character in it (U+0009)",
    "a\0b": "must not have an invisible character in it (U+0000)",
    "a\ud800b": "must not have an invisible character in it (U+D800)",
    "a\u200bb": "must not have an invisible character in it (U+200B)",
    "a\u00adb": "must not have an invisible character in it (U+00AD)",
    "\ufeffa": "must not have an invisible character in it (U+FEFF)",
    "a\u202eb": "must not have an invisible character in it (U+202E)",
    "a\ufe0f": "must not have an invisible character in it (U+FE0F)",
    "a\u3164b": "must not have an invisible character in it (U+3164)",
    "a\u00a0b": "must not have white space in it other than a space (U+00A0)",
    "a  b": "must not have two spaces in a row",
    **dict.fromkeys(
        (".", "..", "./a", "a/..", "a/../b", "a\\.\\b"), "must not be `.` or `..`, alone or between slashes"
    ),
}
NO_ADDRESS = {"math/2027": "slash", "a\\b": "slash", "a/.b": "slash", "a//b": "slash"}


@pytest.mark.parametrize("text", GOOD)
def test_an_id_stays_as_it_is(text: str) -> None:
    assert read_id(text) == read_address_id(text) == text


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_seen_or_told_apart_is_no_id(text: str) -> None:
    for read in (read_id, read_address_id):
        with pytest.raises(ValueError, match="must") as refused:
            read(text)
        assert str(refused.value) == BAD[text]


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_an_address_cannot_hold_is_an_id_of_people_alone(text: str) -> None:
    assert read_id(text) == text
    with pytest.raises(ValueError, match=NO_ADDRESS[text]):
        read_address_id(text)


@given(st.text(max_size=140))
def test_an_id_has_one_form(text: str) -> None:
    try:
        found = read_id(text)
    except ValueError:
        return
    assert read_id(found) == found == unicodedata.normalize("NFC", text)
    assert read_id(unicodedata.normalize("NFD", text)) == found


@pytest.mark.parametrize(
    ("ids", "twins"),
    [
        (["a", "b", "A"], ("a", "A")),
        (["\u00e9", "e\u0301"], ("\u00e9", "e\u0301")),
        (["stra\u00dfe", "STRASSE"], ("stra\u00dfe", "STRASSE")),
        (["a", "a"], ("a", "a")),
        (["a", "b", "a b", "\u00e1"], None),
    ],
)
def test_ids_that_people_would_take_for_one(ids: list[str], twins: tuple[str, str] | None) -> None:
    assert find_twins(ids) == twins
