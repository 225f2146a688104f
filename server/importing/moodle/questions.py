"""Questions of a test from Moodle XML."""

from typing import Final

from protocol.content import Essay, Interaction, Question, TrueFalse
from server.importing.drafts import Drafts
from server.importing.faults import ImportFault
from server.importing.moodle.cloze import read_cloze
from server.importing.moodle.fields import as_body, body_in, decimal, fraction_of, is_true, points_of, text_in
from server.importing.weighing import Weighed, a_number, a_text, one_of, some_of
from server.importing.xml import Element, local

_CLOZE: Final = ("cloze", "multianswer")


def draft_moodle(source: str, root: Element) -> Drafts:
    """The questions of a `<quiz>`. A category becomes a tag of the questions behind it; a description, which asks
    nothing, stands before the next question."""
    drafts = Drafts(source)
    tags: list[str] = []
    waiting: list[Element] = []
    for element in root.iterchildren():
        if not isinstance(element.tag, str) or local(element) != "question":
            continue
        match element.get("type", ""):
            case "category":
                category = text_in(element, "category/text").rsplit("/", 1)[-1].strip()
                tags = [category] if category else []
            case "description":
                waiting.append(element)
            case _:
                name = text_in(element, "idnumber") or _name(element)
                drafts.take(_called(element), name, _Maker(element, waiting, tags))
                waiting = []
    for element in waiting:
        drafts.refuse(_called(element), "No question follows this text.")
    return drafts


def _name(element: Element) -> str:
    return text_in(element, "name/text")


def _called(element: Element) -> str:
    name = " ".join(_name(element).split())[:100]
    return f"line {element.sourceline}" + (f", {name}" if name else "")


class _Maker:
    def __init__(self, element: Element, waiting: list[Element], tags: list[str]) -> None:
        self._element = element
        self._waiting = waiting
        self._tags = tags

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        element = self._element
        before = [body_in(one.find("questiontext"), losses) for one in self._waiting]
        body, interactions = _asked(element, losses)
        if not body:
            raise ImportFault("The question has no text.")
        own = [text_in(tag) for tag in element.iterfind("tags/tag")]
        return Question(
            question_id=question_id,
            body="".join([*before, body]),
            interactions=interactions,
            feedback=body_in(element.find("generalfeedback"), losses) or None,
            tags=list(dict.fromkeys(tag for tag in [*self._tags, *own] if tag)),
        )


def _asked(element: Element, losses: list[str]) -> tuple[str, list[Interaction]]:
    kind = element.get("type", "")
    stem = element.find("questiontext")
    if kind in _CLOZE:
        written, interactions = read_cloze(text_in(stem), losses)
        return as_body(written, "html", losses), interactions
    body = body_in(stem, losses)
    _note_feedback(element, losses)
    return body, [_interaction(kind, element, losses)]


def _interaction(kind: str, element: Element, losses: list[str]) -> Interaction:
    points_mpt = points_of(element)
    answers = list(element.iterfind("answer"))
    match kind:
        case "multichoice":
            shown = [Weighed(body_in(answer, losses, line=True), fraction_of(answer)) for answer in answers]
            choose = one_of if is_true(element, "single") else some_of
            return choose(shown, points_mpt, shuffle=is_true(element, "shuffleanswers"))
        case "truefalse":
            return TrueFalse(correct=_truth(answers), points_mpt=points_mpt)
        case "shortanswer":
            typed = [Weighed(text_in(answer), fraction_of(answer)) for answer in answers]
            return a_text(typed, points_mpt, case_sensitive=is_true(element, "usecase"))
        case "numerical":
            return a_number([_number(answer) for answer in answers if text_in(answer) != "*"], points_mpt)
        case "essay":
            if text_in(element, "attachments") not in ("", "0"):
                losses.append("left out: files that candidates may attach")
            guidance = body_in(element.find("graderinfo"), losses)
            return Essay(points_mpt=points_mpt, guidance=guidance or None)
        case _:
            raise ImportFault(f"A question of the kind {kind[:40]!r} is none that a test can have.")


def _truth(answers: list[Element]) -> bool:
    right = [text_in(answer).lower() for answer in answers if fraction_of(answer) > 0]
    if len(right) != 1 or right[0] not in ("true", "false"):
        raise ImportFault("It is not said whether true or false is right.")
    return right[0] == "true"


def _number(answer: Element) -> tuple[Weighed, str]:
    value = text_in(answer)
    decimal(value, "answer")
    tolerance = text_in(answer, "tolerance") or "0"
    return Weighed(value, fraction_of(answer)), f"{decimal(tolerance, 'tolerance'):f}"


def _note_feedback(element: Element, losses: list[str]) -> None:
    if any(text_in(feedback) for feedback in element.iterfind("answer/feedback")):
        losses.append("left out: the feedback to single answers")
    by_score = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
    if any(text_in(element.find(name)) for name in by_score):
        losses.append("left out: the feedback by score")
    if element.find("hint") is not None:
        losses.append("left out: hints")
