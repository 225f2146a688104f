"""Exam files of all formats, read for a command."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import typer

from server.commands.terminal import explaining, read_file, say

if TYPE_CHECKING:
    from protocol.content import TestContent
    from server.importing.drafts import ItemReport
    from server.media.looking import Looked

_YAML: Final = (".yaml", ".yml")


class ReadExam(NamedTuple):
    """What a file says. `test_id` only where it says its own; `seasons` are oddities of its window. `content` None: no
    question could be taken."""

    test_id: str | None
    content: "TestContent | None"
    reports: list["ItemReport"]
    files: Mapping[str, "Looked"]
    seasons: list[str]


def read_any(exam: Path, title: str | None) -> ReadExam:
    """Reads our YAML by its suffix, and anything else by what it is. Ends the command with a sentence where it can't be
    read."""
    data = read_file(exam)
    return _written(exam.name, data) if exam.suffix.lower() in _YAML else _brought(exam.name, data, title)


def _written(name: str, data: bytes) -> ReadExam:
    from server.exam_file import read_exam, read_window
    from server.exam_summary import seasons
    from server.importing.drafts import ItemReport

    with explaining():
        test_id, content = read_exam(data)
    reports = [ItemReport(name, one.question_id, "taken", [], one.kinds) for one in content.questions]
    return ReadExam(test_id, content, reports, {}, seasons(read_window(data)))


def _brought(name: str, data: bytes, title: str | None) -> ReadExam:
    from server.importing.faults import ImportFault
    from server.importing.files import bring

    try:
        with explaining():
            brought = bring(name, data, title)
    except ImportFault as fault:
        say(str(fault))
        raise typer.Exit(1) from None
    return ReadExam(None, brought.content, brought.reports, brought.files, [])
