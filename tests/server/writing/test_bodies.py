"""Texts that become bodies, and texts that can't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import markup
from server.writing.bodies import body_of, checked_body, checked_line, inline_of
from server.writing.faults import WritingFault
from server.writing.sanitise import sanitise


def test_markdown_becomes_a_body() -> None:
    assert body_of("2 < 3 & *yes*") == "<p>2 &lt; 3 &amp; <em>yes</em></p>"
    assert body_of(" \n") == ""


def test_a_place_alone_stands_in_no_paragraph() -> None:
    assert body_of("Choose:\n\n{{answer}}") == '<p>Choose:</p>\n<pd-response id="answer"></pd-response>'


def test_an_option_is_a_line() -> None:
    assert inline_of("*x* < $y$").startswith("<em>x</em> &lt; <math ")
    with pytest.raises(WritingFault, match="can't stand in a line: the element `<table>`"):
        inline_of("<table></table>")


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("<script>alert(1)</script>", "the element `<script>`"),
        ("<p onclick='x'>a</p>", "`onclick` of `<p>`"),
        ("[a](http://example.org/)", "a link that does not begin with `https://`"),
        ("![x](media:0)", "`media:` and its hash"),
        ("x" * 60_001, "more than 60000 characters"),
    ],
)
def test_what_no_body_may_hold_is_refused_by_name(markdown: str, said: str) -> None:
    with pytest.raises(WritingFault, match=said):
        body_of(markdown)


def test_html_may_be_written_in_another_way() -> None:
    assert checked_body("<P>a<p>b") == "<p>a</p><p>b</p>"
    assert checked_line("a<BR/>b") == "a<br>b"


def test_html_with_anything_else_is_refused_whole() -> None:
    with pytest.raises(WritingFault, match="`style` of `<p>`"):
        checked_body("<p style='x'>a</p>")
    with pytest.raises(WritingFault, match=f"more than {markup.MAX_BODY_CHARS} characters"):
        checked_body("x" * (markup.MAX_BODY_CHARS + 1))


MARKS = [
    *"*_`~[]()!<>{}$|#-+>\\:^&\"' \n",
    "\n\n",
    "$$",
    "{{",
    "}}",
    "```",
    "[^1]",
    "[^1]: ",
    "|-|\n",
    "a",
    "1. ",
    "<b>",
    "</b>",
]


@given(st.lists(st.sampled_from(MARKS) | st.text(max_size=3), max_size=30).map("".join), st.booleans())
def test_anything_becomes_a_body_or_is_refused(markdown: str, line: bool) -> None:
    try:
        body = (inline_of if line else body_of)(markdown)
    except WritingFault:
        return
    assert sanitise(body, line) == (body, [])
