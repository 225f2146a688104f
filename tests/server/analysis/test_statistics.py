"""What the process that works out item statistics makes of stored results."""

from io import BytesIO
from typing import Any

import msgspec
import pytest

from protocol.content import Essay, Interaction, Numeric, Question, Rules, ShortText, SingleChoice, TestContent
from protocol.messages.base import Value
from server.analysis.statistics import Keys, analyse
from tests.protocol.marking.test_question import OPTIONS


def figures(question: Question, *answers: Value) -> Any:
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


def survey(asked: Interaction, *answers: str) -> list[tuple[str, int]]:
    question = Question(question_id="q", body="?", interactions=[asked], scored=False)
    return [(one.text, one.given) for one in figures(question, *answers).typed]


def test_what_several_typed_is_told_as_most_wrote_it_and_what_few_did_is_not() -> None:
    town = ShortText(accepted=[])
    answers = ["Ulm", "ulm", " Ulm ", "ULM", "Ulm", *["Bonn"] * 7, *["I, Ada Lovelace"] * 4, ""]
    assert survey(town, *answers) == [("Bonn", 7), ("Ulm", 5)]
    assert survey(ShortText(accepted=[], case_sensitive=True), *answers) == [("Bonn", 7)]
    assert survey(Numeric(accepted=[]), "1.50", "1,5", "1.5", "3/2", "1.5", "+1.5", "about 1") == [("1.5", 6)]
    assert survey(Essay(), *["The same"] * 9) == [], "an essay is read, not counted"
    assert len(survey(town, *[f"Town {at}" for at in range(20)] * 5)) == 10


def test_each_part_has_its_own() -> None:
    parts: list[Interaction] = [ShortText(response_id=name, accepted=[]) for name in ("town", "river")]
    question = Question(question_id="q", body="?", interactions=parts, scored=False)
    answer: Value = {"town": "Ulm", "river": "Danube"}
    found = figures(question, *[answer] * 5)
    assert [(one.response_id, one.text) for one in found.typed] == [("town", "Ulm"), ("river", "Danube")]
