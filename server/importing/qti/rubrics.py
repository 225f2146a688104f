"""The rubric of an item as its export writes it (`server/writing/rubrics.py`)."""

from protocol import limits
from protocol.content import Criterion, Level
from server.exam.keys import points
from server.importing.qti.names import children, text_of
from server.importing.xml import Element
from server.writing.rubrics import LEVEL_POINTS, RUBRIC_CLASS


def rubric_in(block: Element) -> list[Criterion]:
    """The criteria; none where the block has no such table, or one of another shape: it is a text then."""
    table = next((one for one in block.iter("table") if one.get("class") == RUBRIC_CLASS), None)
    if table is None:
        return []
    found = [_criterion(row) for row in table.iter("tr")]
    criteria = [criterion for criterion in found if criterion is not None]
    fits = 0 < len(criteria) == len(found) <= limits.MAX_CRITERIA
    return criteria if fits else []


def _criterion(row: Element) -> Criterion | None:
    names, cells = children(row, "th"), children(row, "td")
    if len(names) != 1 or not 2 <= len(cells) <= limits.MAX_LEVELS:
        return None
    try:
        levels = [Level(points(cell.get(LEVEL_POINTS, "")), _said(cell)) for cell in cells]
    except ValueError:
        return None
    name = names[0].text or ""
    if not name or any(not level.says for level in levels):
        return None
    return Criterion(name, levels)


def _said(cell: Element) -> str:
    span = next(iter(children(cell, "span")), None)
    return text_of(cell) if span is None else "".join(span.itertext())
