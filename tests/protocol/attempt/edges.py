"""The tables of edge cases in docs/rules.md, and how their cells are read. Instants count from `T0`."""

import re
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from protocol.attempt.layout import Layout
from protocol.override import Override
from tests.protocol.attempt.scene import HOUR, LAYOUT, MINUTE, SECTIONS, T0

NOTHING: Final = "–"
NEVER: Final = "never"

_DOCUMENT: Final = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")
_UNITS: Final = {"h": HOUR, "min": MINUTE, "s": 1_000, "ms": 1}


def table(name: str) -> list[dict[str, str]]:
    """The rows of the table of this name, each by the heads of its columns."""
    found = re.search(rf"<!-- tested: {name} -->\n(.*?)<!-- end -->", _DOCUMENT, flags=re.DOTALL)
    assert found is not None, f"docs/rules.md has no table {name}"
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found[1].strip().splitlines()]
    return [dict(zip(map(str.strip, head), row, strict=True)) for row in rows]


def ms(text: str) -> int:
    """Milliseconds of "60 min 2 s" or "1 h"; nothing is zero."""
    if text == NOTHING:
        return 0
    found = re.findall(r"(\d+) (h|min|s|ms)\b", text)
    assert found, text
    return sum(int(number) * _UNITS[unit] for number, unit in found)


def instant(text: str) -> int | None:
    """When, in milliseconds from `T0`; None: never."""
    return None if text == NEVER else ms(text)


def span(text: str) -> tuple[int, int]:
    """Both ends of "10 to 25 min"."""
    began, ended = (ms(f"{part.strip()} min") for part in text.removesuffix(" min").split(" to "))
    return began, ended


def section_layout(text: str) -> Layout:
    """A paper whose first section has this limit; without one it has no sections."""
    if text == NOTHING:
        return LAYOUT
    limits = (ms(text), 90 * MINUTE, None)
    sections = zip(SECTIONS.sections, limits, strict=True)
    return replace(SECTIONS, sections=tuple(replace(one, limit_ms=own) for one, own in sections))


def rules_of(text: str) -> dict[str, Any]:
    """The terms that "60 min, opens 10 min, closes 90 min, synchronised, soft" means."""
    given: dict[str, Any] = {}
    for part in text.split(", "):
        match part.split(" ", 1):
            case ["none"]:
                given["duration_ms"] = None
            case ["soft" | "synchronised" as name]:
                given[name] = True
            case ["opens" | "closes" as name, at]:
                given[f"window_{name}_at_ms"] = T0 + ms(at)
            case ["hand_in", time]:
                given |= {"at_end": "hand_in", "hand_in_ms": ms(time)}
            case _:
                given["duration_ms"] = ms(part)
    return given


def overrides_of(text: str) -> list[Override]:
    """Those that "+10 min, opens 5 min; +25 %; unlimited" means: one for each part between semicolons."""
    return [] if text == NOTHING else [_override_of(part) for part in text.split("; ")]


def override_of(text: str) -> Override:
    """The one that the text means; an empty one for nothing."""
    found = overrides_of(text)
    assert len(found) <= 1, text
    return found[0] if found else Override()


def _override_of(text: str) -> Override:
    given: dict[str, Any] = {}
    for part in text.split(", "):
        match part.split(" ", 1):
            case [number, "%"]:
                given["extra_time_permille"] = round(float(number) * 10)
            case ["opens" | "closes" as name, at]:
                given[f"{name}_at_ms"] = T0 + ms(at)
            case ["unlimited" | "limited" as name]:
                given["unlimited_time"] = name == "unlimited"
            case ["never", "closes"]:
                given["never_closes"] = True
            case ["window", "of the test"]:
                given["never_closes"] = False
            case _:
                given["extra_time_ms"] = ms(part)
    return Override(**given)
