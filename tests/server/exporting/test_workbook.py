"""Tables as XLSX files, read again by the importer's reader and by a parser of XML."""

from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

from lxml import etree

from protocol.tables import Cell
from server.exporting.workbook import write_workbook
from server.importing.packages import Package
from server.importing.workbooks import Workbook, is_workbook

ROWS: list[list[Cell]] = [
    ["name", "points", "remark"],
    ["=HYPERLINK(1)", Decimal("-1.50"), None],
    [" <Ünïcødé> & 'quoted' \x07 ", Decimal("1E+3"), "two\nlines"],
]


def read(data: bytes) -> list[tuple[str, list[dict[int, object]]]]:
    package = Package(data)
    assert is_workbook(package)
    return [(name, [dict(cells) for _, cells in rows]) for name, rows in Workbook(package).sheets()]


def test_what_is_written_is_read_again() -> None:
    ((name, rows),) = read(write_workbook("Geometry", ROWS))
    assert name == "Geometry"
    assert rows[0] == {0: "name", 1: "points", 2: "remark"}
    assert rows[1] == {0: "=HYPERLINK(1)", 1: "-1.5"}
    assert (str(rows[2][0]).strip(), rows[2][1], rows[2][2]) == ("<Ünïcødé> & 'quoted'", "1000", "two\nlines")


def test_no_cell_is_a_formula_and_every_part_is_xml() -> None:
    with ZipFile(BytesIO(write_workbook("a", ROWS))) as file:
        assert file.testzip() is None
        for part in file.namelist():
            root = etree.fromstring(file.read(part))
            assert not [found for found in root.iter() if etree.QName(found).localname == "f"]


def test_names_of_sheets_that_a_spreadsheet_would_refuse() -> None:
    for title, name in (
        ("a/b:c*[d]?", "a b c  d"),
        ("", "Sheet"),
        ("'" * 5, "Sheet"),
        ("x" * 99, "x" * 31),
        # Excel's own name, and letters of two units each.
        ("History", "History 1"),
        ("HISTORY", "HISTORY 1"),
        ("\U0001f4d0" * 31, "\U0001f4d0" * 15),
    ):
        ((found, _),) = read(write_workbook(title, [["a"]]))
        assert found == name


def test_a_text_has_no_more_units_than_a_cell_holds() -> None:
    ((_, rows),) = read(write_workbook("a", [["\U0001f4d0" * 20_000, "x" * 40_000]]))
    assert [len(str(rows[0][column]).encode("utf-16-le")) // 2 for column in (0, 1)] == [32_766, 32_767]


def test_the_same_table_is_the_same_file() -> None:
    assert write_workbook("a", ROWS) == write_workbook("a", ROWS)
