"""The interactions of QTI that a question here can have, each read by a function of its own."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from protocol.content import Interaction, MultipleChoice, Order
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Hints
from server.importing.qti.bodies import Texts
from server.importing.qti.choosing import AskedOne, AskedSome, SetKey
from server.importing.qti.declarations import Declaration
from server.importing.qti.demands import lengths_of, note_demands
from server.importing.qti.handing import AskedFile
from server.importing.qti.joining import read_associate, read_gap_match, read_match
from server.importing.qti.names import children
from server.importing.qti.options import read_options
from server.importing.qti.ordering import AskedOrder, Partial
from server.importing.qti.reading import Reading
from server.importing.qti.sliding import AskedSlider
from server.importing.qti.spotting import (
    read_graphic_associate,
    read_graphic_gap_match,
    read_graphic_order,
    read_hotspot,
    read_hottext,
    read_points,
)
from server.importing.qti.values import number
from server.importing.qti.writing import AskedEssay, AskedNumber, AskedText
from server.importing.xml import Element


def read_interaction(
    element: Element, response_id: str, declared: Declaration, texts: Texts, hints: Hints, losses: list[str]
) -> tuple[str, Asked]:
    """What stands before the interaction, as HTML, and the interaction. Raises `ImportFault`."""
    reading = Reading(element, response_id, declared, texts, hints, losses)
    prompt = next(iter(children(element, "prompt")), None)
    note_demands(element, losses)
    before = "" if prompt is None else texts.html(prompt)
    if before.strip() and not before.lstrip().startswith(("<p", "<div", "<h", "<ul", "<ol", "<table")):
        before = f"<p>{before}</p>"
    return before, INTERACTIONS[str(element.tag)](reading)


def _choice(reading: Reading) -> Asked:
    options = read_options(
        reading.element, children(reading.element, "simpleChoice"), reading.texts.line, reading.losses
    )
    limit = reading.choices_limit()
    if limit == 1:
        return AskedOne(reading.response_id, reading.declared, options)

    least = reading.least("minChoices", limit)

    def make(key: SetKey) -> Interaction:
        return MultipleChoice(
            response_id=reading.response_id,
            options=options.options,
            shuffle=options.shuffle,
            pinned=options.pinned,
            max_choices=limit,
            # The right answer is never too short.
            min_choices=min(least, len(key.correct)),
            **key._asdict(),
        )

    return AskedSome(reading.response_id, reading.declared, options.named, limit, make)


def _inline_choice(reading: Reading) -> Asked:
    filled = [one for one in children(reading.element, "inlineChoice") if reading.texts.line(one)]
    options = read_options(reading.element, filled, reading.texts.line, reading.losses)
    return AskedOne(reading.response_id, reading.declared, options, in_line=True)


def _order(reading: Reading) -> Asked:
    choices = children(reading.element, "simpleChoice")
    for name in ("maxChoices", "minChoices"):
        if 0 < reading.count(name, 0) < len(choices):
            raise ImportFault("Only some of its options are put in order.")
    options = read_options(reading.element, choices, reading.texts.line, reading.losses)

    def make(points_mpt: int, correct: list[str], partial: Partial) -> Interaction:
        return Order(
            response_id=reading.response_id,
            options=options.options,
            points_mpt=points_mpt,
            correct=correct,
            partial=partial,
        )

    return AskedOrder(reading.response_id, reading.declared, options.named, make)


def _text(reading: Reading) -> Asked:
    if reading.declared.cardinality != "single":
        raise ImportFault("Several texts are typed in one place.")
    if reading.declared.base in ("integer", "float"):
        return AskedNumber(reading.response_id, reading.declared, reading.hints)
    longest = lengths_of(reading.element).max_chars
    return AskedText(reading.response_id, reading.declared, reading.hints, longest)


def _essay(reading: Reading) -> Asked:
    if reading.count("maxStrings", 1) > 1 or reading.declared.cardinality != "single":
        raise ImportFault("Several texts are typed in one place.")
    rich = reading.element.get("format") == "xhtml"
    return AskedEssay(
        reading.response_id, reading.declared, reading.texts.guidance, lengths_of(reading.element), rich=rich
    )


def _upload(reading: Reading) -> Asked:
    if reading.declared.cardinality != "single":
        raise ImportFault("Several files are handed in in one place.")
    types = reading.element.get("type", "").replace(",", " ").split()
    return AskedFile(reading.response_id, reading.declared, types, reading.texts.guidance, reading.losses)


def _slider(reading: Reading) -> Asked:
    lower, upper = (number(reading.element.get(name, "")) for name in ("lowerBound", "upperBound"))
    step = number(reading.element.get("step", "1")) or Fraction(1)
    return AskedSlider(reading.response_id, reading.declared, lower, upper, step)


INTERACTIONS: Final[dict[str, Callable[[Reading], Asked]]] = {
    "choiceInteraction": _choice,
    "inlineChoiceInteraction": _inline_choice,
    "orderInteraction": _order,
    "textEntryInteraction": _text,
    "extendedTextInteraction": _essay,
    "uploadInteraction": _upload,
    "sliderInteraction": _slider,
    "hottextInteraction": read_hottext,
    "matchInteraction": read_match,
    "associateInteraction": read_associate,
    "gapMatchInteraction": read_gap_match,
    "hotspotInteraction": read_hotspot,
    "selectPointInteraction": read_points,
    "graphicOrderInteraction": read_graphic_order,
    "graphicGapMatchInteraction": read_graphic_gap_match,
    "graphicAssociateInteraction": read_graphic_associate,
}
