"""Whether the rules of a test go together. What can't mean anything is a mistake; what is merely odd, since it changes
nothing as the test is now, is said to its author."""

from collections.abc import Iterator
from typing import Final

from protocol.content import Draw, Rules, Section, TestContent, pool_of
from protocol.durations import in_minutes
from protocol.integrity import captures, safe_exam_browser, watches
from protocol.mistakes import mistake
from protocol.rules.access_codes import plain_code
from protocol.rules.addresses import read_range

_DEFAULT: Final = Rules()


def check_rules(content: TestContent) -> None:
    """Raises `Refused(invalid_test)` naming the first rule that makes no sense, by itself or beside the others."""
    for said in _contradictions(content):
        raise mistake("rules", said)
    for section in content.sections:
        where = f"section {section.section_id!r}"
        if section.limit == "soft" and section.limit_ms is None:
            raise mistake(where, "a limit that is soft needs a time: the section has none")
        if content.rules.duration_ms is not None and section.min_ms > content.rules.duration_ms:
            raise mistake(where, "its minimum time is longer than the test's duration")
    for question in content.questions:
        if question.limit == "soft" and question.limit_ms is None:
            where = f"question {question.question_id!r}"
            raise mistake(where, "a limit that is soft needs a time: the question has none")


def _contradictions(content: TestContent) -> Iterator[str]:
    rules = content.rules
    duration_ms, opens_ms, closes_ms = rules.duration_ms, rules.opens_at_ms, rules.closes_at_ms
    if opens_ms is not None and closes_ms is not None and opens_ms >= closes_ms:
        yield "the window closes before it opens"
    if duration_ms is not None and rules.min_time_ms > duration_ms:
        yield "the minimum time is longer than the duration"
    if duration_ms is not None and rules.grace_ms > duration_ms:
        yield "the grace is longer than the duration"
    if rules.leaderboard != "off" and rules.shows == "reference":
        yield "a leaderboard shows scores, and `shows: reference` shows candidates none"
    if rules.leaderboard == "score_and_time" and rules.counts == "average":
        yield "`leaderboard: score_and_time` needs an attempt that counts: an average has no time"
    if rules.limit == "soft" and duration_ms is None:
        yield "`limit: soft` is about the end of the duration, and the test has none"
    if rules.synchronised and (opens_ms is None or duration_ms is None):
        yield "`synchronised: true` needs a window that opens, and a duration"
    if len(set(rules.warnings_ms)) != len(rules.warnings_ms):
        yield "a warning is named twice"
    if rules.access_code is not None and not plain_code(rules.access_code):
        yield "`access_code` is blank"
    yield from _wrong_ranges(rules)
    if rules.release == "window_closed" and closes_ms is None:
        yield "`release: window_closed` needs a window that closes"
    if rules.gaps != "allow" and not any(question.required for question in content.questions):
        yield f"`gaps: {rules.gaps}` concerns `required` questions, and the test has none"
    if rules.form_choice == "candidate" and not content.forms:
        yield "`form_choice: candidate` concerns forms, and the test has none"
    if rules.second_marking_permille and not any(question.needs_person for question in content.questions):
        yield "`second_marking` concerns answers that persons mark, and the test has no essay"
    against = captures.contradiction(rules.captures)
    sources = [one.source for one in rules.captures]
    against = against or watches.contradiction(rules.integrity, rules.full_screen, sources)
    against = against or safe_exam_browser.contradiction(rules.safe_exam_browser)
    if against is not None:
        yield against
    grades = rules.grades
    if len({grade.label for grade in grades}) != len(grades):
        yield "two grades have the same label"
    if len({grade.from_permille for grade in grades}) != len(grades):
        yield "two grades have the same boundary"


def _wrong_ranges(rules: Rules) -> Iterator[str]:
    for named in rules.address_ranges:
        try:
            read_range(named)
        except ValueError:
            yield f"`address_ranges`: {named!r} is no range of addresses, like 192.0.2.0/24 or 2001:db8::/32"


def oddities(content: TestContent) -> Iterator[str]:
    """What of the test has no effect as it is, each in a sentence. What staff may still grant to single candidates is
    not taken into account."""
    yield from _odd_ends(content)
    yield from _odd_attempts(content.rules)
    yield from _odd_results(content)
    yield from _odd_limits(content)
    unseen = _unseen(content)
    if unseen:
        more = "" if len(unseen) <= 5 else f" and {len(unseen) - 5} more"
        yield f"No paper has these questions: {', '.join(unseen[:5])}{more}."
    if content.rules.gaps == "allow" and any(question.required for question in content.questions):
        yield "Some questions are required, and with `gaps: allow` nobody is told."


