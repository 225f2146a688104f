"""The tests that are sat in a drill, and the answers that are given."""

import random
from typing import Final

from loadtest.drill.recorder import canary
from protocol.content import Option, Question, Rules, ShortText, SingleChoice, TestContent
from protocol.messages.base import Value

LONG: Final = "long"
SHORT: Final = "short"
PAUSING: Final = "pausing"
TESTS: Final = (LONG, SHORT, PAUSING)
QUESTIONS: Final = 8
_OPTIONS: Final = ("a", "b", "c", "d")


def make_rules(test_id: str, arriving_ms: int) -> Rules:
    """If arrivals take longer, the exams last longer, too."""
    if test_id == LONG:
        # Handed in by its candidates, long before its end.
        return Rules(duration_ms=600_000 + 10 * arriving_ms, warnings_ms=[60_000])
    if test_id == SHORT:
        # Its deadlines pass while the fault lasts, and right after it.
        return Rules(duration_ms=6_000 + arriving_ms, grace_ms=1_000, warnings_ms=[2_000])
    # A lost connection stops its clock for a while.
    return Rules(
        duration_ms=8_000 + arriving_ms, grace_ms=1_000, warnings_ms=[], on_disconnect="pause", pause_budget_ms=3_000
    )


def make_test(test_id: str, org: str, arriving_ms: int) -> TestContent:
    """The same ids in every organisation, and other texts. The last question is typed, so that it can hold a canary."""
    questions: list[Question] = [
        SingleChoice(
            question_id=f"q{number}",
            prompt=f"Question {number}, {canary(org)}",
            options=[Option(option, f"Option {option} {canary(org)}") for option in _OPTIONS],
            correct="a",
        )
        for number in range(1, QUESTIONS)
    ]
    questions.append(
        ShortText(question_id=f"q{QUESTIONS}", prompt=f"Write {canary(org)}.", accepted=[f"{canary(org)} 1"])
    )
    return TestContent(
        title=f"Drill {test_id} {canary(org)}", questions=questions, rules=make_rules(test_id, arriving_ms)
    )


def make_answer(chance: random.Random, org: str) -> tuple[str, Value, int | None]:
    """A question, an answer to it (now and then none, which takes it back), and where the candidate goes with it."""
    number = chance.randint(1, QUESTIONS)
    position = chance.choice((None, number % QUESTIONS))
    if chance.random() < 0.05:
        return f"q{number}", None, position
    if number == QUESTIONS:
        return f"q{number}", f"{canary(org)} {chance.randint(1, 5)}", position
    return f"q{number}", chance.choice(_OPTIONS), position
