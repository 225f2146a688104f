"""Readers of pictures of an exam file, and of what is on them.

Each raises ValueError with the rest of a sentence that begins with the field's name.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from protocol.content import Picture, Spot, WorthArea
from protocol.ids import normalize_id
from protocol.mistakes import mistake
from server.exam.keys import points
from server.exam.media import beside
from server.exam.texts import text
from server.writing.faults import WritingFault

_FILE: Final = re.compile(r"media:[0-9a-f]{64}")
_WHOLE: Final = re.compile(r"-?[0-9]{1,6}")
_SHAPES: Final = ("rect", "circle", "ellipse", "poly")

Reader = Callable[[object], object]


def picture(given: object) -> Picture:
    """`{file: media:HASH, width: 640, height: 480, alt: What is seen}`."""
    known: dict[str, tuple[str, Reader]] = {
        "file": ("src", _file),
        "width": ("width", _number),
        "height": ("height", _number),
        "alt": ("alt", text),
    }
    return Picture(**_entry(given, known, ("file", "width", "height")))


def spots(given: object) -> list[Spot]:
    """Each `{id: heart, circle: [120, 80, 15], label: In the middle}`."""
    known: dict[str, tuple[str, Reader]] = {"id": ("spot_id", text), "label": ("label", text)}
    return [Spot(**_shaped(one, known, ("id",))) for one in _listed(given)]


def areas(given: object) -> list[WorthArea]:
    """Each `{rect: [0, 0, 40, 20], points: 1}`."""
    known: dict[str, tuple[str, Reader]] = {"points": ("worth_mpt", points)}
    return [WorthArea(**_shaped(one, known, ())) for one in _listed(given)]


def name_spots(where: str, read: dict[str, Any]) -> None:
    """Puts ids where spots are named by their ids or labels. Raises `Refused(invalid_test)`."""
    spots: list[Spot] = read["spots"]
    if "correct" in read:
        read["correct"] = [_spot_id(where, "correct", spots, name) for name in read["correct"]]
    if "weights_mpt" in read:
        named = read["weights_mpt"].items()
        read["weights_mpt"] = {_spot_id(where, "weights", spots, name): worth for name, worth in named}


def _spot_id(where: str, field: str, spots: list[Spot], name: str) -> str:
    wanted = normalize_id(name)
    found = {spot.spot_id for spot in spots if wanted in (normalize_id(spot.spot_id), normalize_id(spot.label))}
    if len(found) != 1:
        problem = "names no spot" if not found else "names two spots"
        raise mistake(where, f"`{field}` {problem} ({name})")
    return found.pop()


def _shaped(given: object, known: Mapping[str, tuple[str, Reader]], needed: Collection[str]) -> dict[str, Any]:
    shapes: dict[str, tuple[str, Reader]] = {shape: (shape, _numbers) for shape in _SHAPES}
    fields = _entry(given, {**known, **shapes}, needed)
    found = [shape for shape in _SHAPES if shape in fields]
    if len(found) != 1:
        raise ValueError(f"has an entry without its shape: give it one of {', '.join(_SHAPES)}")
    coords = fields.pop(found[0])
    return {**fields, "shape": found[0], "coords": coords}


def _entry(given: object, known: Mapping[str, tuple[str, Reader]], needed: Collection[str]) -> dict[str, Any]:
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise ValueError(f"has an entry that is not understood; its fields are {', '.join(known)}")
    fields: dict[str, Any] = {}
    for key, one in given.items():
        name, reader = known[key]
        try:
            fields[name] = reader(one)
        except ValueError as error:
            raise ValueError(f"has an entry whose `{key}` {error}") from None
    for key in needed:
        if key not in given:
            raise ValueError(f"has an entry without `{key}`")
    return fields


def _listed(given: object) -> list[object]:
    if not isinstance(given, list):
        raise ValueError("must be a list")
    return given


def _file(given: object) -> str:
    name = text(given)
    if _FILE.fullmatch(name):
        return name
    try:
        found = beside()(name)
    except WritingFault as fault:
        raise ValueError(f"can't be used. {fault}") from None
    if found is None:
        raise ValueError("must be `media:` and the hash that `POST /media` gave, or a file beside this one")
    return f"media:{found.hash}"


def _number(given: object) -> int:
    written = text(given)
    if not _WHOLE.fullmatch(written):
        raise ValueError("must be a whole number of at most six digits")
    return int(written)


def _numbers(given: object) -> list[int]:
    return [_number(one) for one in _listed(given)]
