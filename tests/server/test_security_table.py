"""docs/security.md names a test for every requirement, and there is one of that name."""

import importlib
import re
from pathlib import Path
from typing import Any, Final

DOCUMENT: Final = Path(__file__).parent.parent.parent / "docs" / "security.md"


def rows() -> list[list[str]]:
    """The cells of every table, without heads and rules."""
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[-1] != "test" and not set("".join(row)) <= set("-| ")]


def test_every_row_has_one_test_and_it_is_there() -> None:
    assert len(rows()) > 60
    for row in rows():
        assert len(row) == 3, row
        named = re.fullmatch(r"`(tests/[\w/]+)\.py::(test_\w+)(?:\[(.+)\])?`", row[2])
        assert named is not None, row
        path, name, parameter = named.groups()
        function = getattr(importlib.import_module(path.replace("/", ".")), name, None)
        assert callable(function), row
        assert parameter is None or parameter in parameters(function), row


def parameters(function: Any) -> set[str]:
    """The names of its cases, where each has one."""
    given = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    assert len(given) == 1
    return {getattr(value, "id", value) for value in given[0].args[1] if isinstance(getattr(value, "id", value), str)}


def test_no_requirement_of_the_chapters_is_left_out() -> None:
    named = {number for row in rows() for number in re.findall(r"\bV\d+\.\d+\.\d+|\bRFC 8725 3\.\d+", row[0])}
    sockets = {f"V4.4.{n}" for n in range(1, 5)}
    tokens = {f"V9.1.{n}" for n in range(1, 4)} | {f"V9.2.{n}" for n in range(1, 5)}
    practices = {f"RFC 8725 3.{n}" for n in range(1, 13)}
    assert sockets | tokens | practices <= named
