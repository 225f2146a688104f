"""Options that several commands have."""

from pathlib import Path
from typing import Annotated, Final

import typer

from protocol.ids import read_id

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(help="How many at most", min=1, max=10_000)]
After = Annotated[str, typer.Option(help="Begin behind this id: the last one of the page before")]
USUAL: Final = 100
"""How many a list has where nobody says."""


def an_id(text: str | None) -> str | None:
    """An option that is an id."""
    try:
        return None if text is None else read_id(text)
    except ValueError as error:
        raise typer.BadParameter(f"An id {error}.") from None


def an_attempt(text: str | None) -> str | None:
    """An option that is the id of an attempt."""
    from server.ids import canonical_id

    if text is None:
        return None
    attempt_id = canonical_id(text)
    if attempt_id is None:
        raise typer.BadParameter(f"{text!r} is the id of no attempt.")
    return attempt_id


def attempt_ids(texts: list[str]) -> list[str]:
    """An argument that is the ids of attempts."""
    return sorted({an_attempt(text) or "" for text in texts})


def not_empty(text: str | None) -> str | None:
    """An option that was given for a reason: a script whose variable is empty must not leave it out in silence."""
    if text is not None and not text.strip():
        raise typer.BadParameter("It is empty.")
    return text


def a_folder(text: str) -> Path:
    """A folder, which need not be there yet. An empty one would be the folder that the command is run in."""
    folder = Path(not_empty(text) or "")
    if folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is a file.")
    return folder


def ids(texts: list[str] | None) -> list[str] | None:
    """None where the option is not given."""
    return [an_id(text) or "" for text in texts] if texts else None
