"""All texts of a test that a program sends as HTML, made into bodies."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Associate,
    Choice,
    GapMatch,
    GraphicGapMatch,
    Hottext,
    Interaction,
    Match,
    Numeric,
    Option,
    Passage,
    Question,
    ScoreFeedback,
    Section,
    ShortText,
    Slider,
    TestContent,
    TrueFalse,
    WithOptions,
)
from protocol.mistakes import mistake
from server.writing.bodies import checked_body, checked_line
from server.writing.faults import WritingFault

_Accepted = TypeVar("_Accepted", AcceptedNumber, AcceptedText)


def checked_content(content: TestContent) -> TestContent:
    """The test with its texts in the one form that bodies have. Raises `Refused(invalid_test)`, which names what no
    body may hold, and where it is."""
    return replace(
        content,
        instructions=_made("instructions", checked_body, content.instructions),
        passages=[_passage(passage) for passage in content.passages],
        questions=[checked_question(question) for question in content.questions],
        sections=[_section(section) for section in content.sections],
    )


def checked_question(question: Question) -> Question:
    """The same of one question."""
    where = f"question {question.question_id!r}"
    return replace(
        question,
        body=_made(where, checked_body, question.body),
        feedback=_said(where, question.feedback),
        score_feedback=[
            ScoreFeedback(one.from_permille, _made(where, checked_body, one.body)) for one in question.score_feedback
        ],
        interactions=[_interaction(where, asked) for asked in question.interactions],
    )


def _interaction(where: str, asked: Interaction) -> Interaction:
    made: dict[str, object] = {}
    if isinstance(asked, GapMatch | Hottext):
        made["text"] = _made(where, checked_body, asked.text)
    match asked:
        case WithOptions():
            made["options"] = _options(where, asked.options)
        case Match():
            made |= {"rows": _options(where, asked.rows), "columns": _options(where, asked.columns)}
        case GapMatch() | Associate() | GraphicGapMatch():
            made["choices"] = _options(where, asked.choices)
    return _with_feedback(where, replace(asked, **made) if made else asked)


def _options(where: str, options: Sequence[Option]) -> list[Option]:
    return [replace(option, body=_made(where, checked_line, option.body)) for option in options]


def _with_feedback(where: str, asked: Interaction) -> Interaction:
    match asked:
        case Choice() | TrueFalse():
            said = {name: _made(where, checked_body, body) for name, body in asked.option_feedback.items()}
            return replace(asked, option_feedback=said)
        case Numeric() | Slider():
            return replace(asked, accepted=[_accepted(where, one) for one in asked.accepted])
        case ShortText():
            texts = [one if isinstance(one, str) else _accepted(where, one) for one in asked.accepted]
            return replace(asked, accepted=texts)
        case _:
            return asked


def _accepted(where: str, one: _Accepted) -> _Accepted:
    return replace(one, feedback=_said(where, one.feedback))


def _said(where: str, feedback: str | None) -> str | None:
    return None if feedback is None else _made(where, checked_body, feedback)


def _passage(passage: Passage) -> Passage:
    return replace(passage, body=_made(f"passage {passage.passage_id!r}", checked_body, passage.body))


def _section(section: Section) -> Section:
    return replace(section, instructions=_made(f"section {section.section_id!r}", checked_body, section.instructions))


def _made(where: str, make: Callable[[str], str], html: str) -> str:
    try:
        return make(html)
    except WritingFault as fault:
        raise mistake(where, f"{fault}") from None
