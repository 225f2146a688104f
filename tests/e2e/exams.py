"""Exams for the tests, and candidates for them."""

from dataclasses import dataclass

from clients.python.rest import Rest
from protocol.content import Rules, ShortText, TestContent
from protocol.rest import NewAttempt


def short_texts(count: int, rules: Rules | None = None) -> TestContent:
    """An exam of `count` questions `q1`, `q2`…; whatever is typed is an answer, and "right" is the right one."""
    questions = [
        ShortText(question_id=f"q{number}", prompt=f"Question {number}?", accepted=["right"])
        for number in range(1, count + 1)
    ]
    return TestContent(title="Short texts", rules=rules or Rules(), questions=[*questions])


@dataclass(frozen=True)
class Seat:
    """One candidate's attempt, and the token that opens it."""

    attempt_id: str
    token: str


async def seat(service: Rest, test_id: str, user_id: str) -> Seat:
    """An attempt that is not started yet."""
    made = await service.make_attempt(NewAttempt(test_id=test_id, user_id=user_id, display_name=user_id.title()))
    assert made.token is not None
    return Seat(made.attempt_id, made.token)
