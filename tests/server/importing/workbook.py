"""A small XLSX file with what spreadsheets write: shared and inline texts, formats, a hidden sheet."""

from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from zipfile import ZipFile

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OF_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLES = f"""<styleSheet {_MAIN}><numFmts><numFmt numFmtId="164" formatCode="0.0&quot; m&quot;"/>
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="165"/><xf numFmtId="164"/></cellXfs></styleSheet>"""
PERCENT, DATE, METRES = 1, 2, 3
"""Styles of cells."""


def text(said: str) -> str:
    """A cell with its own text."""
    return f'<c t="inlineStr"><is><t>{escape(said)}</t></is></c>'


def number(value: str, style: int = 0) -> str:
    """A cell with a number."""
    return f'<c s="{style}"><v>{value}</v></c>'


def workbook(sheets: Mapping[str, Sequence[Sequence[str]]], hidden: str = "", shared: str = "") -> bytes:
    """The file. A row is a list of cells."""
    made = BytesIO()
    with ZipFile(made, "w") as out:
        names, states = list(sheets), ("visible", "hidden")
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{at}" r:id="s{at}" state="{states[name == hidden]}"/>'
            for at, name in enumerate(names)
        )
        out.writestr(
            "xl/workbook.xml", f'<workbook {_MAIN} xmlns:r="{_OF_OFFICE}"><sheets>{listed}</sheets></workbook>'
        )
        related = "".join(f'<Relationship Id="s{at}" Target="worksheets/{at}.xml"/>' for at in range(len(names)))
        out.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{related}</Relationships>")
        out.writestr("xl/styles.xml", _STYLES)
        out.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{shared}</sst>")
        for at, rows in enumerate(sheets.values()):
            inside = "".join(f"<row>{''.join(cells)}</row>" for cells in rows)
            out.writestr(f"xl/worksheets/{at}.xml", f"<worksheet {_MAIN}><sheetData>{inside}</sheetData></worksheet>")
    return made.getvalue()
