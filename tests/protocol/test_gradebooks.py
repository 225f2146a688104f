"""Gradebooks as tables: their columns, and what a spreadsheet would take for a formula."""

import csv
from decimal import Decimal
from io import StringIO

import pytest

from protocol.gradebooks import Entry, Layout, rows_of
from protocol.tables import as_text, write_csv

ADA = Entry("ada", "Ada Lovelace", "ada@example.org", "north", 2, 0, "attempt-1", 6_500, 7_000, "A")
BOB = Entry("bob", "", None, None, 1, 1, None, None, None, None)


def lines(layout: Layout, *entries: Entry, title: str = "Geometry") -> list[list[str]]:
    return list(csv.reader(StringIO(write_csv(rows_of(layout, title, entries), marked=False))))


def test_all_columns() -> None:
    head, ada, bob = lines("plain", ADA, BOB)
    assert dict(zip(head, ada, strict=True)) == {
        "user_id": "ada",
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "branch_id": "north",
        "attempts": "2",
        "waiting": "0",
        "counting_attempt_id": "attempt-1",
        "points": "6.5",
        "of": "7",
        "percent": "92.86",
        "grade": "A",
    }
    assert bob == ["bob", "", "", "", "1", "1", "", "", "", "", ""]


def test_canvas_gets_the_columns_of_its_own_gradebook() -> None:
    assert lines("canvas", ADA, BOB) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Geometry"],
        ["    Points Possible", "", "", "", "", "7"],
        ["Ada Lovelace", "", "ada", "ada@example.org", "", "6.5"],
        ["bob", "", "bob", "bob", "", ""],
    ]


def test_canvas_is_told_no_points_where_papers_differ() -> None:
    other = ADA._replace(user_id="cleo", max_mpt=8_000)
    assert [line[0] for line in lines("canvas", ADA, other)] == ["Student", "Ada Lovelace", "Ada Lovelace"]


def test_moodle_is_told_who_and_how_many_points() -> None:
    assert lines("moodle", ADA, BOB) == [
        ["Full name", "ID number", "Email address", "Geometry"],
        ["Ada Lovelace", "ada", "ada@example.org", "6.5"],
        ["bob", "bob", "", ""],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1"])  # noqa: RUF001
def test_a_formula_stays_a_text(text: str) -> None:
    assert as_text(text).startswith("'")
    assert as_text(text).replace("'", "") == text
    for layout in ("plain", "canvas", "moodle"):
        for line in lines(layout, ADA._replace(name=text, user_id=text, email=text, grade=text), title=text):
            assert not any(cell.startswith(text) for cell in line)


@pytest.mark.parametrize("text", ["x;=1+1;", 'x;"=1+1"', "x\t@a", "x\n+1", "x| -1", "x;＝1"])  # noqa: RUF001
def test_a_formula_behind_what_parts_cells_elsewhere_stays_a_text(text: str) -> None:
    table = write_csv([["ada", text]], marked=False)
    for parting in ";|\t\n":
        cells = [cell.strip(' "') for cell in table.split(parting)]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]  # noqa: RUF001


def test_a_negative_number_is_a_number() -> None:
    assert write_csv([[Decimal("-1.5"), "a-b", None, "x"]], marked=False) == "-1.5,a-b,,x\r\n"


def test_a_mark_at_the_beginning_where_it_is_asked_for() -> None:
    assert write_csv([["é"]], marked=True).encode() == b"\xef\xbb\xbf\xc3\xa9\r\n"


def test_large_and_round_points_have_no_exponent() -> None:
    entry = ADA._replace(score_mpt=100_000, max_mpt=1_000_000_000)
    assert lines("plain", entry)[1][7:9] == ["100", "1000000"]
    assert lines("plain", ADA._replace(score_mpt=0))[1][7] == "0"