def _odd_ends(content: TestContent) -> Iterator[str]:
    rules = content.rules
    ends = rules.closes_at_ms is not None or (rules.duration_ms is not None and rules.limit == "hard")
    # Where nothing limits the whole, a test ends with its last section.
    ends |= any(section.limit_ms is not None and section.limit == "hard" for section in content.sections)
    if rules.at_end != "submit" and not ends:
        yield f"`at_end: {rules.at_end}` says what happens when time is up, and nothing ends this test."
    if rules.at_end != "hand_in" and rules.hand_in_ms != _DEFAULT.hand_in_ms:
        yield "`hand_in` counts with `at_end: hand_in` alone."
    if rules.late_answers == "nothing" and rules.late_ms != _DEFAULT.late_ms:
        yield "`late` counts with `late_answers: evidence` or `file` alone."
    if rules.on_disconnect == "run" and rules.pause_budget_ms != _DEFAULT.pause_budget_ms:
        yield "`pause_budget` counts with `on_disconnect: pause` alone."
    if rules.on_disconnect == "pause" and not rules.pause_budget_ms:
        yield "`on_disconnect: pause` stops no clock, since `pause_budget` is nothing."
    if rules.closes_at_ms is None and rules.pause_grace_ms != _DEFAULT.pause_grace_ms:
        yield "`pause_grace` begins when the window closes, and this one never does."
    if rules.duration_ms is not None and rules.warnings_ms != _DEFAULT.warnings_ms:
        moot = [ms for ms in rules.warnings_ms if ms >= rules.duration_ms]
        if moot:
            yield f"The warning {in_minutes(max(moot))} before the end is never given: the test is not that long."
    window_ms = _window_ms(rules)
    if window_ms is not None and rules.min_time_ms > window_ms:
        yield "Nobody can hand in: the minimum time is longer than the window."


def _odd_attempts(rules: Rules) -> Iterator[str]:
    most = rules.max_attempts
    if rules.delay_first_ms and most == 1:
        yield "`delay_first` concerns a second attempt, and `max_attempts` is 1."
    if rules.delay_later_ms and most is not None and most <= 2:
        yield f"`delay_later` concerns a third attempt, and `max_attempts` is {most}."
    if rules.counts != _DEFAULT.counts and most == 1:
        yield f"`counts: {rules.counts}` concerns several attempts, and `max_attempts` is 1."
    window_ms = _window_ms(rules)
    if window_ms is not None and most != 1 and rules.delay_first_ms >= window_ms:
        yield "There is no second attempt: the window closes before `delay_first` has passed."


def _window_ms(rules: Rules) -> int | None:
    """How long the window is; None: it has no end or no beginning."""
    if rules.opens_at_ms is None or rules.closes_at_ms is None:
        return None
    return rules.closes_at_ms - rules.opens_at_ms


def _odd_results(content: TestContent) -> Iterator[str]:
    rules = content.rules
    if rules.shows == "feedback" and not any(question.has_feedback for question in content.questions):
        yield "`shows: feedback` shows none, since no question has any."
    marked_by_persons = any(question.needs_person for question in content.questions)
    if rules.blind_marking and not marked_by_persons:
        yield "`blind_marking` concerns answers that persons mark, and the test has no essay."
    if not rules.second_marking_permille and rules.marking_tolerance_permille != _DEFAULT.marking_tolerance_permille:
        yield "`marking_tolerance` counts with `second_marking` alone."


def _odd_limits(content: TestContent) -> Iterator[str]:
    duration_ms = content.rules.duration_ms
    longer = [
        question.question_id
        for question in content.questions
        if duration_ms is not None and question.limit_ms is not None and question.limit_ms > duration_ms
    ]
    if longer:
        yield f"The time limit of question {longer[0]} is longer than the test's duration."
    for section in content.sections:
        if duration_ms is not None and section.limit_ms is not None and section.limit_ms > duration_ms:
            yield f"The time limit of section {section.section_id} is longer than the test's duration."


def _unseen(content: TestContent) -> list[str]:
    """The questions that are in no paper."""
    if content.sections:
        seen = {name for section in content.sections for name in _names(content, section)}
    elif content.forms:
        seen = {name for chosen in content.forms.values() for name in chosen}
    else:
        return []
    return [question.question_id for question in content.questions if question.question_id not in seen]


def _names(content: TestContent, section: Section) -> Iterator[str]:
    for item in section.items:
        if isinstance(item, Draw):
            yield from pool_of(content, item)
        else:
            yield item
