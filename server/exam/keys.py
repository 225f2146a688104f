"""The keys of an exam file: what is right, and what it is worth.

Each reader raises ValueError with the rest of a sentence that begins with the field's name.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from protocol.content import AcceptedNumber, AcceptedText, Grade
from protocol.marking.numbers import read_key
from server.exam.texts import prose, text


def points(given: object) -> int:
    """Points, in thousandths."""
    worth = read_key(text(given)) * 1000
    if worth.denominator != 1:
        raise ValueError("must be a number with at most three decimals")
    return int(worth)


def weights(given: object) -> dict[str, int]:
    """Points by option; the option by its id or its text."""
    if not isinstance(given, dict) or not given:
        raise ValueError("must say for options what they are worth, like `{first: 1, second: -0.5}`")
    return {name: points(worth) for name, worth in given.items()}


def pairs(given: object) -> list[tuple[str, str]]:
    """Pairs: `{France: Paris}`, `{Benelux: [Belgium, Luxembourg]}` or `[[France, Paris]]`, by ids or texts."""
    if isinstance(given, dict):
        return [(text(one), text(other)) for one, named in given.items() for other in _several(named)]
    found = [tuple(map(text, pair)) for pair in _several(given) if isinstance(pair, list) and len(pair) == 2]
    if not isinstance(given, list) or len(found) != len(given):
        raise ValueError("must have pairs, like `{France: Paris}` or `[[France, Paris]]`")
    return [(one, other) for one, other in found]


def pair_weights(given: object) -> list[tuple[str, str, int]]:
    """What pairs are worth: `{France: {Paris: 1, Lyon: 0.5}}`."""
    if not isinstance(given, dict) or not all(isinstance(worth, dict) for worth in given.values()):
        raise ValueError("must say for pairs what they are worth, like `{France: {Paris: 1, Lyon: 0.5}}`")
    return [(one, other, points(worth)) for one, named in given.items() for other, worth in named.items()]


def uses(given: object) -> int | dict[str, int | None] | None:
    """How often something may be used: `2`, `none` for any number, or a number for each, as in `{a: 1, b: none}`."""
    if isinstance(given, dict):
        return {name: _count(most) for name, most in given.items()}
    return _count(given)


def _count(given: object) -> int | None:
    said = text(given)
    if said == "none":
        return None
    if not re.fullmatch("[1-9][0-9]{0,3}", said):
        raise ValueError("must be a number from 1 on, or `none`")
    return int(said)


_PERCENT: Final = re.compile(r"(.+?)\s*%")
_FIGURES: Final = re.compile(r"([0-9]{1,2}) (?:significant )?figures?")


def tolerance(given: object) -> dict[str, str]:
    """Fields of an `AcceptedNumber`, of "0.5", "5 %" or "3 significant figures"."""
    said = text(given)
    if share := _PERCENT.fullmatch(said):
        return {"tolerance": _hundredth(read_key(share[1])), "within": "relative"}
    if figures := _FIGURES.fullmatch(said):
        return {"tolerance": figures[1], "within": "significant"}
    return {"tolerance": said, "within": "absolute"}


def _hundredth(number: Fraction) -> str:
    part = number / 100
    places = 0
    while (part * 10**places).denominator != 1:
        places += 1
    scaled = int(part * 10**places)
    return f"{scaled}e-{places}"


def numbers(given: object) -> list[AcceptedNumber]:
    """Several right numbers: `{value: 3.14, tolerance: 0.01, points: 1}`."""
    known: dict[str, Callable[[object], dict[str, Any]]] = {
        "value": lambda one: {"value": text(one)},
        "tolerance": tolerance,
        "points": lambda one: {"points_mpt": points(one)},
        "feedback": lambda one: {"feedback": prose(one)},
    }
    return [AcceptedNumber(**_entry(one, known, "value")) for one in _several(given)]


def texts(given: object) -> list[str | AcceptedText]:
    """Right texts: `one`, `{text: one, points: 0.5}`, `{pattern: "one *"}`."""
    known: dict[str, Callable[[object], dict[str, Any]]] = {
        "text": lambda one: {"text": text(one)},
        "pattern": lambda one: {"text": text(one), "pattern": True},
        "points": lambda one: {"points_mpt": points(one)},
        "feedback": lambda one: {"feedback": prose(one)},
    }
    said = _several(given)
    return [one.strip() if isinstance(one, str) else AcceptedText(**_entry(one, known, "text")) for one in said]


def _several(given: object) -> list[object]:
    return given if isinstance(given, list) else [given]


def _entry(given: object, known: Mapping[str, Callable[[object], dict[str, Any]]], needed: str) -> dict[str, Any]:
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise ValueError(f"has an entry that is not understood; its fields are {', '.join(known)}")
    fields: dict[str, Any] = {}
    for key, one in given.items():
        try:
            fields |= known[key](one)
        except ValueError as error:
            raise ValueError(f"has an entry whose `{key}` {error}") from None
    if needed not in fields:
        raise ValueError(f"has an entry without `{needed}`")
    return fields


def grades(given: object) -> list[Grade]:
    """Labels with the share from which each is given: `{A: 90 %, B: 75 %}`."""
    if not isinstance(given, dict) or not given:
        raise ValueError("must say from which share on each grade is given, like `{A: 90 %, B: 75 %}`")
    return [Grade(label, permille(share)) for label, share in given.items()]


def permille(given: object) -> int:
    """Thousandths, of a percentage."""
    share = _PERCENT.fullmatch(text(given))
    found = None if share is None else read_key(share[1]) * 10
    if found is None or found.denominator != 1:
        raise ValueError("must be a percentage with at most one decimal, like `62.5 %`")
    return int(found)


def share(given: object) -> int:
    """Thousandths, of "none", "all" or a percentage."""
    said = text(given)
    return {"none": 0, "all": 1_000}[said] if said in ("none", "all") else permille(given)


_SIZE: Final = re.compile(r"([0-9]{1,6}) ?(KB|KiB|MB|MiB)")


def size(given: object) -> int:
    """Bytes, of "500 KB" or "5 MB"; both have 1,024 of the smaller."""
    found = _SIZE.fullmatch(text(given))
    if found is None:
        raise ValueError("must be a size like `5 MB` or `500 KB`")
    return int(found[1]) * (1024 if found[2].startswith("K") else 1024**2)
