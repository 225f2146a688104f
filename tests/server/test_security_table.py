"""docs/security.md names a test for every requirement, and there is one of that name."""

import re

from tests.named import is_there
from tests.server.asvs import CHAPTERS, DOCUMENT, with_table


def rows() -> list[list[str]]:
    """The cells of every table, without heads and rules."""
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if len(row) != 4 and row[-1] != "test" and not set("".join(row)) <= set("-| ")]


def test_every_row_has_one_test_and_it_is_there() -> None:
    assert len(rows()) > 60
    for row in rows():
        assert len(row) == 3, row
        assert is_there(row[2].strip("`")), row


def test_no_requirement_of_the_chapters_is_left_out() -> None:
    named = {number for row in rows() for number in re.findall(r"\bV\d+\.\d+\.\d+|\bRFC 8725 3\.\d+", row[0])}
    sockets = {f"V4.4.{n}" for n in range(1, 5)}
    tokens = {f"V9.1.{n}" for n in range(1, 4)} | {f"V9.2.{n}" for n in range(1, 5)}
    practices = {f"RFC 8725 3.{n}" for n in range(1, 13)}
    assert sockets | tokens | practices <= named


def test_every_chapter_has_a_standing_and_what_is_met_a_test() -> None:
    assert [chapter.number for chapter in CHAPTERS] == list(range(1, 18))
    for chapter in CHAPTERS:
        assert chapter.why, chapter
        if chapter.standing in ("met", "in part"):
            assert chapter.test is not None, chapter
            assert is_there(chapter.test), chapter
        else:
            assert chapter.test is None, chapter
    text = DOCUMENT.read_text("utf-8")
    assert text == with_table(text), "python -m tests.server.asvs"
