"""Which answers two persons mark, what becomes of each mark, and what a candidate is called."""

import itertools

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refusal
from protocol.rules.second_marking import (
    Counts,
    Given,
    InQueue,
    Kept,
    Stage,
    agreed,
    alias_of,
    handle_of,
    needs_second,
    place_mark,
)
from server.ids import canonical_id

BY_TWO = Rules(second_marking_permille=1_000, marking_tolerance_permille=100)
MIA, TOM, EVE = (Given(name, score, name) for name, score in (("mia", 4_000), ("tom", 4_500), ("eve", 1_000)))
FRESH = InQueue(Stage.FIRST, waits=True, given=(), held_by=None, same=True)
ONCE = replace(FRESH, stage=Stage.SECOND, given=(MIA,))
APART = replace(FRESH, stage=Stage.DECISION, given=(MIA, EVE))
DONE = replace(FRESH, stage=Stage.SECOND, given=(MIA, TOM), waits=False)


def placed(
    queued: InQueue | None, mark: Given, *, role: Role = Role.MARKER, reason: str = "", by_two: bool = True
) -> Counts | Kept | Code:
    fate = place_mark(BY_TWO, queued, mark, role, reason, 5_000, by_two=by_two)
    return fate.code if isinstance(fate, Refusal) else fate


def test_what_becomes_of_a_mark() -> None:
    assert placed(None, MIA) == Counts(4_000, "mia")
    assert placed(FRESH, MIA, by_two=False) == Counts(4_000, "mia")
    assert placed(FRESH, MIA) == Kept((MIA,), Stage.SECOND)
    assert placed(ONCE, replace(MIA, score_mpt=3_000)) == Kept((replace(MIA, score_mpt=3_000),), Stage.SECOND)
    assert placed(ONCE, TOM) == Counts(4_250, "mia\ntom", (MIA, TOM), is_mean=True)
    assert placed(ONCE, EVE) == Kept((MIA, EVE), Stage.DECISION)
    assert placed(APART, TOM) == Counts(4_500, "tom", (MIA, EVE))
    assert placed(replace(DONE, given=()), MIA) == Counts(4_000, "mia"), "one person's mark, which she may change"


def test_the_order_in_which_the_queue_refuses_a_mark() -> None:
    """Each time what was refused before is put right."""
    stale = replace(APART, held_by="ann", same=False)
    assert placed(stale, MIA) is Code.CLAIMED
    assert placed(replace(stale, held_by="mia"), MIA) is Code.CLAIMED
    assert placed(replace(APART, held_by="mia"), MIA) is Code.FORBIDDEN, "she does not decide on her own mark"
    assert placed(APART, MIA, role=Role.INSTRUCTOR) == Counts(4_000, "mia", (MIA, EVE))


def test_one_alone_does_not_overrule_two() -> None:
    """Also while another answer of the same attempt still waits, so that its marks are not complete."""
    for mark in (MIA, EVE):
        assert placed(DONE, mark, reason="I know better.") is Code.FORBIDDEN
    assert placed(DONE, EVE, role=Role.INSTRUCTOR) is Code.MARKS_FINAL
    assert placed(DONE, EVE, role=Role.INSTRUCTOR, reason="A page was overlooked.") == Counts(1_000, "eve")


KEYS = [number.to_bytes(32, "big") for number in range(2_000)]


@pytest.mark.parametrize(("permille", "least", "most"), [(0, 0, 0), (100, 150, 250), (1_000, 2_000, 2_000)])
def test_the_sample_is_as_large_as_asked_for(permille: int, least: int, most: int) -> None:
    rules = Rules(second_marking_permille=permille)
    chosen = [needs_second(rules, key, "essay") for key in KEYS]
    assert least <= sum(chosen) <= most
    assert chosen == [needs_second(rules, key, "essay") for key in KEYS], "asked again, the same"
    if 0 < permille < 1_000:
        assert chosen != [needs_second(rules, key, "other") for key in KEYS], "each question has a sample of its own"


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [(4_000, 4_000, 4_000), (4_000, 4_500, 4_250), (4_000, 3_999, 4_000), (4_500, 4_000, 4_250), (4_000, 4_501, None)],
)
def test_a_difference_of_the_tolerance_is_within_it(first: int, second: int, together: int | None) -> None:
    assert agreed(Rules(marking_tolerance_permille=100), first, second, 5_000) == together


def test_no_tolerance_means_the_same_mark() -> None:
    rules = Rules(marking_tolerance_permille=0)
    assert (agreed(rules, 1, 1, 5_000), agreed(rules, 1, 2, 5_000)) == (1, None)


def test_handles_say_nothing_of_the_order_of_attempts_and_aliases_are_short() -> None:
    handles = [handle_of(key) for key in KEYS]
    assert len(set(handles)) == len(set(map(alias_of, handles))) == len(KEYS)
    assert handles == [handle_of(key) for key in KEYS], "the same each time"
    rises = sum(before < after for before, after in itertools.pairwise(handles))
    assert 0.4 < rises / len(handles) < 0.6
    assert all(canonical_id(handle) == handle for handle in handles)
