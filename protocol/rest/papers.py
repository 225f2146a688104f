"""Bodies about the papers of two candidates."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class SatPaperOf(Body, frozen=True, kw_only=True):
    """One candidate's paper: its version of the test, and what it is worth. `duration_ms` is the test's, without what
    was granted to her."""

    attempt_id: str
    user_id: str
    test_version: Int
    form_id: str | None
    question_total: Int
    max_mpt: Int
    duration_ms: Int | None


class PaperDifference(Body, frozen=True, kw_only=True):
    """Where two papers differ: `what` is form, duration, order, length, question, section, points, limit, words or
    options. `position` counts questions from 0; nil: it is about the whole paper. `of_equal_worth`: it makes neither
    paper worth more, and `detail` says why."""

    what: str
    position: Int | None
    one: str
    other: str
    of_equal_worth: bool
    detail: str


class PapersReply(Body, frozen=True, kw_only=True):
    """`equal`: nothing that a candidate reads or may earn differs. `of_equal_worth`: every difference is of equal
    worth. The first hundred differences are named."""

    test_id: str
    equal: bool
    of_equal_worth: bool
    papers: list[SatPaperOf]
    differences: list[PaperDifference]
