"""What candidates can do, skill by skill: the marks of questions, added up by the tags that a test names as skills."""

from collections.abc import Iterable, Mapping
from math import ceil, floor, sqrt
from typing import Final, NamedTuple, Protocol

from protocol.content import TestContent
from protocol.rest.skills import Skill, Standing

_Z: Final = 1.96
"""Of the normal distribution: 95 of 100 such intervals hold the true share."""
_WHOLE: Final = 1_000


class MarkOfQuestion(Protocol):
    """The part of a mark that is needed, in thousandths of a point."""

    @property
    def question_id(self) -> str:
        """Of which question."""

    @property
    def score_mpt(self) -> int | None:
        """Nil: it waits for a person."""

    @property
    def max_mpt(self) -> int:
        """What the question is worth; 0: it is being tried out, and is left out here."""


class Tally(NamedTuple):
    """What was earned by answers to questions of one skill. `squares`: the sum of the squares of what each was
    worth."""

    questions: int = 0
    score_mpt: int = 0
    max_mpt: int = 0
    squares: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*(one + another for one, another in zip(self, other, strict=True)))


Tallies = dict[str, Tally]
"""By the tag of the skill."""


def tallies_of(marks: Iterable[MarkOfQuestion], content: TestContent) -> Tallies:
    """Of one attempt, by the version of the test whose keys its marks were made by."""
    found: Tallies = {}
    skills_of = {one.question_id: [tag for tag in one.tags if tag in content.skills] for one in content.questions}
    for mark in marks:
        if mark.score_mpt is None or not mark.max_mpt:
            continue
        this = Tally(1, mark.score_mpt, mark.max_mpt, mark.max_mpt**2)
        for tag in skills_of.get(mark.question_id, ()):
            found[tag] = found.get(tag, Tally()).plus(this)
    return found


def together(several: Iterable[Tallies]) -> Tallies:
    """Of several attempts: each answer counts by what its question is worth, old or new."""
    found: Tallies = {}
    for one in several:
        for tag, tally in one.items():
            found[tag] = found.get(tag, Tally()).plus(tally)
    return found


def skills_from(tallies: Tallies, titles: Mapping[str, str], goal_permille: int) -> list[Skill]:
    """In the order of `titles`. Those of which nothing was asked are left out."""
    return [_skill(tag, title, tallies[tag], goal_permille) for tag, title in titles.items() if tag in tallies]


def _skill(tag: str, title: str, tally: Tally, goal_permille: int) -> Skill:
    share = max(0, tally.score_mpt) / tally.max_mpt
    low, high = interval(share, tally.max_mpt**2 / tally.squares)
    low_permille, high_permille = floor(low * _WHOLE), ceil(high * _WHOLE)
    return Skill(
        tag=tag,
        title=title,
        questions=tally.questions,
        score_mpt=max(0, tally.score_mpt),
        max_mpt=tally.max_mpt,
        share_permille=floor(share * _WHOLE),
        low_permille=low_permille,
        high_permille=high_permille,
        standing=_standing(low_permille, high_permille, goal_permille),
    )


def _standing(low_permille: int, high_permille: int, goal_permille: int) -> Standing:
    if low_permille >= goal_permille:
        return "reached"
    return "below" if high_permille < goal_permille else "open"


def interval(share: float, answers: float) -> tuple[float, float]:
    """Between what the true share lies, from `share` of the points of so many answers: Wilson's score interval (E. B.
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927). Answers that may
    earn a part of their points spread less than those that it supposes, so it is rather too wide. Answers of
    different worth count as the smaller number of equal ones that spreads as much (L. Kish, "Survey Sampling",
    1965, chapter 11)."""
    spread = _Z**2 / answers
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(share * (1 - share) / answers + spread / (4 * answers))
    return max(0.0, middle - half), min(1.0, middle + half)
