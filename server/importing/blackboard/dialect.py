"""Blackboard's dialect of QTI 1.2: an item is changed until it says the same in the words that other systems use."""

from collections.abc import Callable
from typing import Final

from lxml import etree

from server.importing.blackboard.kinds import blanks, choice, matching, numeric, typed
from server.importing.blackboard.shares import by_part
from server.importing.faults import ImportFault
from server.importing.qti.names import children, text_of
from server.importing.xml import Element

_KIND: Final = "bbmd_questiontype"
_PARTIAL: Final = "bbmd_partialcredit"
_REFUSED: Final = {
    "Calculated": "Its answer is worked out by a formula from numbers by chance.",
    "Quiz Bowl": "Its answer is a question, which is compared word by word.",
    "Opinion Scale": "No answer to it is right.",
}
_CALLED: Final = {
    "Essay": "essay_question",
    "File Upload": "file_upload_question",
    "Fill in the Blank Plus": "fill_in_multiple_blanks_question",
    "Jumbled Sentence": "multiple_dropdowns_question",
    "Matching": "matching_question",
}
"""What Canvas calls these kinds."""
_WORDS: Final = {
    "true_false": ("True", "False"),
    "yes_no": ("Yes", "No"),
    "agree_disagree": ("Agree", "Disagree"),
    "right_wrong": ("Right", "Wrong"),
}
"""What stands for the names of texts by which some answers are shown: `yes_no.true`."""
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
_SOLUTION: Final = "solution"
_ESSAYS: Final = ("Essay", "Short Response")


def is_blackboards(item: Element) -> bool:
    """Whether an item says what Blackboard calls its kind."""
    return next(item.iter(_KIND), None) is not None


def translated(item: Element, losses: list[str]) -> None:
    """Changes an item. What can't be said otherwise is told. Raises `ImportFault` for a kind of which no question can
    be made."""
    kind = text_of(next(item.iter(_KIND), None))
    if kind in _REFUSED:
        raise ImportFault(_REFUSED[kind])
    if kind in _CALLED:
        _call(item, _CALLED[kind])
    _show_pictures(item)
    _show_feedback(item, is_essay=kind in _ESSAYS)
    _write_words(item)
    is_partial = text_of(next(item.iter(_PARTIAL), None)).lower() == "true"
    change = _CHANGES.get(kind)
    if change is not None:
        change(item, is_partial)
    elif is_partial and kind == "Ordering":
        losses.append("left out: points for a part of the right order")


def _call(item: Element, name: str) -> None:
    field = etree.SubElement(item, "qtimetadatafield")
    etree.SubElement(field, "fieldlabel").text = "question_type"
    etree.SubElement(field, "fieldentry").text = name


def _show_pictures(item: Element) -> None:
    """A file beside a text that is a picture is shown with it."""
    for one in list(item.iter("matapplication")):
        if one.get("uri", one.get("label", "")).lower().endswith(_PICTURES):
            one.tag = "matimage"
            one.set("uri", one.get("uri", one.get("label", "")))
            one.attrib.pop("label", None)


def _show_feedback(item: Element, *, is_essay: bool) -> None:
    """What is said to whoever chooses an option stands where others have a solution. The solution of an essay is for
    whoever marks it."""
    for one in children(item, "itemfeedback"):
        if one.get("ident") == _SOLUTION and not is_essay:
            continue
        for solution in children(one, "solution"):
            one.extend(child for material in children(solution, "solutionmaterial") for child in children(material))
            one.remove(solution)
        if one.get("ident") == _SOLUTION:
            one.tag = "itemrubric"
            one.set("view", "Scorer")


def _write_words(item: Element) -> None:
    for text in item.iter("mattext"):
        group, _, which = text_of(text).partition(".")
        if group in _WORDS and which in ("true", "false"):
            text.text = _WORDS[group][which == "false"]


_CHANGES: Final[dict[str, Callable[[Element, bool], None]]] = {
    "Multiple Choice": choice,
    "Multiple Answer": choice,
    "True/False": choice,
    "Either/Or": choice,
    "Matching": matching,
    "Fill in the Blank Plus": blanks,
    "Jumbled Sentence": by_part,
    "Fill in the Blank": typed,
    "Numeric": numeric,
}
