"""Tests to look at."""

from typing import Any

from protocol.content import Interaction, Option, Question, Rules, TestContent, TrueFalse
from protocol.content_checks import check_test

OPTIONS = [Option(name, name.upper()) for name in "abc"]
FACT = TrueFalse(correct=True)


def q(*interactions: Interaction, name: str = "q", body: str = "?", **more: Any) -> Question:
    return Question(question_id=name, body=body, interactions=list(interactions), **more)


def content(*questions: Question, rules: Rules | None = None, **more: Any) -> TestContent:
    """A test that may be stored."""
    asked = list(questions) or [q(FACT)]
    return check_test(TestContent(title="T", questions=asked, rules=rules or Rules(), **more))
