"""The tables of an XLSX file, as spreadsheets save it (ECMA-376 part 1, SpreadsheetML): the texts that its cells show.
Formulas are not worked out: what the spreadsheet has stored as their value is read."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from protocol import limits
from server.importing.faults import ImportFault
from server.importing.packages import Package
from server.importing.xml import Element, local, read_xml

_WORKBOOK: Final = "xl/workbook.xml"
_PLACE: Final = re.compile("([A-Z]{1,3})[0-9]{1,7}")
_PERCENT: Final = (9, 10)
_DATES: Final = (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))
"""Numbers of formats that every spreadsheet knows (18.8.30)."""
_NOT_A_FORMAT: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_MAX_NUMBER_CHARS: Final = 30

Cells = Mapping[int, str | ImportFault]
"""The cells of a row by their column from 0; a fault where one shows something else than what was typed."""


def is_workbook(package: Package) -> bool:
    """Whether a zip is an XLSX file."""
    return package.find(_WORKBOOK) is not None


class Workbook:
    """An XLSX file. Raises `ImportFault` where its parts can't be read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._book = self._part(_WORKBOOK)
        self._places = {
            found.get("Id"): found.get("Target", "")
            for found in self._found("xl/_rels/workbook.xml.rels", "Relationship")
        }
        self._texts = [_text(found).strip() for found in self._found("xl/sharedStrings.xml", "si")]
        self._formats = self._formats_of_styles()
        self._left = limits.MAX_TEST_BYTES

    def sheets(self) -> Iterator[tuple[str, Iterator[tuple[int, Cells]]]]:
        """Each sheet that is shown: its name, and its rows with their numbers."""
        for sheet in (found for found in self._book.iter() if local(found) == "sheet"):
            if sheet.get("state", "visible") != "visible":
                continue
            name = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), None)
            target = self._places.get(str(name), "")
            path = self._package.find(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
            if path is None:
                raise ImportFault(f"The sheet {sheet.get('name', '')[:100]!r} is not in the file.")
            yield sheet.get("name", ""), self._rows(path)

    def _rows(self, path: str) -> Iterator[tuple[int, Cells]]:
        line = 0
        for row in (found for found in self._part(path).iter() if local(found) == "row"):
            written = row.get("r", "")
            line = int(written) if written.isascii() and written.isdigit() and len(written) < 8 else line + 1
            cells: dict[int, str | ImportFault] = {}
            column = -1
            for cell in row:
                column = _column(cell.get("r", ""), column + 1)
                shown = self._shown(cell)
                if shown:
                    cells[column] = shown
            yield line, cells

    def _shown(self, cell: Element) -> str | ImportFault:
        where = cell.get("r", "")[:20]
        kind = cell.get("t", "n")
        value = next(("".join(found.itertext()) for found in cell if local(found) == "v"), "").strip()
        if kind == "s":
            value = self._shared(value, where)
        elif kind == "inlineStr":
            value = next((_text(found) for found in cell if local(found) == "is"), "").strip()
        elif kind == "b" and value:
            value = "true" if value == "1" else "false"
        elif kind in ("e", "d") and value:
            return ImportFault(f"The cell {where} has {'a mistake' if kind == 'e' else 'a date'}: write it as a text.")
        elif kind == "n" and value:
            return self._number(value, self._formats.get(cell.get("s", "0"), ""), where)
        self._left -= len(value)
        if self._left < 0:
            raise ImportFault(f"The texts of the table are larger than {limits.MAX_TEST_BYTES // 1024**2} MiB.")
        return value

    def _shared(self, value: str, where: str) -> str:
        is_number = value.isascii() and value.isdigit() and len(value) < 9
        if not is_number or int(value) >= len(self._texts):
            raise ImportFault(f"The cell {where} has a text that is not in the file.")
        return self._texts[int(value)]

    def _number(self, value: str, format_: str, where: str) -> str | ImportFault:
        try:
            # Stored as a binary fraction: 0.1 + 0.2 is shown with 15 digits, as spreadsheets do.
            number = Decimal(f"{float(value):.15g}") if len(value) <= _MAX_NUMBER_CHARS else Decimal("NaN")
        except (InvalidOperation, ValueError):
            number = Decimal("NaN")
        if not number.is_finite() or abs(number.adjusted()) > _MAX_NUMBER_CHARS:
            return ImportFault(f"The cell {where} has a number that can't be read.")
        if format_ == "date":
            return ImportFault(f"The cell {where} has a date or a time: write it as a text.")
        return f"{number * 100:f} %" if format_ == "percent" else f"{number:f}"

    def _formats_of_styles(self) -> dict[str, str]:
        """For each style by its number whether its cells show a date or per cent."""
        styles = self._package.find("xl/styles.xml")
        if styles is None:
            return {}
        root = self._part(styles)
        own = {found.get("numFmtId"): found.get("formatCode", "") for found in root.iter() if local(found) == "numFmt"}
        used = next((found for found in root if local(found) == "cellXfs"), ())
        return {str(number): _format(style.get("numFmtId", "0"), own) for number, style in enumerate(used)}

    def _part(self, path: str) -> Element:
        found = self._package.find(path)
        if found is None:
            raise ImportFault(f"The file has no {path!r}.")
        return read_xml(self._package.read(found), found)

    def _found(self, path: str, name: str) -> list[Element]:
        if self._package.find(path) is None:
            return []
        return [found for found in self._part(path) if local(found) == name]


def _format(number: str, own: Mapping[str | None, str]) -> str:
    code = _NOT_A_FORMAT.sub("", own.get(number, ""))
    known = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    if "%" in code or known in _PERCENT:
        return "percent"
    return "date" if known in _DATES or re.search("[ymdhs]", code, re.IGNORECASE) else ""


def _column(place: str, usual: int) -> int:
    found = _PLACE.fullmatch(place)
    if found is None:
        return usual
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _text(element: Element) -> str:
    """A text and its runs, without how it is read aloud (`rPh`)."""
    texts = [found for found in element if local(found) == "t"]
    texts += [found for run in element if local(run) == "r" for found in run if local(found) == "t"]
    return "".join("".join(found.itertext()) for found in texts)
