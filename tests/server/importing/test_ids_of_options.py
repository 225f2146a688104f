"""The ids of options are on every paper: where their places in a file say what is right, the ids don't follow them."""

from decimal import Decimal

import pytest

from protocol.content import Match, Order, SingleChoice
from server.importing.drafts import option_ids
from server.importing.pairing import Movable, matched, with_gaps, with_menus
from server.importing.weighing import Weighed, one_of, ordered

_TEXTS = [f"the text {number}" for number in range(12)]


def test_ids_are_those_of_the_texts_in_whatever_order_these_stand() -> None:
    one, other = option_ids(_TEXTS), option_ids(list(reversed(_TEXTS)))
    assert one == list(reversed(other)) != sorted(one)
    assert sorted(one) == [*"abcdefghijkl"]
    assert len(set(option_ids(["same"] * 30))) == 30


def test_no_ids_follow_the_key_of_an_imported_question() -> None:
    order = ordered(_TEXTS, 1_000, "")
    assert isinstance(order, Order)
    assert order.correct != sorted(order.correct)
    match = matched([(f"row {text}", text) for text in _TEXTS], 1_000)
    assert isinstance(match, Match)
    columns = [column for _, column in match.correct]
    assert columns != sorted(columns)
    html = " ".join(f"[[{number}]]" for number in range(1, 13))
    movable = [Movable(text, "1") for text in _TEXTS]
    _, menus = with_menus(html, movable, 1_000, shuffle=True)
    right = [name for menu in menus for name in menu.right]
    assert right != sorted(right)
    _, _, pairs = with_gaps(html, movable, [])
    assert [choice for choice, _ in pairs] == right


@pytest.mark.parametrize("shuffle", [True, False])
def test_the_right_one_is_not_always_the_first_where_options_are_shuffled(shuffle: bool) -> None:
    shares = [Decimal(100), Decimal(0), Decimal(0)]
    asked = [[Weighed(text, share) for text, share in zip(_TEXTS[at : at + 3], shares, strict=True)] for at in range(9)]
    made = [one_of(answers, 1_000, shuffle=shuffle) for answers in asked]
    assert all(isinstance(one, SingleChoice) for one in made)
    assert ({one.correct for one in made} == {"a"}) is not shuffle
