"""Questions in a table, as spreadsheets save it: XLSX, or CSV with commas, semicolons or tabs. Each row is a question;
the columns are called like the fields of an exam file (docs/exam-format.md), and options stand in columns a, b, c…"""

import csv
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, Final

from protocol.content import Question
from server.exam.questions import read_question
from server.importing.drafts import Drafts
from server.importing.faults import ImportFault
from server.importing.workbooks import Cells, Workbook

_DELIMITERS: Final = (",", ";", "\t")
_OPTION: Final = re.compile("[a-z]")
_SEVERAL: Final = {"tags": ";", "accepted": "|", "pinned": ";"}
"""Columns with several values in a cell, and what parts these."""
_ONE: Final = (
    *("id", "type", "prompt", "points", "wrong", "floor", "limit", "required", "feedback", "correct", "tolerance"),
    *("unit", "decimal_sign", "case_sensitive", "max_chars", "partial", "shuffle", "guidance"),
)
_NEEDED: Final = {"type", "prompt"}
_LISTS: Final = ("multiple_choice", "order")
"""Types whose right answer is several options."""


def is_sheet(text: str) -> bool:
    """Whether the first line names columns that questions have."""
    return _delimiter(text) is not None


def _delimiter(text: str) -> str | None:
    head = text.split("\n", 1)[0]
    return next((one for one in _DELIMITERS if _NEEDED.issubset(_names(head.split(one)))), None)


def _names(cells: Sequence[str]) -> list[str]:
    return [cell.strip().strip('"').strip().lower() for cell in cells]


def draft_sheet(source: str, text: str) -> Drafts:
    """The questions of a table. Raises `ImportFault` where its columns can't be read."""
    drafts = Drafts(source)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text) or ",")
    try:
        columns = _names(next(rows))
        _check(columns)
        line = rows.line_num + 1
        for row in rows:
            cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if cell.strip()}
            if cells:
                drafts.take(f"line {line}", cells.get("id"), _Maker(cells))
            line = rows.line_num + 1
    except csv.Error as error:
        raise ImportFault(f"{source}, line {rows.line_num}: {error}.") from None
    return drafts


def draft_workbook(source: str, book: Workbook) -> Drafts:
    """The questions of all sheets whose first row names columns that questions have. Raises `ImportFault` where no
    sheet has them, or its columns can't be read."""
    drafts = Drafts(source)
    is_found = False
    for sheet, rows in book.sheets():
        columns = _heads(next(rows, (0, {}))[1])
        if not _NEEDED.issubset(columns.values()):
            continue
        is_found = True
        _check(list(columns.values()))
        for line, row in rows:
            cells = {name: row[column] for column, name in columns.items() if column in row}
            if cells:
                name = cells.get("id")
                drafts.take(f"{sheet[:100]}, line {line}", name if isinstance(name, str) else None, _Shown(cells))
    if not is_found:
        raise ImportFault(f"{source} has no sheet whose first row names the columns `type` and `prompt`.")
    return drafts


def _heads(row: Cells) -> dict[int, str]:
    names = {column: _names([cell])[0] for column, cell in row.items() if isinstance(cell, str)}
    return {column: name for column, name in names.items() if name}


def _check(columns: Sequence[str]) -> None:
    for name in columns:
        if name and name not in (*_ONE, *_SEVERAL) and not _OPTION.fullmatch(name):
            known = ", ".join((*_ONE, *_SEVERAL))
            raise ImportFault(f"There is no column {name[:40]!r}; the columns are {known}, and a, b, c… for options.")
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice is not None:
        raise ImportFault(f"Two columns are called {twice!r}.")


class _Shown:
    """The question of a row whose cells may show something else than what was typed."""

    def __init__(self, cells: Mapping[str, str | ImportFault]) -> None:
        self._cells = cells

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        texts: dict[str, str] = {}
        for name, cell in self._cells.items():
            if isinstance(cell, ImportFault):
                raise cell
            texts[name] = cell
        return _Maker(texts)(question_id, losses)


class _Maker:
    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells

    def __call__(self, question_id: str, losses: list[str]) -> Question:
        given: dict[str, Any] = {name: cell for name, cell in self._cells.items() if name in _ONE}
        for name, mark in _SEVERAL.items():
            if name in self._cells:
                given[name] = [part.strip() for part in self._cells[name].split(mark)]
        options = [{name: cell} for name, cell in self._cells.items() if _OPTION.fullmatch(name)]
        if options:
            given["options"] = options
        if given.get("type") in _LISTS and "correct" in given:
            given["correct"] = [part.strip() for part in given["correct"].split(";")]
        return read_question(1, {**given, "id": question_id})
