"""What is said of answers, in QTI 3: to everybody, by the score, and to whoever chose an option."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from protocol.content import (
    Choice,
    Interaction,
    MultipleChoice,
    Numeric,
    Question,
    ShortText,
    Slider,
    TrueFalse,
)
from protocol.content.interactions import has_feedback
from protocol.points import spell_points
from server.exporting.elements import Element, Words, qti
from server.exporting.faults import CannotSay

_ALL: Final = "FEEDBACK"
_SCORE: Final = "FEEDBACK_BY_SCORE"
_CHOSEN: Final = "FEEDBACK_TO_CHOICE"


class WrittenFeedback(NamedTuple):
    """Declarations of its variables, what sets them once the score is known, and what stands behind the body. What is
    said to whoever chose an option stands in the option."""

    declared: list[Element]
    conditions: list[Element]
    modal: list[Element]


def check_feedback(question: Question) -> None:
    """Raises `CannotSay` for feedback that QTI has no place for here."""
    if any(has_feedback(one) for one in question.interactions if isinstance(one, Numeric | Slider | ShortText)):
        raise CannotSay("has feedback to a number or a text, which is not written as QTI")
    if len(question.interactions) > 1 and any(map(has_feedback, question.interactions)):
        raise CannotSay("has feedback to options of one of several parts, which is not written as QTI")
    if question.score_feedback and question.needs_person:
        raise CannotSay("has feedback by its score and is marked by a person: QTI says it before the mark is known")


def write_feedback(
    question: Question, names: Sequence[str], elements: Mapping[str, Element], words: Words
) -> WrittenFeedback:
    """`names` are the response variables, `elements` the written interactions by their response ids."""
    written = WrittenFeedback([], [], [])
    if question.feedback is not None:
        # Its variable is never set, so that it is seen whatever the answer.
        written.declared.append(_variable(_ALL))
        written.modal.append(_modal(_ALL, "hidden", question.feedback, words, shown=False))
    if question.score_feedback:
        _by_score(question, written, words)
    for asked, name in zip(question.interactions, names, strict=True):
        if has_feedback(asked):
            written.declared.append(_variable(_CHOSEN, asked))
            chosen = qti("variable", identifier=name)
            written.conditions.append(qti("set-outcome-value", chosen, identifier=_CHOSEN))
            _by_option(asked, elements[asked.response_id], words)
    return written


def _variable(name: str, asked: Interaction | None = None) -> Element:
    cardinality = "multiple" if isinstance(asked, MultipleChoice) else "single"
    return qti("outcome-declaration", identifier=name, cardinality=cardinality, base_type="identifier")


def _modal(variable: str, name: str, body: str, words: Words, *, shown: bool = True) -> Element:
    content = words.fill(qti("content-body"), body)
    show_hide = "show" if shown else "hide"
    return qti("modal-feedback", content, outcome_identifier=variable, identifier=name, show_hide=show_hide)


def _by_score(question: Question, written: WrittenFeedback, words: Words) -> None:
    written.declared.append(_variable(_SCORE))
    ways: list[Element] = []
    ordered = sorted(question.score_feedback, key=lambda one: -one.from_permille)
    for place, one in enumerate(ordered):
        name = f"from{one.from_permille}"
        said = qti("base-value", text=name, base_type="identifier")
        setting = qti("set-outcome-value", said, identifier=_SCORE)
        least = qti("base-value", text=spell_points(one.from_permille * question.shown_mpt // 1_000), base_type="float")
        is_reached = qti("gte", qti("variable", identifier="SCORE"), least)
        if place == 0:
            ways.append(qti("response-if", is_reached, setting))
        elif one.from_permille == 0:
            # Below zero too.
            ways.append(qti("response-else", setting))
        else:
            ways.append(qti("response-else-if", is_reached, setting))
        if one.body:
            written.modal.append(_modal(_SCORE, name, one.body, words))
    written.conditions.append(qti("response-condition", *ways))


def _by_option(asked: Interaction, element: Element, words: Words) -> None:
    said = asked.option_feedback if isinstance(asked, Choice | TrueFalse) else {}
    for option in element:
        body = said.get(option.get("identifier", ""))
        if body is not None:
            block = qti(
                "feedback-block", outcome_identifier=_CHOSEN, show_hide="show", identifier=option.get("identifier")
            )
            option.append(words.fill(block, body))
