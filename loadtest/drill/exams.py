"""The tests that are sat in a drill, and the answers that are given."""

import random
from collections.abc import Sequence
from typing import Final

from loadtest.drill.recorder import canary
from protocol.content import Option, Question, Rules, Section, ShortText, SingleChoice, TestContent
from protocol.messages.base import Value

LONG: Final = "long"
SHORT: Final = "short"
PAUSING: Final = "pausing"
STAGED: Final = "staged"
TESTS: Final = (LONG, SHORT, PAUSING, STAGED)
QUESTIONS: Final = 8
SECTIONS: Final[dict[str, range]] = {"first": range(1, 4), "second": range(4, 7), "third": range(7, QUESTIONS + 1)}
"""The sections of `STAGED`, and their questions by number. They are sat one after the other."""
_OPTIONS: Final = ("a", "b", "c", "d")
KEYS: Final = ("b", "a")
"""The right choice in each version of a test: the first had the wrong one. All sit the last."""


def make_rules(test_id: str, arriving_ms: int) -> Rules:
    """If arrivals take longer, the exams last longer, too."""
    if test_id == LONG:
        # Handed in by its candidates, long before its end.
        return Rules(duration_ms=600_000 + 10 * arriving_ms, warnings_ms=[60_000])
    if test_id == SHORT:
        # Its deadlines pass while the fault lasts, and right after it.
        return Rules(duration_ms=6_000 + arriving_ms, grace_ms=1_000, warnings_ms=[2_000])
    if test_id == STAGED:
        return Rules(duration_ms=60_000 + 2 * arriving_ms, grace_ms=1_000, warnings_ms=[], order="by_section")
    # A lost connection stops its clock for a while.
    return Rules(
        duration_ms=8_000 + arriving_ms, grace_ms=1_000, warnings_ms=[], on_disconnect="pause", pause_budget_ms=3_000
    )


def make_test(test_id: str, org: str, arriving_ms: int, key: str) -> TestContent:
    """The same ids in every organisation, and other texts. The last question is typed, so that it can hold a canary."""
    questions: list[Question] = [
        Question(
            question_id=f"q{number}",
            body=f"Question {number}, {canary(org)}",
            interactions=[
                SingleChoice(
                    options=[Option(option, f"Option {option} {canary(org)}") for option in _OPTIONS], correct=key
                )
            ],
        )
        for number in range(1, QUESTIONS)
    ]
    questions.append(
        Question(
            question_id=f"q{QUESTIONS}",
            body=f"Write {canary(org)}.",
            interactions=[ShortText(accepted=[f"{canary(org)} 1"])],
        )
    )
    return TestContent(
        title=f"Drill {test_id} {canary(org)}",
        questions=questions,
        sections=make_sections(arriving_ms) if test_id == STAGED else [],
        rules=make_rules(test_id, arriving_ms),
    )


def make_sections(arriving_ms: int) -> list[Section]:
    """The time for the second passes while the fault lasts, or right after it, for those who enter it in time."""
    limits_ms = {"second": 4_000 + arriving_ms}
    return [
        Section(section_id=name, title=name, items=[f"q{number}" for number in numbers], limit_ms=limits_ms.get(name))
        for name, numbers in SECTIONS.items()
    ]


def next_section(test_id: str, section_id: str | None, closed: Sequence[str]) -> str | None:
    """The section that comes after the open one, or after those that have closed; None: there is none."""
    if test_id != STAGED:
        return None
    begun = {section_id, *closed}
    return next((name for name in SECTIONS if name not in begun), None)


def make_answer(chance: random.Random, org: str, section_id: str | None) -> tuple[str, Value, int | None]:
    """A question, an answer to it (now and then none, which takes it back), and where the candidate goes with it. Where
    a section is open, most questions are of that section; the others are refused."""
    of_section = SECTIONS.get(section_id or "")
    number = chance.choice(of_section) if of_section and chance.random() < 0.9 else chance.randint(1, QUESTIONS)
    position = chance.choice((None, number % QUESTIONS))
    if chance.random() < 0.05:
        return f"q{number}", None, position
    if number == QUESTIONS:
        return f"q{number}", f"{canary(org)} {chance.randint(1, 5)}", position
    return f"q{number}", chance.choice(_OPTIONS), position
