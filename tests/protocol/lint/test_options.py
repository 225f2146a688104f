import pytest

from protocol.content import Associate, Interaction, Match, MultipleChoice, Option, Order, PairOption
from protocol.lint.options import equal_options
from tests.protocol.lint.made import OPTIONS, content, q

SAME = [Option("a", "one  <b>x</b>"), Option("b", "one <b>x</b>"), Option("c", "two")]
PAIRED = [PairOption(one.option_id, one.body) for one in SAME]
ONE = [PairOption("k", "K"), PairOption("l", "L")]


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (MultipleChoice(options=SAME, correct=["a"]), "options"),
        (Order(options=SAME, correct=["a", "b", "c"]), "options"),
        (Match(rows=PAIRED, columns=ONE, correct=[("a", "k")]), "rows"),
        (Match(rows=ONE, columns=PAIRED, correct=[("k", "a")]), "columns"),
        (Associate(choices=PAIRED, correct=[("a", "c")]), "choices"),
    ],
)
def test_two_that_look_the_same_are_found(asked: Interaction, what: str) -> None:
    [found] = equal_options(content(q(asked)))
    assert found.says == f"Two {what} are equal: 'a' and 'b'."
    assert (found.question_id, found.response_id) == ("q", "answer")


def test_what_differs_in_its_markup_is_not_equal() -> None:
    powers = [Option("a", "x<sup>2</sup>"), Option("b", "x2"), Option("c", "x<sub>2</sub>")]
    assert not list(equal_options(content(q(MultipleChoice(options=powers, correct=["a"])))))
    assert not list(equal_options(content(q(MultipleChoice(options=OPTIONS, correct=["a"])))))
