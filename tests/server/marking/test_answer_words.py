"""Answers in the words that a marker reads."""

import pytest

from protocol.content import (
    Associate,
    Essay,
    GapMatch,
    Hottext,
    Interaction,
    Match,
    MultipleChoice,
    Option,
    Order,
    PairOption,
    ShortText,
)
from protocol.messages.base import PartValue
from server.marking.answer_words import in_words

OPTIONS = [Option("a", "<em>Iron</em>"), Option("b", "Gold &amp; tin")]
PAIRED = [PairOption(option.option_id, option.body) for option in OPTIONS]
GAP, HOT = '<pd-gap id="1"></pd-gap>', '<pd-hot id="1">the <b>cat</b></pd-hot> <pd-hot id="2">sat</pd-hot>'


@pytest.mark.parametrize(
    ("asked", "part", "words"),
    [
        (MultipleChoice(options=OPTIONS, correct=["a"]), ["b", "a"], "Iron\nGold & tin"),
        (Order(options=OPTIONS, correct=["a", "b"]), ["b", "a"], "1. Gold & tin\n2. Iron"),
        (
            Match(rows=PAIRED, columns=PAIRED, correct=[("a", "b")]),
            [("a", "b"), ("b", "a")],
            "Iron → Gold & tin\nGold & tin → Iron",
        ),
        (GapMatch(text=GAP, choices=PAIRED, correct=[("a", "1")]), [("a", "1")], "1: Iron"),
        (Associate(choices=PAIRED, correct=[("a", "b")]), [("b", "a")], "Gold & tin – Iron"),
        (Hottext(text=HOT, correct=["1"]), ["2", "1"], "the cat\nsat"),
        (ShortText(accepted=["x"]), "typed", "typed"),
        (Essay(), "<p>as typed</p>", "<p>as typed</p>"),
        (Essay(format="rich"), "<h2>a &amp; <em>b</em></h2><ul><li><p>c<br>d</p></li></ul>", "a & b\nc\nd"),
        (Match(rows=PAIRED, columns=PAIRED, correct=[("a", "b")]), None, ""),
    ],
)
def test_an_answer_in_words(asked: Interaction, part: PartValue | None, words: str) -> None:
    assert in_words(asked, part) == words
