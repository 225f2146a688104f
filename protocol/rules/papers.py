"""Whether two candidates had equal papers: the same questions, points and time; or, where not, equal in worth."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from protocol.attempt.layout import LaidOrder, LaidQuestion, Layout
from protocol.attempt.model import Attempt, Terms
from protocol.attempt.paper import on_paper, unordered
from protocol.content import Draw, TestContent, pool_of
from protocol.durations import in_minutes

_LISTED: Final = 100
"""Differences that are named."""
NO_PAPER: Final = "An attempt that was not started has no paper yet."


class SatPaper(msgspec.Struct, frozen=True):
    """The paper of an attempt: its version of the test, and what was drawn and shuffled for it. `terms` are the test's,
    without what was granted to this candidate."""

    test_version: int
    content: TestContent
    form_id: str | None
    layout: Layout
    terms: Terms


class Difference(msgspec.Struct, frozen=True):
    """Where two papers differ. `position` counts questions from 0; nil: it is about the whole paper. `of_equal_worth`:
    it makes neither of them worth more, and `detail` says why."""

    what: str
    position: int | None
    one: str
    other: str
    of_equal_worth: bool
    detail: str


class Comparison(msgspec.Struct, frozen=True):
    """`equal`: nothing that a candidate reads or may earn differs. `of_equal_worth`: every difference is of equal
    worth."""

    equal: bool
    of_equal_worth: bool
    differences: list[Difference]


def sat_paper(attempt: Attempt, content: TestContent) -> SatPaper | None:
    """The paper of an attempt; `content` is its version of the test. None: it has not started."""
    if attempt.layout is None or attempt.test_version is None:
        return None
    return SatPaper(attempt.test_version, content, attempt.identity.form_id, attempt.layout, attempt.pinned_of_test)


def compare(one: SatPaper, other: SatPaper) -> Comparison:
    """The first differences, in the order of the paper."""
    differences = list(_differences(one, other))
    return Comparison(
        equal=not differences,
        of_equal_worth=all(difference.of_equal_worth for difference in differences),
        differences=differences[:_LISTED],
    )


def max_mpt(paper: SatPaper) -> int:
    """What the whole paper is worth."""
    points = _points(paper)
    return sum(points[laid.question_id] for laid in paper.layout.questions)


def _differences(one: SatPaper, other: SatPaper) -> Iterator[Difference]:
    if one.form_id != other.form_id:
        is_equal = _worth(one) == _worth(other)
        detail = "Both forms have as many questions of each worth." if is_equal else "The forms are not worth the same."
        yield Difference("form", None, f"{one.form_id}", f"{other.form_id}", is_equal, detail)
    if one.terms.duration_ms != other.terms.duration_ms:
        detail = "The test gave another duration."
        yield Difference("duration", None, _ms(one.terms.duration_ms), _ms(other.terms.duration_ms), False, detail)
    if one.layout.order != other.layout.order:
        detail = "The questions were sat in another way."
        yield Difference("order", None, one.layout.order, other.layout.order, False, detail)
    mine, theirs = list(_placed(one)), list(_placed(other))
    if len(mine) != len(theirs):
        detail = "One paper has more questions."
        yield Difference("length", None, str(len(mine)), str(len(theirs)), False, detail)
    swapped = _matched(one, other)
    for position, ((section, laid), (other_section, other_laid)) in enumerate(zip(mine, theirs, strict=False)):
        yield from _of_question(one, other, position, laid, other_laid, swapped)
        if section != other_section:
            detail = "It stands in another section."
            yield Difference("section", position, f"{section}", f"{other_section}", False, detail)


def _of_question(
    one: SatPaper, other: SatPaper, position: int, laid: LaidQuestion, other_laid: LaidQuestion, swapped: bool
) -> Iterator[Difference]:
    names = laid.question_id, other_laid.question_id
    if names[0] != names[1]:
        pool, other_pool = _pools(one).get(names[0]), _pools(other).get(names[1])
        if pool is not None and pool == other_pool:
            detail = f"Both were drawn from {pool}, whose questions are equal in points and time."
            yield Difference("question", position, *names, True, detail)
        elif swapped:
            detail = "Both papers have as many questions of each worth in this section, in another order."
            yield Difference("question", position, *names, True, detail)
        else:
            worth = _points(one)[names[0]], laid.limit_ms
            is_equal = worth == (_points(other)[names[1]], other_laid.limit_ms)
            detail = "Both give the same points, in the same time." if is_equal else "They differ in points or in time."
            yield Difference("question", position, *names, is_equal, detail)
        return
    points = _points(one)[names[0]], _points(other)[names[1]]
    if points[0] != points[1]:
        detail = "The versions of the test give other points."
        given, other_given = (f"{Decimal(each) / 1000:f}" for each in points)
        yield Difference("points", position, given, other_given, False, detail)
    if laid.limit_ms != other_laid.limit_ms:
        detail = "The versions of the test give another time."
        yield Difference("limit", position, _ms(laid.limit_ms), _ms(other_laid.limit_ms), False, detail)
    if _told(one, names[0]) != _told(other, names[1]):
        detail = "The versions of the test have other words for it."
        yield Difference("words", position, *names, False, detail)
    elif laid.orders != other_laid.orders:
        detail = "The same options, in an order of each candidate's own."
        yield Difference("options", position, _list(laid.orders), _list(other_laid.orders), True, detail)


def _placed(paper: SatPaper) -> Iterator[tuple[str | None, LaidQuestion]]:
    """The questions with the author's section of each."""
    for section in paper.layout.sections:
        for laid in section.questions:
            yield (section.part if paper.layout.forward else section.section_id), laid


def _worth(paper: SatPaper) -> Counter[tuple[object, ...]]:
    """How many questions of each section and each worth the paper has: by their pool, or alone, with points and
    time."""
    points, pools = _points(paper), _pools(paper)
    return Counter(
        (section, pools.get(laid.question_id), points[laid.question_id], laid.limit_ms)
        for section, laid in _placed(paper)
    )


def _matched(one: SatPaper, other: SatPaper) -> bool:
    """Whether both have the same questions section by section, or questions of the same pools, in any order."""

    def kinds(paper: SatPaper) -> Counter[tuple[object, ...]]:
        pools = _pools(paper)
        return Counter(
            (section, pools.get(laid.question_id, f"question {laid.question_id}")) for section, laid in _placed(paper)
        )

    return kinds(one) == kinds(other) and _worth(one) == _worth(other)


def _pools(paper: SatPaper) -> dict[str, str]:
    """Question → the pool from which it can be drawn."""
    pools: dict[str, str] = {}
    for section in paper.content.sections:
        for number, item in enumerate(section.items, 1):
            if isinstance(item, Draw):
                name = f"item {number} of section {section.section_id}" if item.tag is None else f"the tag {item.tag}"
                pools.update(dict.fromkeys(pool_of(paper.content, item), name))
    return pools


def _points(paper: SatPaper) -> dict[str, int]:
    return {question.question_id: question.points_mpt for question in paper.content.questions}


def _told(paper: SatPaper, question_id: str) -> object:
    """What a candidate reads of the question."""
    question = next(one for one in paper.content.questions if one.question_id == question_id)
    passage = next((one for one in paper.content.passages if one.passage_id == question.passage_id), None)
    return unordered(on_paper(question)), passage


def _list(orders: Sequence[LaidOrder]) -> str:
    return "; ".join(", ".join(order.ids) for order in orders) or "the author's order"


def _ms(ms: int | None) -> str:
    return "no limit" if ms is None else in_minutes(ms)
