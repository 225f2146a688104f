"""The parts of a test, and the texts in them."""

from collections.abc import Iterator
from typing import NamedTuple

from protocol.content import (
    Associate,
    Choice,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    Hottext,
    Interaction,
    Match,
    Numeric,
    OnPicture,
    Option,
    Picture,
    Question,
    ShortText,
    Slider,
    TestContent,
    TrueFalse,
    WithOptions,
)
from protocol.rest.lint import Finding, FindingCode


class Place(NamedTuple):
    """A part of a test: in words, and by its ids where it is a question or an interaction."""

    where: str
    question_id: str | None = None
    response_id: str | None = None

    def found(self, code: FindingCode, says: str) -> Finding:
        """A finding here."""
        return Finding(
            code=code, where=self.where, says=says, question_id=self.question_id, response_id=self.response_id
        )


TEST = Place("the test")


def at_question(question: Question) -> Place:
    """The question as a whole."""
    return Place(f"question {question.question_id!r}", question.question_id)


def interactions(content: TestContent) -> Iterator[tuple[Place, Interaction]]:
    """All interactions of the test."""
    for question in content.questions:
        for asked in question.interactions:
            yield at_interaction(question, asked), asked


def at_interaction(question: Question, asked: Interaction) -> Place:
    """The interaction; of a question's only one it is said as of the question."""
    where, question_id, _ = at_question(question)
    if len(question.interactions) > 1:
        where = f"{where}, part {asked.response_id!r}"
    return Place(where, question_id, asked.response_id)


def option_sets(asked: Interaction) -> Iterator[tuple[str, list[Option]]]:
    """Each set of things that stand beside one another in an interaction, with what they are called."""
    match asked:
        case WithOptions():
            yield "options", asked.options
        case Match():
            yield "rows", list(asked.rows)
            yield "columns", list(asked.columns)
        case GapMatch() | Associate() | GraphicGapMatch():
            yield "choices", list(asked.choices)
        case _:
            pass


def texts(content: TestContent) -> Iterator[tuple[Place, str]]:
    """All bodies of the test, those that come with results among them."""
    yield Place("instructions"), content.instructions
    for section in content.sections:
        yield Place(f"section {section.section_id!r}"), section.instructions
    for passage in content.passages:
        yield Place(f"passage {passage.passage_id!r}"), passage.body
    for question in content.questions:
        yield at_question(question), question.body
        for asked in question.interactions:
            place = at_interaction(question, asked)
            for body in [*shown_in(asked), *_said_of(asked)]:
                yield place, body
        for said in (question.feedback, *(one.body for one in question.score_feedback)):
            yield at_question(question), said or ""


def shown_in(asked: Interaction) -> Iterator[str]:
    """The bodies that a candidate reads in an interaction."""
    if isinstance(asked, GapMatch | Hottext):
        yield asked.text
    for _, options in option_sets(asked):
        for option in options:
            yield option.body


def picture_in(asked: Interaction) -> Picture | None:
    """The picture on which an interaction stands."""
    return asked.picture if isinstance(asked, OnPicture | GraphicGapMatch | GraphicAssociate) else None


def _said_of(asked: Interaction) -> Iterator[str]:
    match asked:
        case Choice() | TrueFalse():
            yield from asked.option_feedback.values()
        case Numeric() | Slider() | ShortText():
            for one in asked.accepted:
                yield "" if isinstance(one, str) else one.feedback or ""
        case _:
            pass
