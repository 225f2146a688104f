"""What an attempt is sat under: a version of its test, the terms, and the candidate's paper.

Until the start the server offers the newest version of the test. The start pins it: from then on the version and the
paper stay, and the terms change by recorded facts only.
"""

import msgspec
from msgspec.structs import replace

from protocol.answering import PaperIndex
from protocol.attempt.layout import Layout
from protocol.attempt.model import Accommodation, Attempt, Terms
from protocol.content import Rules
from protocol.paper import Paper, PaperQuestion
from protocol.rules.admission import Admission


class Sheet(msgspec.Struct, frozen=True):
    """`title` and `instructions` are the test's. `layout` is nil where this version of the test has no such form: then
    the attempt can't start. `terms` are what the rules mean for a candidate without an
    accommodation, `admission` what else decides whether she may begin.

    `questions` are those that a paper of this form can have, by id. They may be more than this candidate has
    (`is_part`), because hers were drawn from them.
    """

    test_version: int
    title: str
    instructions: str
    terms: Terms
    layout: Layout | None
    questions: PaperIndex
    question_total: int
    is_part: bool
    admission: Admission

    def question(self, question_id: str) -> PaperQuestion | None:
        """The question, if it is on this candidate's paper."""
        found = self.questions.get(question_id)
        if found is None or not self.is_part:
            return found
        return found if self.layout is not None and self.layout.has(question_id) else None


def make_sheet(paper: Paper, questions: PaperIndex, rules: Rules, layout: Layout | None) -> Sheet:
    """A sheet for this layout. `paper` is that of the form, and `questions` its index: all questions of the layout, and
    maybe more."""
    total = 0 if layout is None else layout.question_total
    return Sheet(
        test_version=paper.test_version,
        title=paper.title,
        instructions=paper.instructions,
        terms=terms_of(rules, Accommodation()),
        layout=layout,
        questions=questions,
        question_total=total,
        is_part=total != len(questions),
        admission=Admission(rules),
    )


def terms_of(rules: Rules, accommodation: Accommodation) -> Terms:
    """The terms that the rules of a test mean for one candidate."""
    return Terms(
        duration_ms=rules.duration_ms,
        extra_time_ms=accommodation.extra_time_ms,
        window_opens_at_ms=rules.opens_at_ms,
        window_closes_at_ms=rules.closes_at_ms,
        grace_ms=rules.grace_ms,
        warnings_ms=tuple(sorted(rules.warnings_ms, reverse=True)),
        pause_on_disconnect=rules.on_disconnect == "pause",
        pause_budget_ms=rules.pause_budget_ms,
        newest_connection_wins=rules.connections == "newest",
        show_result=rules.show_result,
        link_opens_once=rules.links == "once",
    )


def accommodated(terms: Terms, accommodation: Accommodation) -> Terms:
    """The same terms for a candidate who has been granted this."""
    if terms.extra_time_ms == accommodation.extra_time_ms:
        return terms
    return replace(terms, extra_time_ms=accommodation.extra_time_ms)


def terms_in_force(attempt: Attempt, sheet: Sheet) -> Terms:
    """The attempt's own terms from the start on, and before it what the sheet means for this candidate."""
    return accommodated(sheet.terms, attempt.accommodation) if attempt.terms is None else attempt.terms
