"""What an attempt is sat under: a version of its test, the terms, and the candidate's paper.

Until the start the server offers the newest version of the test. The start pins it: from then on the version and the
paper stay, and the terms change by recorded facts only.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from protocol.answering import PaperIndex
from protocol.attempt.layout import Layout
from protocol.attempt.model import Accommodation, Attempt, Terms
from protocol.content import Rules
from protocol.integrity import captures
from protocol.integrity.watches import in_force, without
from protocol.paper import Paper, PaperQuestion
from protocol.rules.admission import Admission, admission_under

NO_SECTIONS: Final[Mapping[str, str]] = {}

NOTHING_GRANTED: Final = Accommodation()
"""What most candidates have."""


class Sheet(msgspec.Struct, frozen=True):
    """`title` and `instructions` are the test's. `layout` is nil where this version of the test has no such form: then
    the attempt can't start. `terms` are what the rules mean for a candidate without an
    accommodation, `admission` what else decides whether she may begin. `titles` are those of
    the test's sections, by id.

    `place_total` counts all places of the paper, `question_total` those at which something is asked.

    `questions` are those that a paper of this form can have, by id. They may be more than this candidate has
    (`is_part`), because hers were drawn from them.
    """

    test_version: int
    title: str
    instructions: str
    terms: Terms
    layout: Layout | None
    questions: PaperIndex
    place_total: int
    question_total: int
    is_part: bool
    admission: Admission
    titles: Mapping[str, str]

    def question(self, question_id: str) -> PaperQuestion | None:
        """The question, if it is on this candidate's paper."""
        found = self.questions.get(question_id)
        if found is None or not self.is_part:
            return found
        return found if self.layout is not None and self.layout.has(question_id) else None


def make_sheet(
    paper: Paper, questions: PaperIndex, rules: Rules, layout: Layout | None, titles: Mapping[str, str] = NO_SECTIONS
) -> Sheet:
    """A sheet for this layout. `paper` is that of the form, and `questions` its index: all questions of the layout, and
    maybe more."""
    total = 0 if layout is None else layout.place_total
    return Sheet(
        test_version=paper.test_version,
        title=paper.title,
        instructions=paper.instructions,
        terms=terms_for_anybody(rules),
        layout=layout,
        questions=questions,
        place_total=total,
        question_total=0 if layout is None else layout.question_total,
        is_part=total != len(questions),
        admission=admission_under(rules),
        titles=titles,
    )


def terms_for_anybody(rules: Rules) -> Terms:
    """The terms that the rules of a test mean for anybody."""
    return Terms(
        duration_ms=rules.duration_ms,
        window_opens_at_ms=rules.opens_at_ms,
        window_closes_at_ms=rules.closes_at_ms,
        grace_ms=rules.grace_ms,
        warnings_ms=tuple(sorted(rules.warnings_ms, reverse=True)),
        pause_on_disconnect=rules.on_disconnect == "pause",
        pause_budget_ms=rules.pause_budget_ms,
        newest_connection_wins=rules.connections == "newest",
        link_opens_once=rules.links == "once",
        gaps=rules.gaps,
        min_time_ms=rules.min_time_ms,
        at_end=rules.at_end,
        hand_in_ms=rules.hand_in_ms if rules.at_end == "hand_in" else 0,
        synchronised=rules.synchronised,
        pause_grace_ms=rules.pause_grace_ms,
        soft=rules.limit == "soft",
        late_answers=rules.late_answers,
        late_ms=rules.late_ms if rules.late_answers != "nothing" else 0,
        watches=in_force(rules.integrity, rules.full_screen, [one.source for one in rules.captures]),
        full_screen=rules.full_screen,
        captures=tuple(rules.captures),
    )


def terms_of(rules: Rules, accommodation: Accommodation) -> Terms:
    """The terms that the rules of a test mean for a candidate who was granted this."""
    return accommodated(terms_for_anybody(rules), accommodation)


def accommodated(terms: Terms, given: Accommodation) -> Terms:
    """The test's terms for a candidate who was granted this. A share of the duration counts in whole seconds, rounded
    up. A pause budget of her own lets lost connections stop her clock, or none if it is zero."""
    if given == NOTHING_GRANTED:
        return terms
    duration_ms, extra_time_ms, extra_time_permille = terms.duration_ms, given.extra_time_ms, given.extra_time_permille
    if given.unlimited_time:
        duration_ms, extra_time_ms, extra_time_permille = None, 0, 0
    elif duration_ms is not None:
        share_ms = -(-duration_ms * extra_time_permille // 1_000_000) * 1_000
        extra_time_ms, extra_time_permille = max(extra_time_ms, share_ms), 0
    opens_ms, closes_ms, budget_ms = given.opens_at_ms, given.closes_at_ms, given.pause_budget_ms
    if given.never_closes:
        closes_ms = None
    elif closes_ms is None:
        closes_ms = terms.window_closes_at_ms
    exempt = given.exempt
    return replace(
        terms,
        duration_ms=duration_ms,
        window_opens_at_ms=terms.window_opens_at_ms if opens_ms is None else opens_ms,
        window_closes_at_ms=closes_ms,
        pause_on_disconnect=terms.pause_on_disconnect if budget_ms is None else budget_ms > 0,
        pause_budget_ms=terms.pause_budget_ms if budget_ms is None else budget_ms,
        extra_time_ms=extra_time_ms,
        extra_time_permille=extra_time_permille,
        unlimited_time=given.unlimited_time,
        watches=without(terms.watches, exempt) if exempt else terms.watches,
        full_screen=terms.full_screen and "full_screen_left" not in exempt,
        captures=captures.without(terms.captures, exempt),
    )


def terms_in_force(attempt: Attempt, sheet: Sheet) -> Terms:
    """The attempt's own terms from the start on, and before it what the sheet means for this candidate."""
    return accommodated(sheet.terms, attempt.accommodation) if attempt.terms is None else attempt.terms
