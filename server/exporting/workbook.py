"""A table as an XLSX file: one sheet, its head in bold and always in sight. Texts are texts, whatever they begin with,
and numbers are numbers. To be imported where nobody waits: by `server.analysis.gradebook_file`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from protocol.tables import Cell

_LONG_AGO: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""The same table is the same file, whenever it is written."""
_MAX_NAME_CHARS: Final = 31
_RESERVED: Final = "history"
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_workbook(name: str, rows: Iterable[Sequence[Cell]]) -> bytes:
    """The file, with one sheet of this name. The library cuts texts that are too long for a cell."""
    made = BytesIO()
    with Workbook(made, {"in_memory": True}) as book:
        book.set_properties({"created": _LONG_AGO})
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(_name(name))
        sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    # No other way writes a text that begins like a formula, a number or an address as it is.
                    sheet.write_string(place, column, _NOT_XML.sub("", cell), None if place else bold)
                elif cell is not None:
                    sheet.write_number(place, column, float(cell))
    return made.getvalue()


def _name(title: str) -> str:
    name = _cut(_NOT_IN_NAMES.sub(" ", _NOT_XML.sub("", title)).strip(" '"), _MAX_NAME_CHARS).strip(" '")
    # Excel keeps that name to itself, and takes a file with such a sheet for a broken one.
    return f"{name} 1" if name.casefold() == _RESERVED else name or "Sheet"


def _cut(text: str, most: int) -> str:
    """Excel counts UTF-16 units: what lies beyond the first 65,536 characters of Unicode has two of them."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
