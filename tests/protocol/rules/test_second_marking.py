"""Which answers two persons mark, when they agree, and what a candidate is called."""

import pytest

from protocol.content import Rules
from protocol.rules.second_marking import agreed, alias_of, needs_second

ANSWERS = [(f"attempt-{number}", "essay") for number in range(2_000)]


@pytest.mark.parametrize(("permille", "least", "most"), [(0, 0, 0), (100, 150, 250), (1_000, 2_000, 2_000)])
def test_the_sample_is_as_large_as_asked_for(permille: int, least: int, most: int) -> None:
    rules = Rules(second_marking_permille=permille)
    chosen = [needs_second(rules, *answer) for answer in ANSWERS]
    assert least <= sum(chosen) <= most
    assert chosen == [needs_second(rules, *answer) for answer in ANSWERS], "asked again, the same"


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [(4_000, 4_000, 4_000), (4_000, 4_500, 4_250), (4_000, 3_999, 4_000), (4_500, 4_000, 4_250), (4_000, 4_501, None)],
)
def test_a_difference_of_the_tolerance_is_within_it(first: int, second: int, together: int | None) -> None:
    assert agreed(Rules(marking_tolerance_permille=100), first, second, 5_000) == together


def test_no_tolerance_means_the_same_mark() -> None:
    rules = Rules(marking_tolerance_permille=0)
    assert (agreed(rules, 1, 1, 5_000), agreed(rules, 1, 2, 5_000)) == (1, None)


def test_an_alias_is_the_same_each_time_and_has_nothing_of_the_id() -> None:
    aliases = {alias_of(attempt_id) for attempt_id, _ in ANSWERS}
    assert len(aliases) == len(ANSWERS)
    assert alias_of("attempt-1") == alias_of("attempt-1")
