"""The exam of a crowded node: 180 questions with four options each."""

from typing import Final

from protocol.content import Option, Question, Rules, SingleChoice, TestContent
from protocol.messages.operations import Answer

ORG: Final = "bench"
TEST: Final = "t"
OTHER_TEST: Final = "other"
"""An exam like it, which others sit at the same time."""
QUESTIONS: Final = 180
DURATION_MS: Final = 12 * 3_600_000
WARNED_MS: Final = 300_000
"""Before the end."""
GRACE_MS: Final = 2_000
OPTIONS: Final = ("a", "b", "c", "d")


def question_id(number: int) -> str:
    """Of the question at this position."""
    return f"question-{number:03}"


def answer(n: int, position: int) -> Answer:
    """Operation `n` of every candidate."""
    return Answer(n, question_id(position), OPTIONS[n % len(OPTIONS)], position, 0)


def content() -> TestContent:
    options = [Option(option, f"Option {option}") for option in OPTIONS]
    return TestContent(
        title="Exam",
        questions=[
            Question(
                question_id=question_id(number),
                body=f"{number}?",
                interactions=[SingleChoice(options=options, correct="a")],
            )
            for number in range(QUESTIONS)
        ],
        rules=Rules(duration_ms=DURATION_MS, grace_ms=GRACE_MS, warnings_ms=[WARNED_MS]),
    )
