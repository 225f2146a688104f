"""Skills: which marks belong to which, and how sure it is."""

from typing import Any

import msgspec
import pytest

from protocol import limits
from protocol.codes import Code
from protocol.content import TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.rest.results import Mark
from protocol.skills import Tally, interval, skills_from, tallies_of, together


def content(tags: dict[str, list[str]], skills: dict[str, str]) -> TestContent:
    questions: list[dict[str, Any]] = [
        {
            "question_id": name,
            "body": "<p>?</p>",
            "tags": own,
            "interactions": [{"type": "true_false", "points_mpt": 1_000, "correct": True}],
        }
        for name, own in tags.items()
    ]
    return msgspec.convert({"title": "T", "questions": questions, "skills": skills}, TestContent)


def mark(question_id: str, score_mpt: int | None, max_mpt: int = 1_000) -> Mark:
    return Mark(question_id=question_id, score_mpt=score_mpt, max_mpt=max_mpt, marked_by=None, remark="")


def test_a_mark_counts_for_each_skill_that_its_question_has_a_tag_of() -> None:
    test = content({"a": ["add", "easy"], "b": ["add", "sub"], "c": ["easy"]}, {"sub": "Taking away", "add": "Adding"})
    found = tallies_of([mark("a", 1_000), mark("b", -250, 500), mark("c", 1_000), mark("gone", 1_000)], test)
    assert found == {"add": Tally(2, 750, 1_500, 1_250_000), "sub": Tally(1, -250, 500, 250_000)}
    told = skills_from(found, test.skills, 700)
    assert [(one.tag, one.title, one.score_mpt, one.share_permille) for one in told] == [
        ("sub", "Taking away", 0, 0),
        ("add", "Adding", 750, 500),
    ]


def test_what_waits_for_a_mark_or_is_tried_out_says_nothing() -> None:
    test = content({"a": ["add"], "b": ["add"], "c": ["add"]}, {"add": "Adding"})
    assert tallies_of([mark("a", None), mark("b", 0, 0)], test) == {}
    assert skills_from({}, test.skills, 700) == []


def test_attempts_add_up() -> None:
    one, other = (
        {"add": Tally(2, 1_500, 2_000, 2_000_000)},
        {"add": Tally(1, 0, 1_000, 1_000_000), "sub": Tally(1, 1, 1, 1)},
    )
    assert together([one, other]) == {"add": Tally(3, 1_500, 3_000, 3_000_000), "sub": Tally(1, 1, 1, 1)}


@pytest.mark.parametrize(("right", "of"), [(4, 20), (10, 10), (0, 10), (50, 100), (1, 1)])
def test_the_interval_ends_where_the_share_is_two_sided_196_errors_away(right: int, of: int) -> None:
    share = right / of
    for end in interval(share, of):
        # By which Wilson defines it; 0 and 1 are ends that nothing lies beyond.
        assert (share - end) ** 2 == pytest.approx(1.96**2 * end * (1 - end) / of, abs=1e-12)
    low, high = interval(share, of)
    assert low <= share <= high


def test_few_questions_leave_it_open_and_unequal_ones_count_as_fewer() -> None:
    titles = {"add": "Adding"}

    def standing(tally: Tally) -> str:
        (one,) = skills_from({"add": tally}, titles, 700)
        return one.standing

    assert standing(Tally(3, 3_000, 3_000, 3_000_000)) == "open"
    assert standing(Tally(10, 10_000, 10_000, 10_000_000)) == "reached"
    assert standing(Tally(10, 2_000, 10_000, 10_000_000)) == "below"
    # One of ten is worth nearly everything: so ten say little more than one.
    assert standing(Tally(10, 10_000, 10_000, 9_100**2 + 9 * 100**2)) == "open"


@pytest.mark.parametrize(
    ("skills", "says"),
    [
        ({"sub": "Taking away"}, "no question has the tag 'sub'"),
        ({"add": " "}, "shows nothing"),
        ({f"t{n}": "T" for n in range(limits.MAX_SKILLS + 1)}, f"at most {limits.MAX_SKILLS}"),
    ],
)
def test_skills_that_cannot_be_are_named(skills: dict[str, str], says: str) -> None:
    with pytest.raises(Refused) as refused:
        check_test(content({"a": ["add"]}, skills))
    assert refused.value.refusal.code is Code.INVALID_TEST
    assert says in refused.value.refusal.detail
