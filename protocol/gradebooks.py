"""The results of a test as a table: with all that is known, or as Canvas and Moodle take it.

Canvas takes a file with the columns that its own gradebook exports (Instructure Community, "How do I import grades in
the Gradebook?"): five that say who, one for each assignment, and a line with the points possible. Moodle asks which
column says who, and which is the grade (Moodle documentation, "Grade import").
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from protocol.statistics import rounded
from protocol.tables import Cell

Layout = Literal["plain", "canvas", "moodle"]

_PLAIN: Final = (
    "user_id", "name", "email", "branch_id", "attempts", "waiting", "counting_attempt_id",
    "points", "of", "percent", "grade",
)  # fmt: skip
_CANVAS: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POSSIBLE: Final = "    Points Possible"
_MOODLE: Final = ("Full name", "ID number", "Email address")
_PERCENT_DIGITS: Final = 2
_MPT_DIGITS: Final = 3


class Entry(NamedTuple):
    """What one candidate has in the test: see `protocol.rest.gradebook.CandidateResult`."""

    user_id: str
    name: str
    email: str | None
    branch_id: str | None
    attempts: int
    waiting: int
    counting_attempt_id: str | None
    score_mpt: int | None
    max_mpt: int | None
    grade: str | None


def rows_of(layout: Layout, title: str, entries: Sequence[Entry]) -> Iterator[Sequence[Cell]]:
    """The table, its head first."""
    match layout:
        case "canvas":
            return _canvas(title, entries)
        case "moodle":
            return _moodle(title, entries)
        case _:
            return _plain(entries)


def _plain(entries: Iterable[Entry]) -> Iterator[Sequence[Cell]]:
    yield _PLAIN
    for one in entries:
        who: list[Cell] = [one.user_id, one.name, one.email, one.branch_id]
        sat: list[Cell] = [Decimal(one.attempts), Decimal(one.waiting), one.counting_attempt_id]
        yield [*who, *sat, points_of(one.score_mpt), points_of(one.max_mpt), percent_of(one), one.grade]


def _canvas(title: str, entries: Sequence[Entry]) -> Iterator[Sequence[Cell]]:
    yield [*_CANVAS, title]
    worth = {one.max_mpt for one in entries if one.max_mpt is not None}
    if len(worth) == 1:
        # Where papers are worth different points there is no one number to say.
        yield [_POSSIBLE, *[None] * (len(_CANVAS) - 1), points_of(*worth)]
    for one in entries:
        yield [one.name or one.user_id, None, one.user_id, one.email or one.user_id, None, points_of(one.score_mpt)]


def _moodle(title: str, entries: Iterable[Entry]) -> Iterator[Sequence[Cell]]:
    yield [*_MOODLE, title]
    for one in entries:
        yield [one.name or one.user_id, one.user_id, one.email, points_of(one.score_mpt)]


def points_of(mpt: int | None) -> Decimal | None:
    """Thousandths of a point as points."""
    return None if mpt is None else Decimal(mpt).scaleb(-_MPT_DIGITS).normalize()


def percent_of(one: Entry) -> Decimal | None:
    """The share of the points in hundredths of a per cent; None: nothing counts yet, or nothing is worth anything."""
    if one.score_mpt is None or not one.max_mpt:
        return None
    return Decimal(rounded(Fraction(one.score_mpt * 100 * 10**_PERCENT_DIGITS, one.max_mpt))).scaleb(-_PERCENT_DIGITS)
