"""The eight bytes that tell a repetition from a reuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.digests import SIZE, digest, digest_at, with_digest
from protocol.attempt.facts import Answered, Fact, Flagged, Moved, Receipted, Started, Submitted
from protocol.limits import MAX_INT
from tests.protocol.attempt.scene import LAYOUT, TERMS

FACTS: list[Fact] = [
    Started(1, 5, 1, TERMS, LAYOUT),
    Submitted(1, 5),
    Answered(1, "q", None, None, 5),
    Answered(1, "q", "a", None, 5),
    Answered(1, "q", ["a"], None, 5),
    Answered(1, "q", ["a", "b"], None, 5),
    Answered(1, "r", "a", None, 5),
    Flagged(1, "q", True, 5),
    Flagged(1, "q", False, 5),
    Moved(1, 0, 5),
    Moved(1, 1, 5),
    Receipted(1, "q", True, 5),
    Receipted(1, "q", False, 5),
]


def test_every_body_has_a_digest_of_its_own() -> None:
    digests = {digest(fact) for fact in FACTS}
    assert len(digests) == len(FACTS)
    assert {len(one) for one in digests} == {SIZE}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Answered(1, "q", "a", None, 5), Answered(1, "q", "a", None, 6)),
        (Started(1, 5, 1, TERMS, LAYOUT), Started(1, 6, 2, TERMS, LAYOUT)),
        (Submitted(1, 5), Submitted(1, 6)),
        (Flagged(1, "q", True, 5), Flagged(1, "q", True, 6)),
        (Moved(1, 3, 5), Moved(1, 3, 6)),
        (Receipted(1, "m", True, 5), Receipted(1, "m", True, 6)),
    ],
)
def test_the_clients_clock_is_no_part_of_the_body(one: Fact, other: Fact) -> None:
    assert digest(one) == digest(other)


@given(st.sets(st.integers(1, 200) | st.integers(1, MAX_INT), max_size=30))
def test_numbers_that_were_skipped_are_known_to_be_skipped(numbers: set[int]) -> None:
    digests = b""
    for n in sorted(numbers):
        digests = with_digest(digests, n, Moved(n, n, 0))
    for n in {*range(1, 203), *numbers, *(n + 1 for n in numbers), *(n - 1 for n in numbers)}:
        assert digest_at(digests, n) == (digest(Moved(n, n, 0)) if n in numbers else None)
    assert len(digests) == 2 * SIZE * len(numbers)
