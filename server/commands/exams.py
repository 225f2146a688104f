"""Exam files of all formats, read for a command."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from server.commands.terminal import explaining, read_file, say

if TYPE_CHECKING:
    from server.importing.reading import ReadExam


def read_any(exam: Path, title: str | None) -> "ReadExam":
    """Reads a file in whatever format it is. Ends the command with a sentence where it can't be read."""
    from server.importing import reading
    from server.importing.faults import ImportFault

    data = read_file(exam)
    try:
        with explaining():
            return reading.read_file(exam.name, data, title)
    except ImportFault as fault:
        say(str(fault))
        raise typer.Exit(1) from None
