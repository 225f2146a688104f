"""What the author says of an answer and of its mark. A candidate reads it with her result, never on her paper."""

from collections.abc import Iterator

from protocol.answering import is_blank, parts_of
from protocol.content import Choice, Interaction, Numeric, Question, ShortText, Slider, TrueFalse
from protocol.marking.near import nearest
from protocol.marking.text import fitting_text
from protocol.messages.base import PartValue, Value
from protocol.rest.results import Feedback


def feedback_to(question: Question, value: Value, score_mpt: int | None, language: str | None) -> Iterator[Feedback]:
    """What is said of each part of the answer, and then of the mark; `Question.feedback` is not among it. `score_mpt`
    is the mark, None: there is none. `language` is the test's."""
    names = [asked.response_id for asked in question.interactions]
    for asked, part in zip(question.interactions, parts_of(value, names), strict=True):
        for option, body in _of_part(asked, part, language):
            yield Feedback(question_id=question.question_id, response_id=asked.response_id, option=option, body=body)
    by_score = of_score(question, score_mpt)
    if by_score is not None:
        yield Feedback(question_id=question.question_id, response_id=None, option=None, body=by_score)


def of_score(question: Question, score_mpt: int | None) -> str | None:
    """What is said of a mark: the text with the highest boundary that it reaches. A mark below zero is like zero; of a
    question that is worth nothing, nothing is said."""
    if score_mpt is None or not question.points_mpt:
        return None
    reached = [
        one for one in question.score_feedback if one.from_permille * question.points_mpt <= max(0, score_mpt) * 1_000
    ]
    best = max(reached, key=lambda one: one.from_permille, default=None)
    return None if best is None else best.body or None


def _of_part(asked: Interaction, part: PartValue | None, language: str | None) -> Iterator[tuple[str | None, str]]:
    """(the option that was chosen, what is said of it); of what was typed there is no option."""
    if is_blank(part):
        return
    match asked, part:
        case Choice(), str() | list():
            chosen = {part} if isinstance(part, str) else {str(name) for name in part}
            for option in asked.options:
                if option.option_id in chosen and option.option_id in asked.option_feedback:
                    yield option.body, asked.option_feedback[option.option_id]
        case TrueFalse(), str():
            if part in asked.option_feedback:
                yield part.capitalize(), asked.option_feedback[part]
        case Numeric() | Slider(), str():
            number = nearest(asked, part)
            if number is not None and number.feedback is not None:
                yield None, number.feedback
        case ShortText(), str():
            text = fitting_text(asked, part, language)
            if text is not None and text.feedback is not None:
                yield None, text.feedback
