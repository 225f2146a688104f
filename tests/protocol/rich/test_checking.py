"""What is wrong with a text that is no rich text."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits, markup
from protocol.content.text import plain_text
from protocol.rich import Fault, check, from_text, text_of
from protocol.rich.grammar import BLOCKS, INSIDE, ITEMS, MARKS, MAX_NESTING, MAX_RICH_CHARS, PHRASES
from server.writing.bodies import checked_body
from tests.protocol.rich.test_vectors import VECTORS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<p><script>alert(1)</script></p>", "element"),
        ("<p><img src=x onerror=alert(1)></p>", "element"),
        ('<p onclick="x">a</p>', "attribute"),
        ("<p>a<br/></p>", "attribute"),
        ("<p>a", "unclosed"),
        ("<p><em>a</p></em>", "unclosed"),
        ("<p><p>a</p></p>", "misplaced"),
        ("<p><em><em>a</em></em></p>", "misplaced"),
        ("<ul><li>a</li></ul>", "misplaced"),
        ("a", "misplaced"),
        ("<ul></ul>", "empty"),
        ("<p> \u200b</p>", "empty"),
        ("<p>&nbsp;</p>", "reference"),
        ("<p>&#60;</p>", "reference"),
        ("<p>a > b</p>", "reference"),
        ("<!-- a -->", "reference"),
        ("<p>a\x00</p>", "character"),
        ("<p>a\u202eb</p>", "character"),
        ("<p>a\nb</p>", "character"),
        ("<blockquote>" * (MAX_NESTING + 1) + "<p>a</p>" + "</blockquote>" * (MAX_NESTING + 1), "nesting"),
        ("<blockquote>" * MAX_NESTING + "<p>a</p>" + "</blockquote>" * MAX_NESTING, None),
        ("<pre>\n\ta</pre>", None),
        ("", None),
    ],
)
def test_a_fault_has_a_name(text: str, fault: Fault | None) -> None:
    assert check(text) == fault


def test_each_fault_is_met_in_the_vectors() -> None:
    assert {one["fault"] for one in VECTORS} == {None, *get_args(Fault)}


@given(
    st.lists(st.sampled_from([*"<>/&;= pemulbr\n", "\x00", "<p>", "</p>", "<em>", "</em>", "<br>", "&lt;"])).map(
        "".join
    )
)
def test_any_text_is_right_or_has_a_fault(text: str) -> None:
    assert check(text) in (None, *get_args(Fault))


def test_what_is_right_is_a_body_as_the_sanitiser_writes_it() -> None:
    """So the page's reader of bodies draws it, and nothing else than what was checked."""
    assert set(MARKS) | PHRASES <= markup.PHRASES
    assert BLOCKS | ITEMS <= markup.BLOCKS | markup.PHRASES
    for one in VECTORS:
        if one["fault"] is None and "\u00a0" not in one["text"] and "<pre>\n" not in one["markup"]:
            assert checked_body(one["markup"]) == one["markup"]
            assert plain_text(one["markup"]).split() == one["text"].split()


def test_what_may_stand_in_an_element_is_known() -> None:
    inside = {name for names in INSIDE.values() for name in names}
    assert inside == set(INSIDE) - {""} | {"br"}
    assert limits.MAX_ANSWER_CHARS * 3 // 4 == MAX_RICH_CHARS


@given(st.text())
def test_plain_text_becomes_rich_text(text: str) -> None:
    made = from_text(text)
    assert check(made) is None


def test_plain_text_keeps_its_lines_and_its_characters() -> None:
    assert from_text("a < b\r\n\nc &amp; d") == "<p>a &lt; b</p><p></p><p>c &amp;amp; d</p>"
    assert text_of(from_text("a < b\n\nc")) == "a < b\n\nc"
    assert from_text(" \n\u200e ") == ""
    assert from_text("a\x00\u202eb\tc") == "<p>ab c</p>"
