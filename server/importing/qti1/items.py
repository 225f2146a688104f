"""An item of QTI 1.2 as a question, its key found as one of QTI 2 is."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from protocol.content import Question
from protocol.messages.base import PartValue
from server.importing.blackboard.dialect import is_blackboards, translated
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked
from server.importing.qti.bodies import Find
from server.importing.qti.feedback import Told, with_feedback
from server.importing.qti.keys import keyed, values_of
from server.importing.qti.names import children, text_of
from server.importing.qti.processing import Scores
from server.importing.qti.unprocessed import scores_by_keys
from server.importing.qti.values import Value, number
from server.importing.qti1.asking import Presentation
from server.importing.qti1.conditions import Processing
from server.importing.qti1.materials import Materials
from server.importing.xml import Element

_REFUSED: Final = {
    "calculated_question": "Its answer is worked out by a formula from numbers by chance.",
    "formula_question": "Its answer is worked out by a formula from numbers by chance.",
}
_UNREAD: Final = {
    "hint": "left out: hints",
    "solution": "left out: a solution",
    "duration": "left out: how long it should take",
}
_WORTH: Final = ("points_possible", "qmd_absolutescore_max", "qmd_weighting")
_WHOLE: Final = Fraction(100)
_ROUNDED: Final = Fraction(1, 2)


class Item1Maker:
    """Makes the question of an item for `Drafts.take`. `find` takes in files of the item; with `shuffle` its options
    are in an order of the candidate's own."""

    def __init__(self, item: Element, find: Find, *, shuffle: bool = False) -> None:
        self._item = item
        self._shuffle = shuffle
        self._find = find

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        if is_blackboards(self._item):
            translated(self._item, losses)
        kind = kind_of(self._item)
        if kind in _REFUSED:
            raise ImportFault(_REFUSED[kind])
        _note_unread(self._item, losses)
        materials = Materials(self._find, losses)
        body, asked = Presentation(self._item, kind, materials, losses, shuffle=self._shuffle).read()
        processing = Processing(
            next(iter(children(self._item, "resprocessing")), None), exact=kind == "categorization_question"
        )
        worth = worth_of(self._item)
        if all(one.needs_person for one in asked):
            proved = keyed(asked, lambda values: Fraction(0), worth, losses)
        else:
            scores = _scores(processing, asked)
            raw = keyed(asked, scores, None, [])
            attained = sum((Fraction(one.points_mpt, 1_000) for one in raw.interactions), Fraction(0))
            scale = _scale(processing, worth, attained, kind) if raw.is_scored else Fraction(1)
            proved = keyed(asked, lambda values: scores(values) * scale, None, losses)
        question = Question(
            question_id=question_id,
            body=body,
            interactions=proved.interactions,
            scoring=proved.scoring,
            scored=proved.is_scored,
        )
        told = [_told(element, materials) for element in children(self._item, "itemfeedback")]

        def outcomes(parts: Mapping[str, PartValue]) -> Mapping[str, Value]:
            shown = processing.judge(values_of(asked, parts)).shown
            return {name: name for name in shown}

        return with_feedback(question, told, proved.answers, outcomes, losses)


def _note_unread(item: Element, losses: list[str]) -> None:
    """Adds to the losses what an item has and a question here has not."""
    for name, told in _UNREAD.items():
        if any(text_of(one) or children(one) for one in item.iter(name)):
            losses.append(told)
    calculator = metadata(item).get("calculator_type", "none")
    if calculator not in ("", "none"):
        losses.append(f"left out: a calculator ({calculator[:40]})")


def _scores(processing: Processing, asked: list[Asked]) -> Scores:
    """What the processing gives; the areas of a picture are right without any."""
    if not processing.sets_points and all(one.declared.areas is not None for one in asked):
        return scores_by_keys({one.declared.name: one.declared for one in asked})
    return lambda values: processing.judge(values).score


def _scale(processing: Processing, worth: Fraction | None, attained: Fraction, kind: str) -> Fraction:
    """By what the scores of its processing are multiplied: per cent become the points that the item is worth."""
    is_whole = abs(attained - _WHOLE) <= _ROUNDED
    is_share = processing.sets_points and processing.highest == _WHOLE
    is_share = is_share or (is_whole and bool(worth or processing.highest or kind))
    if worth is None and processing.highest != _WHOLE and is_whole:
        worth = processing.highest
    if worth is None and not is_share:
        return Fraction(1)
    # Thirds of a hundred are a hundred together.
    return (worth or Fraction(1)) / (attained if is_whole or not is_share else _WHOLE)


def _told(element: Element, materials: Materials) -> Told:
    ident = element.get("ident", "")
    return Told(lambda outcomes: ident in outcomes, lambda: materials.body(materials.html(element)))


def metadata(item: Element) -> dict[str, str]:
    """The fields that an item has by their labels."""
    fields: dict[str, str] = {}
    for field in item.iter("qtimetadatafield"):
        label, entry = (next(iter(children(field, name)), None) for name in ("fieldlabel", "fieldentry"))
        fields.setdefault(text_of(label), text_of(entry))
    for name in _WORTH:
        for found in item.iter(name):
            fields.setdefault(name, text_of(found))
    return fields


def kind_of(item: Element) -> str:
    """What Canvas calls its type; blank where it does not say."""
    return metadata(item).get("question_type", "")


def worth_of(item: Element) -> Fraction | None:
    """The points that an item says it is worth."""
    known = metadata(item)
    for name in _WORTH:
        if known.get(name):
            worth = number(known[name])
            return worth if worth > 0 else None
    return None
