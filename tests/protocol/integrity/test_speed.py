"""What is faster than people are."""

from protocol.attempt.paper import on_paper
from protocol.content import Essay, Interaction, Question, ShortText
from protocol.integrity.speed import text_chars

PARTS: list[Interaction] = [
    Essay(response_id="plain"),
    Essay(response_id="rich", format="rich"),
    ShortText(response_id="short", accepted=["x"]),
]


def test_of_rich_text_nobody_types_the_markup() -> None:
    question = on_paper(Question(question_id="q", body="?", interactions=[PARTS[1]]))
    assert text_chars(question, "<ul><li><p>a &amp; b</p></li></ul>") == len("a & b")
    assert text_chars(question, None) == 0


def test_of_an_answer_in_parts_all_that_is_typed_counts() -> None:
    question = on_paper(Question(question_id="q", body="?", interactions=[*PARTS]))
    assert text_chars(question, {"plain": "<p>a</p>", "rich": "<p>bc</p>"}) == len("<p>a</p>") + len("bc")
