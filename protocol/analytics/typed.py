"""Questions whose answers are saved again and again while somebody is at them."""

from protocol.content import Essay, Numeric, ShortText, Slider, TestContent

_TYPED = (Essay, Numeric, ShortText, Slider)


def typed_questions(content: TestContent) -> frozenset[str]:
    """Their ids: where something is typed, or a slider is moved."""
    return frozenset(
        question.question_id
        for question in content.questions
        if any(isinstance(asked, _TYPED) for asked in question.interactions)
    )
