"""Answers held against a file, so that an author sees what they would get."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.exams import read_any
from server.commands.terminal import print_json, read_file, say

if TYPE_CHECKING:
    from server.marking.trying import Tried, TriedMark


def try_test(
    exam: Annotated[Path, typer.Argument(help="A file that `import` reads", exists=True, dir_okay=False)],
    answers: Annotated[
        Path, typer.Option(help='Answers by question, as JSON: {"q1": "a"}', exists=True, dir_okay=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print thousandths of a point, as JSON.")] = False,
) -> None:
    """Mark answers to the questions of a file. Nothing is stored."""
    from server.marking.trying import try_answers

    read = read_any(exam, None)
    try:
        given = json.loads(read_file(answers))
    except json.JSONDecodeError as error:
        say(f"{answers}, line {error.lineno}: this is no JSON.")
        raise typer.Exit(1) from None
    except (ValueError, RecursionError):
        say(f"{answers}: this is no JSON.")
        raise typer.Exit(1) from None
    if not isinstance(given, dict):
        say(f"{answers}: it should be an object that has an answer for each question.")
        raise typer.Exit(1)
    if read.content is None:
        say(f"Of {exam} no question could be taken: see `pencilsdown import --dry-run`.")
        raise typer.Exit(1)
    tried = try_answers(read.content, given)
    if as_json:
        print_json(tried)
    else:
        _tell(tried)
    for name in tried.unknown:
        say(f"{name}: the test has no such question.")


def _tell(tried: "Tried") -> None:
    for mark in tried.marks:
        if mark.refused is not None:
            told = mark.refused
        elif mark.score_mpt is None:
            told = f"a person judges it, of {_points(mark.max_mpt)}"
        elif not mark.max_mpt:
            told = "does not count" + _by_key(mark)
        else:
            told = f"{_points(mark.score_mpt)} of {_points(mark.max_mpt)}"
        typer.echo(f"{mark.question_id}: {told}")
    waiting = f"; {tried.awaiting} wait for a person" if tried.awaiting else ""
    typer.echo(f"{_points(tried.score_mpt)} of {_points(tried.max_mpt)}{waiting}")


def _by_key(mark: "TriedMark") -> str:
    if not mark.parts:
        return ""
    given, most = sum(part.score_mpt or 0 for part in mark.parts), sum(part.max_mpt for part in mark.parts)
    return f"; its key gives {_points(given)} of {_points(most)}"


def _points(mpt: int) -> str:
    return f"{mpt / 1_000:.3f}".rstrip("0").rstrip(".")
