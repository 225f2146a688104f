"""Tables for spreadsheets and other programs: rows of texts and numbers, as CSV (RFC 4180)."""

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

Cell = str | Decimal | None
"""None: empty."""

_FORMULA: Final = re.compile(r"""^(?=[\t\r\n])|(^|(?<=[;|\t\r\n]))(?=["\s]*[=+\-@＝＋－＠])""")  # noqa: RUF001
"""Where a text begins that a spreadsheet may calculate instead of showing it: OWASP, "CSV Injection". Behind what parts
cells elsewhere, too: where decimals have a comma, spreadsheets read a semicolon so, and what is quoted as well."""
_MARK: Final = "\ufeff"


def write_csv(rows: Iterable[Sequence[Cell]], *, marked: bool) -> str:
    """The table. `marked`: with a byte order mark, by which spreadsheets know that it is UTF-8."""
    sink = _Sink()
    csv.writer(sink).writerows([_shown(cell) for cell in row] for row in rows)
    return "".join([_MARK if marked else "", *sink.lines])


class _Sink:
    """What `csv` writes to, in memory."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    return as_text(cell) if isinstance(cell, str) else f"{cell:f}"


def as_text(text: str) -> str:
    """So that a spreadsheet takes it for a text."""
    return _FORMULA.sub("'", text)
