"""docs/rules.md has a row for every rule of a test, with a line that an exam file accepts and a test that exists."""

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from protocol.content import Rules
from server.exam.fields import RULES
from server.exam.file import read_exam
from tests.named import is_there

_DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "rules.md"
_EXAM: Final = """
test_id: sample
{test}
title: A sample
rules: {{{rules}}}
questions:
  - {{id: one, type: single_choice, prompt: P, options: [One, None of these], correct: One{question}{required}}}
  - {{id: two, type: true_false, prompt: P, correct: true, tags: [easy]}}
  - {{id: three, type: true_false, prompt: P, correct: true}}
  - {{id: four, type: numeric, prompt: P, correct: 5{numeric}}}
  - {{id: five, type: short_text, prompt: P, accepted: five{short_text}}}
  - {{id: six, type: multiple_choice, prompt: P, options: [One, Two], correct: [One]{multiple_choice}}}
  - {{id: seven, type: essay, prompt: P}}
{parts}
"""
_SECTIONS = "sections: [{{id: first, title: S, items: {items}{section}}}]"
_FORMS = "forms: {{A: [one, two]}}"


def rows() -> list[list[str]]:
    """The cells of every table that is written by hand, without heads and rules."""
    by_hand = re.sub(r"<!-- (generated|tested): .*?<!-- end -->", "", _DOCUMENT.read_text("utf-8"), flags=re.DOTALL)
    lines = [line for line in by_hand.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r" \| ", line.strip("| "))] for line in lines]
    return [row for row in cells if row[-1] != "test" and not set("".join(row)) <= set("-| ")]


def exam_lines() -> list[str]:
    """What the second column has in the form `key: value`, with the place before it, if any; each once."""
    found = (
        re.fullmatch(r"((?:question|section|numeric|short_text|multiple_choice|test): )?`([a-z_]+: .+)`", row[1])
        for row in rows()
    )
    return list(dict.fromkeys(f"{match[1] or ''}{match[2]}" for match in found if match is not None))


def test_every_row_has_one_test_and_it_is_there() -> None:
    assert len(rows()) > 20
    for row in rows():
        assert len(row) == 3, row
        assert is_there(row[2].strip("`")), row


def test_every_rule_of_a_test_has_a_row() -> None:
    keys = {name: key for key, (name, _) in RULES.items()}
    documented = {line.split(":")[0] for line in exam_lines()}
    assert {keys[field.name] for field in msgspec.structs.fields(Rules)} <= documented


@pytest.mark.parametrize("line", exam_lines())
def test_every_line_is_one_of_an_exam_file(line: str) -> None:
    given = {"rules": "", "question": "", "required": "", "section": "", "items": "[one, two]"}
    given |= dict.fromkeys(("numeric", "short_text", "multiple_choice", "test"), "")
    match line.split(": ", 1):
        case ["question" | "numeric" | "short_text" | "multiple_choice" as kind, said]:
            given[kind] = f", {said}"
        case ["test", said]:
            given["test"] = said
        case ["section", said] if said.startswith("items: "):
            given["items"] = said.removeprefix("items: ")
        case ["section", said]:
            given |= {"section": f", {said}", "rules": "order: by_section"}
        case _:
            given["rules"] = line
            given["required"] = ", required: true" if line.startswith("gaps: ") else ""
    parts = _FORMS if line.startswith("form_choice: ") else _SECTIONS
    read_exam(_EXAM.format(**given, parts=parts.format(**given)).encode())
