from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.importing.gift.items import (
    Category,
    Choices,
    Essay,
    Item,
    Matching,
    Numbers,
    Ordering,
    Question,
    ShortAnswers,
    Text,
    TrueFalse,
    Unread,
)
from server.importing.gift.reading import read_gift


def _one(text: str) -> Question:
    [item] = read_gift(text)
    assert isinstance(item, Question), item
    return item


def _why(text: str) -> str:
    [item] = read_gift(text)
    assert isinstance(item, Unread), item
    return item.reason


def test_a_character_behind_a_backslash_means_itself() -> None:
    asked = _one(r"::a\:b:: \{x\} \= 1, C\:\\temp, \frac {=\~one\#two =three\nfour}").asked
    assert isinstance(asked, ShortAnswers)
    assert [answer.text.text for answer in asked.answers] == ["~one#two", "three\nfour"]
    question = _one(r"::a\:b:: \{x\} \= 1, C\:\\temp, \frac {=one}")
    assert (question.title, question.before.text) == ("a:b", r"{x} = 1, C:\temp, \frac")


def test_a_question_says_in_which_line_it_begins() -> None:
    items = list(read_gift("// a comment\n\nFirst?{T}\n\n\n// [id:x] [tag:easy] [tag:two words]\n::Second::What?{F}\n"))
    assert [item.line for item in items] == [3, 7]
    second = items[1]
    assert isinstance(second, Question)
    assert (second.item_id, second.tags) == ("x", ["easy", "two words"])


def test_a_blank_line_inside_of_braces_parts_nothing() -> None:
    asked = _one("Which?{\n\n=one\n\n~two\n}").asked
    assert isinstance(asked, Choices)
    assert [answer.text.text for answer in asked.answers] == ["one", "two"]


def test_a_brace_that_is_never_closed_costs_its_own_question_alone() -> None:
    broken, whole = read_gift("Which?{=one ~two\n\nTrue?{T}\n")
    assert broken == Unread(1, "a brace is opened and not closed")
    assert isinstance(whole, Question)
    assert isinstance(whole.asked, TrueFalse)


def test_a_category_needs_no_blank_line_behind_it() -> None:
    one, two = read_gift("$CATEGORY: tom/dick\nTrue?{T}")
    assert one == Category(1, "tom/dick")
    assert isinstance(two, Question)


def test_an_answer_in_the_line_keeps_what_stands_behind_it() -> None:
    question = _one("Thanksgiving is on the {~3 =4}th Thursday.\n")
    assert question.before.text == "Thanksgiving is on the "
    assert question.after == Text("th Thursday.", "moodle")


def test_answers_are_written_as_the_question_is_unless_they_say_otherwise() -> None:
    question = _one("[html]<b>What</b>?{=<i>this</i>#[plain]yes ~[markdown]*that*#no}")
    assert isinstance(question.asked, Choices)
    this, that = question.asked.answers
    assert (this.text.format, that.text.format) == ("html", "markdown")
    assert (this.feedback, that.feedback) == (Text("yes", "plain"), Text("no", "html"))


@pytest.mark.parametrize(
    ("written", "value", "margin"),
    [
        ("3", "3", "0"),
        ("3:2", "3", "2"),
        ("=3.5:0.25", "3.5", "0.25"),
        ("1..5", "3", "2"),
        ("=-1.5..2.5", "0.5", "2.0"),
        ("1e3:5", "1e3", "5"),
    ],
)
def test_a_number_has_a_margin_or_is_a_range(written: str, value: str, margin: str) -> None:
    asked = _one(f"How many?{{#{written}}}").asked
    assert isinstance(asked, Numbers)
    [number] = asked.answers
    assert (Decimal(number.value or ""), Decimal(number.margin)) == (Decimal(value), Decimal(margin))


def test_numbers_have_weights_and_one_stands_for_all_others() -> None:
    asked = _one("When?{#=1822:0 =%50%1822:2#nearly ~#no}").asked
    assert isinstance(asked, Numbers)
    exact, near, other = asked.answers
    assert (exact.weight, near.weight) == (None, Decimal(50))
    assert near.feedback == Text("nearly", "moodle")
    assert (other.value, other.is_right) == (None, False)


def test_pairs_are_those_whose_every_answer_has_an_arrow() -> None:
    asked = _one("Match.{=a -> 1 =b -> 2 = -> 3}").asked
    assert isinstance(asked, Matching)
    assert [(pair.left.text, pair.right) for pair in asked.pairs] == [("a", "1"), ("b", "2"), ("", "3")]
    assert isinstance(_one("How?{~go -> buy =make -> drink}").asked, Choices)


def test_what_is_to_be_put_in_order_stands_line_by_line() -> None:
    question = _one("Order.{>3 CONTIGUOUS VERT\nfirst\nsecond\nthird\n####So it is.}")
    assert isinstance(question.asked, Ordering)
    assert [text.text for text in question.asked.texts] == ["first", "second", "third"]
    assert question.asked.how == ["3", "CONTIGUOUS", "VERT"]
    assert question.feedback == Text("So it is.", "moodle")


def test_true_is_a_short_answer_where_more_follows() -> None:
    assert isinstance(_one("Say it.{TRUEST}").asked, ShortAnswers)
    assert isinstance(_one("Say it.{true}").asked, TrueFalse)
    assert isinstance(_one("Say it.{}").asked, Essay)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("What?{=a}{=b}", "one place for its answers"),
        ("What?}", "was not opened"),
        ("{=a}", "has no text"),
        ("What?{#}", "none is accepted"),
        ("What?{#many}", "is not a number"),
        ("What?{#5..1}", "ends before it begins"),
        ("What?{a ~b}", "before the first answer"),
        ("What?{>one}", "nothing to put in order"),
        ("What?{T#a#b#c}", "two texts of feedback"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(text: str, reason: str) -> None:
    assert reason in _why(text)


@given(st.text(alphabet="ab{}=~#%:\\/\n >-[].0$"))
def test_any_text_is_read_or_refused_item_by_item(text: str) -> None:
    items: list[Item] = list(read_gift(text))
    lines = [item.line for item in items]
    assert lines == sorted(set(lines))
