"""How commands print what they found: JSON for a program, columns or lines for a person."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import typer

from server.commands.terminal import print_json

_INSTANT: Final = "_at_ms"
_NOTHING: Final = "-"


def print_rows(rows: Sequence[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str]) -> None:
    """JSON has every field of each row; a person sees these columns, with their names above."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        return
    table = [columns, *([_word(name, row.get(name)) for name in columns] for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(columns))]
    for line in table:
        typer.echo("  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip())


def print_fields(value: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing, a line for each of its fields."""
    if as_json:
        print_json(value)
        return
    width = max(map(len, value), default=0)
    for name, one in value.items():
        typer.echo(f"{name.ljust(width)}  {_word(name, one)}")


def tell(value: Mapping[str, Any], text: str, *, as_json: bool, is_result: bool = False) -> None:
    """What a command has done. A person is told on standard error, or on standard output where it is the result that
    she asked for."""
    if as_json:
        print_json(value)
    else:
        typer.echo(text, err=not is_result)


def _word(name: str, value: Any) -> str:
    """On one line, whatever somebody has put into a name."""
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name.endswith(_INSTANT):
        try:
            return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        except (ValueError, OverflowError):
            return str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_word("", one) for one in value) or _NOTHING
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_word(key, one)}" for key, one in value.items()) or _NOTHING
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in str(value))
