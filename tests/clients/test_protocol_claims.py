"""Every sentence of PROTOCOL.md that says always, never, at most or must is held by a test named behind it."""

import re
from pathlib import Path

import pytest

import protocol
from tests.named import is_there

ROOT = Path(protocol.__file__).parent.parent
PAGE = (ROOT / "protocol" / "PROTOCOL.md").read_text("utf-8")
CLAIM = re.compile(r"\b(?:never|always|at most|must)\b", re.IGNORECASE)
MARK = re.compile(r"<!-- test: (\S+?)::(\w+) -->")


def by_hand(page: str) -> str:
    """The page without what is generated: the types and the code hold that."""
    return re.sub(r"<!-- generated: .*?<!-- end -->", "", page, flags=re.DOTALL)


def blocks(page: str) -> list[str]:
    """Paragraphs, items of lists, and rows of tables, each on one line."""
    found = [""]
    for line in by_hand(page).splitlines():
        if not line.strip() or line.startswith(("#", "|", "* ", "```")) or re.match(r"\d+\. ", line):
            found.append("")
        found[-1] += " " + line.strip()
    return [block.strip() for block in found if block.strip()]


def _joined(block: str) -> str:
    """A mark before the space that ends its sentence."""
    return re.sub(r"\s+(<!-- test: )", r"\1", block)


def claims(page: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Sentences that claim something, with the tests that are named behind them."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for block in blocks(page):
        parts = re.split(r"((?:<!-- test: \S+ -->)+)", _joined(block))
        for text, marks in zip(parts[0::2], [*parts[1::2], ""], strict=True):
            said = re.split(r"(?<=[.!?])\s+(?=[A-Z`*0-9])", text.strip())
            for place, sentence in enumerate(said, 1):
                if CLAIM.search(re.sub(r"`[^`]*`", "", sentence)):
                    found.append((sentence, MARK.findall(marks) if place == len(said) else []))
    return found


def test_the_page_is_read() -> None:
    assert len(claims(PAGE)) > 5
    assert len(MARK.findall(PAGE)) > 60


@pytest.mark.parametrize(("sentence", "tests"), claims(PAGE), ids=lambda value: str(value)[:60])
def test_a_claim_names_its_test(sentence: str, tests: list[tuple[str, str]]) -> None:
    assert tests, f"no test is named behind: {sentence}"


@pytest.mark.parametrize(("path", "name"), sorted(set(MARK.findall(PAGE))))
def test_the_test_is_there(path: str, name: str) -> None:
    assert is_there(f"{path}::{name}")


@pytest.mark.parametrize(
    ("page", "unheld"),
    [
        ("It never ends.", ["It never ends."]),
        ("It never ends.<!-- test: tests/a.py::test_a -->", []),
        ("It never ends.\n<!-- test: tests/a.py::test_a -->", []),
        ("It never ends. It goes on.<!-- test: tests/a.py::test_a -->", ["It never ends."]),
        ("It `never` ends.", []),
        ("* at most two\n* three", ["* at most two"]),
        ("| a | at most two |", ["| a | at most two |"]),
        ("<!-- generated: x -->\nIt must be.\n<!-- end -->", []),
        ("It is\nalways so. Or not.", ["It is always so."]),
    ],
)
def test_what_counts_as_a_claim(page: str, unheld: list[str]) -> None:
    assert [sentence for sentence, tests in claims(page) if not tests] == unheld
