import pytest

from protocol.content import Interaction, Match, MultipleChoice, Option, Order, PairOption, SingleChoice
from protocol.lint.telling import telling_ids
from tests.protocol.lint.made import content, q


def named(*ids: str) -> list[Option]:
    return [Option(one, f"text {at}") for at, one in enumerate(ids)]


def sides(rows: list[str], columns: list[str]) -> Match:
    """The first row belongs to the first column."""
    return Match(
        rows=[PairOption(one, f"row {one}") for one in rows],
        columns=[PairOption(one, f"column {one}") for one in columns],
        correct=list(zip(rows, columns, strict=True)),
    )


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (SingleChoice(options=named("x", "correct"), correct="correct"), "whether they are right"),
        (SingleChoice(options=named("a", "wrong-1", "wrong-2"), correct="a"), "whether they are right"),
        (MultipleChoice(options=named("a", "b", "Distractor"), correct=["a", "b"]), "whether they are right"),
        (Order(options=named("d", "b", "a", "c"), correct=["a", "b", "c", "d"]), "in the order that is right"),
        (
            Order(options=named("s10", "s9", "s2", "s1"), correct=["s1", "s2", "s9", "s10"]),
            "in the order that is right",
        ),
        (sides(["cat", "dog"], ["Cat", "dog"]), "has the same id"),
        (sides(["1", "2", "3", "10"], ["a", "b", "c", "d"]), "the same order"),
    ],
)
def test_ids_that_tell_the_key_are_found(asked: Interaction, says: str) -> None:
    [found] = telling_ids(content(q(asked)))
    assert says in found.says
    assert found.code == "telling_ids"


@pytest.mark.parametrize(
    "asked",
    [
        SingleChoice(options=named("left", "right"), correct="right"),
        SingleChoice(options=named("a", "b", "c"), correct="a"),
        Order(options=named("a", "b", "c", "d"), correct=["a", "c", "b", "d"]),
        Order(options=named("a", "b", "c"), correct=["a", "b", "c"]),
        sides(["1", "2", "3", "4"], ["b", "a", "c", "d"]),
        sides(["1", "2", "3"], ["a", "b", "c"]),
    ],
)
def test_others_are_not(asked: Interaction) -> None:
    assert not list(telling_ids(content(q(asked))))
