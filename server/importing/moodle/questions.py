"""Questions of a test from Moodle XML."""

from typing import Final

from protocol.content import Interaction, Question, ScoreFeedback, TrueFalse
from protocol.content.text import place
from server.importing.carried import Carried
from server.importing.drafts import Drafts
from server.importing.faults import ImportFault
from server.importing.moodle.cloze import read_cloze
from server.importing.moodle.fields import as_body, body_in, decimal, fraction_of, is_true, points_of, text_in
from server.importing.moodle.files import bring_files
from server.importing.moodle.handing import is_answer_required, note_unread, written_or_handed_in
from server.importing.pairing import Movable, gap_match, matched, with_gaps, with_menus
from server.importing.texts import plain_body
from server.importing.weighing import Weighed, a_number, a_text, one_of, ordered, rest_feedback, some_of
from server.importing.xml import Element, local

_CLOZE: Final = ("cloze", "multianswer")
_IN_GAPS: Final = ("gapselect", "ddwtos")
_BY_SCORE: Final = (("correctfeedback", 1_000), ("partiallycorrectfeedback", 1), ("incorrectfeedback", 0))
"""Where the texts stand that depend on the mark, and from how many thousandths of the points each is shown."""


def draft_moodle(source: str, root: Element) -> Drafts:
    """The questions of a `<quiz>`. A category becomes a tag of the questions behind it; a description
    asks nothing, and becomes information."""
    drafts = Drafts(source)
    tags: list[str] = []
    for element in root.iterchildren():
        if not isinstance(element.tag, str) or local(element) != "question":
            continue
        match element.get("type", ""):
            case "category":
                category = text_in(element, "category/text").rsplit("/", 1)[-1].strip()
                tags = [category] if category else []
            case _:
                name = text_in(element, "idnumber") or _name(element)
                drafts.take(_called(element), name, _Maker(element, tags, drafts.carried))
    return drafts


def _name(element: Element) -> str:
    return text_in(element, "name/text")


def _called(element: Element) -> str:
    name = " ".join(_name(element).split())[:100]
    return f"line {element.sourceline}" + (f", {name}" if name else "")


class _Maker:
    def __init__(self, element: Element, tags: list[str], carried: Carried) -> None:
        self._element = element
        self._carried = carried
        self._tags = tags

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        element = self._element
        bring_files(element, self._carried, losses)
        body, interactions = _asked(element, losses)
        if not body:
            raise ImportFault("The question has no text.")
        own = [text_in(tag) for tag in element.iterfind("tags/tag")]
        return Question(
            question_id=question_id,
            body=body,
            interactions=interactions,
            required=is_answer_required(element),
            feedback=_general_feedback(element, losses) or None,
            score_feedback=_score_feedback(element, losses),
            tags=list(dict.fromkeys(tag for tag in [*self._tags, *own] if tag)),
        )


def _general_feedback(element: Element, losses: list[str]) -> str:
    said = body_in(element.find("generalfeedback"), losses)
    if said and element.get("type") == "description":
        losses.append("left out: the feedback to a text that asks nothing")
        return ""
    return said


def _asked(element: Element, losses: list[str]) -> tuple[str, list[Interaction]]:
    kind = element.get("type", "")
    note_unread(element, losses)
    stem = element.find("questiontext")
    if kind == "description":
        return body_in(stem, losses), []
    if kind in _CLOZE:
        written, interactions = read_cloze(text_in(stem), losses)
        return as_body(written, "html", losses), interactions
    if kind in _IN_GAPS:
        return _in_gaps(kind, element, losses)
    body = body_in(stem, losses)
    if kind == "essay":
        return body, written_or_handed_in(element, losses)
    return body, [_interaction(kind, element, losses)]


