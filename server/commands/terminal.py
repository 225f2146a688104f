"""What every command needs: words for people, settings, and errors that an operator can fix."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from server.settings import Settings

T = TypeVar("T")

MAY_NOT_ERASE: Final = (
    "The database does not let this role take anything away. Give the eraser's role in PENCILSDOWN_ERASER_DATABASE_URL:"
    " deploy/roles.sql makes it, and docs/privacy.md tells how."
)


def say(text: str) -> None:
    """Prints a message for people on standard error. Standard output is for results that a program may read."""
    typer.echo(text, err=True)


def nothing_found(what: str) -> NoReturn:
    """Ends the command, which was asked for something that there is not."""
    say(f"There is no {what}.")
    raise typer.Exit(1)


def print_json(value: Any) -> None:
    """Prints a result for a program: structs, or what consists of them."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=1).decode())


@contextmanager
def explaining() -> Iterator[None]:
    """Turns errors that an operator can fix into a sentence or two and an exit status."""
    from server.process.starting import EXPECTED, WRONG_SETTINGS, exit_status, in_words

    try:
        yield
    except EXPECTED as error:
        say(in_words(error))
        raise typer.Exit(exit_status(error)) from None
    except UnicodeEncodeError as error:
        # An argument of bytes that are no text comes as halves of surrogate pairs, and no statement takes these.
        if error.encoding != "utf-8":
            raise
        say("Something that was given is no text in UTF-8.")
        raise typer.Exit(WRONG_SETTINGS) from None


def settings_of_environment() -> "Settings":
    """The settings, with logging set up by them."""
    from server.process import logs
    from server.settings import load_settings, token_secret

    with explaining():
        settings = load_settings()
        token_secret(settings)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def read_file(path: Path) -> bytes:
    """Its bytes; where they can't be read it says why, and the command ends."""
    try:
        return path.read_bytes()
    except OSError as error:
        say(f"{path}: {error.strerror}")
        raise typer.Exit(1) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work on a loop of its own."""
    with explaining():
        return asyncio.run(work)
