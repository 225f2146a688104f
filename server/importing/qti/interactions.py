"""The interactions of QTI that a question here can have, each read by a function of its own."""

from collections.abc import Callable
from typing import Final

from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Hints
from server.importing.qti.bodies import Texts
from server.importing.qti.choosing import AskedOne, AskedSome
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.names import children
from server.importing.qti.options import read_options
from server.importing.qti.ordering import AskedOrder
from server.importing.qti.writing import AskedEssay, AskedNumber, AskedText
from server.importing.xml import Element


class Reading:
    """What is needed to read one interaction."""

    def __init__(
        self, element: Element, response_id: str, declared: Declaration, texts: Texts, hints: Hints, losses: list[str]
    ) -> None:
        self.element = element
        self.response_id = response_id
        self.declared = declared
        self.texts = texts
        self.hints = hints
        self.losses = losses

    def count(self, name: str, default: int) -> int:
        """A whole number that an attribute says."""
        written = self.element.get(name, "")
        return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else default


def read_interaction(
    element: Element, response_id: str, declared: Declaration, texts: Texts, hints: Hints, losses: list[str]
) -> tuple[str, Asked]:
    """What stands before the interaction, as HTML, and the interaction. Raises `ImportFault`."""
    reading = Reading(element, response_id, declared, texts, hints, losses)
    prompt = next(iter(children(element, "prompt")), None)
    before = "" if prompt is None else texts.html(prompt)
    if before.strip() and not before.lstrip().startswith(("<p", "<div", "<h", "<ul", "<ol", "<table")):
        before = f"<p>{before}</p>"
    return before, INTERACTIONS[str(element.tag)](reading)


def _choice(reading: Reading) -> Asked:
    options = read_options(
        reading.element, children(reading.element, "simpleChoice"), reading.texts.line, reading.losses
    )
    several = reading.declared.cardinality != "single"
    limit = reading.count("maxChoices", 0 if several else 1)
    if not several or (limit == 1 and len(correct_values(reading.declared)) <= 1):
        return AskedOne(reading.response_id, reading.declared, options)
    return AskedSome(reading.response_id, reading.declared, options, limit)


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
    return AskedOrder(reading.response_id, reading.declared, options)


def _text(reading: Reading) -> Asked:
    if reading.declared.cardinality != "single":
        raise ImportFault("Several texts are typed in one place.")
    if reading.declared.base in ("integer", "float"):
        return AskedNumber(reading.response_id, reading.declared, reading.hints)
    return AskedText(reading.response_id, reading.declared, reading.hints)


def _essay(reading: Reading) -> Asked:
    if reading.count("maxStrings", 1) > 1 or reading.declared.cardinality != "single":
        raise ImportFault("Several texts are typed in one place.")
    return AskedEssay(reading.response_id, reading.declared, reading.texts.guidance)


INTERACTIONS: Final[dict[str, Callable[[Reading], Asked]]] = {
    "choiceInteraction": _choice,
    "inlineChoiceInteraction": _inline_choice,
    "orderInteraction": _order,
    "textEntryInteraction": _text,
    "extendedTextInteraction": _essay,
}
