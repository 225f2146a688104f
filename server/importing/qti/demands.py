"""What an interaction asks of an answer, whatever is right: how much of it there must be, and how it must look."""

import re
from typing import Final, NamedTuple

from protocol import limits
from server.importing.faults import ImportFault
from server.importing.qti.names import children
from server.importing.xml import Element

_LEAST: Final = ("minChoices", "minAssociations", "minStrings")
_CHOICES: Final = (
    "simpleChoice",
    "inlineChoice",
    "simpleAssociableChoice",
    "gap",
    "gapText",
    "gapImg",
    "associableHotspot",
    "hotspotChoice",
    "hottext",
)
_CHARS: Final = re.compile(r"\^?(?:\.|\[\\s\\S\]|\[\\S\\s\])\{[01]?,([0-9]{1,5})\}\$?")
_WORDS: Final = re.compile(r"\^?\(\?:\(\?:\[\^\\s[^\[\]]*\]\+\)\[\\s[^\[\]]*\]\*\)\{([0-9]{1,5}),([0-9]{0,5})\}\$?")
"""How TAO writes a limit of words: `^(?:(?:[^\\s\\:\\!]+)[\\s\\:\\!]*){0,50}$`."""
_TEN: Final = ("", "10")


class Lengths(NamedTuple):
    """How long a text may be; None: it is not said."""

    max_chars: int | None = None
    min_words: int | None = None
    max_words: int | None = None


NO_LENGTHS: Final = Lengths()


def is_required(element: Element) -> bool:
    """Whether an interaction asks for an answer."""
    return element.get("required") == "true" or any(whole(element, name, 0) > 0 for name in _LEAST)


def whole(element: Element, name: str, default: int) -> int:
    """A whole number that an attribute says."""
    written = element.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else default


def lengths_of(element: Element) -> Lengths:
    """What the `patternMask` of a text says of its length."""
    mask = element.get("patternMask", "").strip().strip("/")
    if found := _CHARS.fullmatch(mask):
        most = int(found[1])
        return Lengths(most if 1 <= most <= limits.MAX_ANSWER_CHARS else None)
    if found := _WORDS.fullmatch(mask):
        words = [min(int(count or 0), limits.MAX_ANSWER_CHARS) or None for count in found.groups()]
        return Lengths(None, *words)
    return NO_LENGTHS


def note_demands(element: Element, losses: list[str]) -> None:
    """Adds to the losses what an interaction demands and a question here can't. Raises `ImportFault` for what changes
    who sees what, or what an answer means."""
    choices = [one for one in element.iter(*_CHOICES) if one is not element]
    if any(one.get("templateIdentifier") for one in choices):
        raise ImportFault("One of its choices is shown by a template.")
    if element.get("base", "") not in _TEN:
        raise ImportFault(f"Its numbers are written to the base {element.get('base', '')[:20]!r}.")
    if any(whole(one, "matchMin", 0) for one in choices):
        losses.append("left out: that some choices have to be used")
    if any(one.get("matchGroup", "").strip() for one in choices):
        losses.append("left out: that some choices fit only in some places")
    gaps = [one.get("required") == "true" for one in choices if one.tag == "gap"]
    if any(gaps) and not all(gaps):
        losses.append("left out: that some gaps have to be filled")
    keeps_place = any(one.get("fixed") == "true" for one in choices if one.tag not in ("inlineChoice", "hottext"))
    if keeps_place and element.get("shuffle") == "true" and element.tag != "choiceInteraction":
        losses.append("its choices are in any order, also those that should keep their place")
    if element.get("placeholderText", "").strip():
        losses.append("left out: the text that stands in an empty field")
    if element.get("patternMask", "").strip() and lengths_of(element) == NO_LENGTHS:
        losses.append("left out: the pattern that an answer must have (`patternMask`)")


def note_use_of_typed(item: Element, element: Element) -> None:
    """Raises `ImportFault` where a number is judged by how it is typed too: nobody tries all ways to type one."""
    typed = element.get("stringIdentifier")
    judged = [one.get("identifier") for processing in children(item, "responseProcessing") for one in processing.iter()]
    if typed and typed in judged:
        raise ImportFault("It judges a number by how it is typed too.")


def gaps_to_fill(element: Element) -> int:
    """How many gaps have to be filled: all of them, or none is said to."""
    gaps = list(element.iter("gap"))
    return len(gaps) if gaps and all(one.get("required") == "true" for one in gaps) else 0
