"""All texts of a test are made bodies, wherever they stand."""

import msgspec
import pytest

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Interaction,
    Numeric,
    Option,
    Question,
    ScoreFeedback,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.errors import Refused
from server.writing.content import checked_content

OPTIONS = [Option("a", "A"), Option("b", "B")]


def asking(interaction: Interaction, **more: object) -> TestContent:
    question = msgspec.structs.replace(Question(question_id="q", body="?", interactions=[interaction]), **more)
    return TestContent(title="T", questions=[question])


def every(said: str) -> list[TestContent]:
    """A test for each place of feedback, with this text there."""
    return [
        asking(TrueFalse(correct=True), feedback=said),
        asking(TrueFalse(correct=True), score_feedback=[ScoreFeedback(0, said)]),
        asking(TrueFalse(correct=True, option_feedback={"true": said})),
        asking(SingleChoice(options=OPTIONS, correct="a", option_feedback={"b": said})),
        asking(Numeric(accepted=[AcceptedNumber(value="1", feedback=said)])),
        asking(ShortText(accepted=["x", AcceptedText(text="y", feedback=said)])),
    ]


@pytest.mark.parametrize("content", every("<p>See<script>x</script>"))
def test_feedback_that_no_body_may_hold_is_refused(content: TestContent) -> None:
    with pytest.raises(Refused, match="script"):
        checked_content(content)


@pytest.mark.parametrize(("content", "expected"), list(zip(every("<p>See"), every("<p>See</p>"), strict=True)))
def test_feedback_gets_the_one_form_of_bodies(content: TestContent, expected: TestContent) -> None:
    assert checked_content(content) == expected
