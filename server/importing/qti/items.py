"""An item of QTI as a question. Its key is found by trying answers against its response processing, and the whole
question is held against it once more."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from msgspec.structs import replace

from protocol import limits
from protocol.content import Criterion, Question
from protocol.content.text import place
from protocol.errors import Refused
from protocol.question_checks import check_rubric
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked
from server.importing.qti.bodies import MEDIA_INTERACTION, Find, Texts
from server.importing.qti.declarations import Declaration, read_declaration, strange_bounds
from server.importing.qti.demands import is_required, note_use_of_typed
from server.importing.qti.feedback import told_by, with_feedback
from server.importing.qti.hints import hints_of
from server.importing.qti.interactions import INTERACTIONS, read_interaction
from server.importing.qti.keys import keyed, values_of
from server.importing.qti.names import children
from server.importing.qti.processing import Outcomes, Scores, outcomes_of, scores_of
from server.importing.qti.unprocessed import has_key, scores_by_keys
from server.importing.qti.values import number
from server.importing.qti.writing import AskedEssay
from server.importing.xml import Element

_SCORE: Final = "SCORE"
_HIGHEST: Final = ("MAXSCORE", "MAX_SCORE")
_BESIDE: Final = {
    "catalogInfo": "left out: other forms of its texts for those who need them (`catalogInfo`)",
    "apipAccessibility": "left out: other forms of its texts for those who need them (`apipAccessibility`)",
    "companionMaterialsInfo": "left out: what is to be given beside it (`companionMaterialsInfo`)",
}
_NUMBERS: Final = ("float", "integer")
_NOT_HERE: Final = ("outcomeProcessing",)


class ItemMaker:
    """Makes the question of an item for `Drafts.take`. `find` takes in files of the item, `weight` is by what a test
    multiplies its points: where it is zero, or no answer gives any, the question is not scored."""

    def __init__(self, item: Element, find: Find, weight: Fraction = Fraction(1)) -> None:
        self._item = item
        self._find = find
        self._weight = weight

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        item = self._item
        check_item(item)
        responses = _declared(item, "responseDeclaration")
        outcomes = _declared(item, "outcomeDeclaration")
        texts = Texts(self._find, losses)
        losses += [told for name, told in _BESIDE.items() if next(item.iter(name), None) is not None]
        losses += [f"left out: a bound of its points that is no number: {told!r}" for told in strange_bounds(item)]
        highest = _highest(item, outcomes)
        if _is_information(item, responses, highest):
            body = texts.body(children(item, "itemBody")[0])
            return Question(question_id=question_id, body=body, interactions=[])
        if _is_text_alone(item) and highest is not None:
            body, asked = _read_open(item, texts, losses)
        else:
            body, asked = _read_body(item, responses, texts, losses)
        outcomes_by, scores, is_scored = self._processing(responses, outcomes)
        gives_nothing = not is_scored and not any(map(has_key, responses.values()))
        is_scored = is_scored or any(one.needs_person for one in asked)
        weight = self._weight or Fraction(1)
        most = None if highest is None else highest * weight
        proved = keyed(asked, _weighted(scores, weight), most, losses, gives_nothing=gives_nothing)
        if texts.guidance and not any(one.needs_person for one in asked):
            losses.append("left out: a note for whoever marks it")
        question = _with_rubric(
            Question(
                question_id=question_id,
                body=body,
                interactions=proved.interactions,
                scoring=proved.scoring,
                required=_is_required(item, losses),
                scored=bool(self._weight) and is_scored and proved.is_scored,
                unanswered_mpt=proved.unanswered_mpt,
            ),
            texts.rubric,
            losses,
        )
        told = [told_by(element, texts) for element in (*children(item, "modalFeedback"), *texts.feedback)]
        return with_feedback(question, told, proved.answers, lambda parts: outcomes_by(values_of(asked, parts)), losses)

    def _processing(
        self, responses: Mapping[str, Declaration], outcomes: Mapping[str, Declaration]
    ) -> tuple[Outcomes, Scores, bool]:
        """What an answer sets, what it is worth, and whether the item itself gives points."""
        processing = next(iter(children(self._item, "responseProcessing")), None)
        if processing is not None and _does_something(processing):
            process = outcomes_of(processing, {**outcomes, **responses})
            name = _scored(processing, outcomes)
            return process, scores_by_keys(responses) if name is None else scores_of(process, name), name is not None
        unprocessed = {name: one.default for name, one in outcomes.items()}
        return lambda values: unprocessed, scores_by_keys(responses), any(map(has_key, responses.values()))


def _with_rubric(question: Question, rubric: list[Criterion], losses: list[str]) -> Question:
    """The question with its rubric, where it fits."""
    judged = replace(question, rubric=rubric)
    try:
        check_rubric("", judged)
    except Refused:
        losses.append("left out: a rubric that does not fit the points of its question")
        return question
    return judged


def _is_information(item: Element, responses: Mapping[str, Declaration], highest: Fraction | None) -> bool:
    """Whether an item is there to be read: it asks nothing, has no key and is worth nothing."""
    has_key = any(one.correct or one.mapping is not None for one in responses.values())
    return _is_text_alone(item) and not has_key and not highest


def _is_text_alone(item: Element) -> bool:
    """Whether there is nothing in an item to answer, and nothing that judges answers."""
    bodies = children(item, "itemBody")
    is_asked = any(_is_interaction(one) for body in bodies for one in body.iter())
    is_judged = any(_does_something(one) for one in children(item, "responseProcessing"))
    return bool(bodies) and not is_asked and not is_judged


def _is_interaction(element: Element) -> bool:
    return str(element.tag).endswith("Interaction") and element.tag != MEDIA_INTERACTION


def _does_something(processing: Element) -> bool:
    return bool(children(processing)) or processing.get("template") is not None


def _read_open(item: Element, texts: Texts, losses: list[str]) -> tuple[str, list[Asked]]:
    """An item that is worth points and has lost its interaction: an answer is typed, and a person marks it."""
    losses.append("it has no interaction: an answer is typed, and a person marks it")
    asked = AskedEssay("answer", Declaration("", "single", "string"), texts.guidance)
    return texts.body(children(item, "itemBody")[0]) + place("answer"), [asked]


def check_item(item: Element) -> None:
    """Raises `ImportFault` for what no question here is."""
    if item.get("adaptive") in ("true", "1"):
        raise ImportFault("It is adaptive: what comes next depends on the answer before.")
    judges = any(_does_something(one) for one in children(item, "responseProcessing", *_NOT_HERE))
    if judges and not any(_is_interaction(one) for body in children(item, "itemBody") for one in body.iter()):
        raise _nothing_asked(item)
    for name in _NOT_HERE:
        if children(item, name):
            raise ImportFault(f"It has `{name}`, which a question here has not.")


def _nothing_asked(item: Element) -> ImportFault:
    declared = next(iter(children(item, "responseDeclaration")), None)
    if declared is None:
        return ImportFault("There is nothing to answer in it.")
    name = declared.get("identifier", "")[:60]
    return ImportFault(f"It judges answers to {name!r}, and nothing in it asks for one.")


def _is_required(item: Element, losses: list[str]) -> bool:
    """Whether an answer is asked for in each of its interactions."""
    asked = [is_required(one) for one in item.iter(*INTERACTIONS)]
    if any(asked) and not all(asked):
        losses.append("left out: that some of its parts have to be answered")
    return bool(asked) and all(asked)


def _declared(item: Element, name: str) -> dict[str, Declaration]:
    found: dict[str, Declaration] = {}
    for element in children(item, name):
        if name == "outcomeDeclaration" and element.get("cardinality") == "record":
            continue
        one = read_declaration(element)
        found[one.name] = one
    return found


def _read_body(
    item: Element, responses: Mapping[str, Declaration], texts: Texts, losses: list[str]
) -> tuple[str, list[Asked]]:
    body = next(iter(children(item, "itemBody")), None)
    found = [] if body is None else [one for one in body.iter() if one.tag in INTERACTIONS]
    if body is None or not found:
        others = [] if body is None else [str(one.tag) for one in body.iter() if _is_interaction(one)]
        if others:
            raise ImportFault(f"`{others[0][:60]}` is none of the interactions that a question here can have.")
        raise _nothing_asked(item)
    if len(found) > limits.MAX_INTERACTIONS:
        raise ImportFault(f"There are more than {limits.MAX_INTERACTIONS} answers to give in it.")
    hints = hints_of(item)
    asked: list[Asked] = []

    def placed(element: Element) -> str | None:
        if element.tag not in INTERACTIONS:
            return None
        name = element.get("responseIdentifier", "")
        if name not in responses:
            raise ImportFault(f"It asks for {name[:60]!r}, which is not declared.")
        response_id = "answer" if len(found) == 1 else name
        before, one = read_interaction(element, response_id, responses[name], texts, hints, losses)
        note_use_of_typed(item, element)
        asked.append(one)
        return before + place(response_id)

    return texts.body(body, placed), asked


def _scored(processing: Element, outcomes: Mapping[str, Declaration]) -> str | None:
    """The variable that has the score: `SCORE`, or the only one that is called so with a number behind. None: it sets
    no number, so that it gives no points."""
    if _SCORE in outcomes or processing.get("template"):
        return _SCORE
    set_ones = {element.get("identifier", "") for element in processing.iter("setOutcomeValue")}
    alike = [name for name in outcomes if name.startswith(_SCORE) and name in set_ones]
    if not alike and not any(
        isinstance(outcomes[name].default, Fraction) or outcomes[name].base in _NUMBERS
        for name in set_ones & outcomes.keys()
    ):
        return None
    if len(alike) != 1:
        raise ImportFault("Its response processing sets no `SCORE`.")
    return alike[0]


def worth_of(item: Element) -> Fraction | None:
    """The points that an item says it is worth."""
    return _highest(item, _declared(item, "outcomeDeclaration"))


def _highest(item: Element, outcomes: Mapping[str, Declaration]) -> Fraction | None:
    for name in _HIGHEST:
        if name in outcomes and isinstance(worth := outcomes[name].default, Fraction) and worth > 0:
            return worth
    for element in children(item, "outcomeDeclaration"):
        if element.get("identifier") == _SCORE and element.get("normalMaximum"):
            worth = number(element.get("normalMaximum", "0"))
            return worth if worth > 0 else None
    return None


def _weighted(scores: Scores, weight: Fraction) -> Scores:
    if weight == 1:
        return scores
    return lambda values: scores(values) * weight
