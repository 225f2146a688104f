"""What the process that works out item statistics makes of stored results."""

from io import BytesIO
from typing import Any

import msgspec
import pytest

from protocol.content import Question, Rules, SingleChoice, TestContent
from server.analysis.statistics import Keys, analyse
from tests.protocol.marking.test_question import OPTIONS


def figures(question: Question, *answers: str | None) -> Any:
    """Those of a question that counts in no score, of which these answers were given."""
    content = TestContent(title="T", rules=Rules(), questions=[question])
    lines: list[Any] = [Keys({1: content}, 700)]
    for answer in answers:
        lines += [{"marks": [{"question_id": "q", "score_mpt": 0, "max_mpt": 0}], "test_version": 1}, {"q": answer}]
    return analyse(BytesIO(b"\n".join(map(msgspec.json.encode, lines)))).questions[0]


@pytest.mark.parametrize(
    ("unanswered_mpt", "points_mpt", "difficulty_ppm"),
    [(0, 1_000, 500_000), (-500, 1_000, 250_000), (500, 1_000, 750_000), (9_000, 1_000, 1_000_000), (-500, 0, 500_000)],
)
def test_a_blank_answer_to_what_is_tried_out_is_worth_what_it_would_be(
    unanswered_mpt: int, points_mpt: int, difficulty_ppm: int
) -> None:
    asked = SingleChoice(options=OPTIONS, correct="a", points_mpt=points_mpt)
    question = Question(question_id="q", body="?", interactions=[asked], scored=False, unanswered_mpt=unanswered_mpt)
    found = figures(question, "a", None)
    assert (found.blank, found.difficulty_ppm) == (1, difficulty_ppm)