def _in_gaps(kind: str, element: Element, losses: list[str]) -> tuple[str, list[Interaction]]:
    """A text with gaps: menus stand in it, or it stands within the interaction."""
    stem = element.find("questiontext")
    format_ = "html" if stem is None else stem.get("format", "html")
    texts = [
        Movable(_choice_text(one, losses), text_in(one, "group") or "1", one.find("infinite") is not None)
        for one in element.iterfind("selectoption" if kind == "gapselect" else "dragbox")
    ]
    if not all(text.said for text in texts):
        raise ImportFault("A text for a gap is blank.")
    shuffle, points_mpt = is_true(element, "shuffleanswers"), points_of(element)
    if kind == "gapselect":
        written, menus = with_menus(text_in(stem), texts, points_mpt, shuffle=shuffle)
        return as_body(written, format_, losses), [*menus]
    written, choices, correct = with_gaps(text_in(stem), texts, losses)
    text = as_body(written, format_, losses)
    return place("answer"), [gap_match(text, choices, correct, points_mpt, shuffle=shuffle)]


def _choice_text(element: Element, losses: list[str]) -> str:
    return as_body(text_in(element), "html", losses, line=True)


def _interaction(kind: str, element: Element, losses: list[str]) -> Interaction:
    points_mpt = points_of(element)
    answers = list(element.iterfind("answer"))
    match kind:
        case "multichoice":
            shown = [_weighed(answer, body_in(answer, losses, line=True), losses) for answer in answers]
            choose = one_of if is_true(element, "single") else some_of
            return choose(shown, points_mpt, shuffle=is_true(element, "shuffleanswers"))
        case "truefalse":
            said = {text_in(answer).lower(): _feedback(answer, losses) for answer in answers}
            return TrueFalse(
                correct=_truth(answers),
                points_mpt=points_mpt,
                option_feedback={name: said[name] for name in ("true", "false") if said.get(name)},
            )
        case "shortanswer":
            typed = [_weighed(answer, text_in(answer), losses) for answer in answers]
            return a_text(typed, points_mpt, case_sensitive=is_true(element, "usecase"))
        case "numerical":
            numbers = [_number(answer, losses) for answer in answers if text_in(answer) != "*"]
            return a_number(numbers, points_mpt)
        case "matching":
            pairs = [
                (body_in(one, losses, line=True), plain_body(text_in(one, "answer/text"), line=True))
                for one in element.iterfind("subquestion")
            ]
            return matched(pairs, points_mpt, shuffle=is_true(element, "shuffleanswers"))
        case "ordering":
            return ordered(
                [body_in(answer, losses, line=True) for answer in answers], points_mpt, text_in(element, "gradingtype")
            )
        case _:
            raise ImportFault(f"A question of the kind {kind[:40]!r} is none that a test can have.")


def _truth(answers: list[Element]) -> bool:
    right = [text_in(answer).lower() for answer in answers if fraction_of(answer) > 0]
    if len(right) != 1 or right[0] not in ("true", "false"):
        raise ImportFault("It is not said whether true or false is right.")
    return right[0] == "true"


def _number(answer: Element, losses: list[str]) -> tuple[Weighed, str]:
    value = text_in(answer)
    decimal(value, "answer")
    tolerance = text_in(answer, "tolerance") or "0"
    return _weighed(answer, value, losses), f"{decimal(tolerance, 'tolerance'):f}"


def _weighed(answer: Element, said: str, losses: list[str]) -> Weighed:
    return Weighed(said, fraction_of(answer), _feedback(answer, losses))


def _feedback(answer: Element, losses: list[str]) -> str:
    return body_in(answer.find("feedback"), losses)


def _score_feedback(element: Element, losses: list[str]) -> list[ScoreFeedback]:
    said = [(share, body_in(element.find(name), losses)) for name, share in _BY_SCORE]
    told = [ScoreFeedback(share, body) for share, body in said] if any(body for _, body in said) else []
    if element.get("type") not in ("shortanswer", "numerical"):
        return told
    return told or rest_feedback(
        [_weighed(answer, text_in(answer), losses) for answer in element.iterfind("answer")], losses
    )
