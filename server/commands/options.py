"""Options that are ids."""

import typer

from protocol.ids import read_id


def an_id(text: str | None) -> str | None:
    """An option that is an id."""
    try:
        return None if text is None else read_id(text)
    except ValueError as error:
        raise typer.BadParameter(f"An id {error}.") from None


def ids(texts: list[str] | None) -> list[str] | None:
    """None where the option is not given."""
    return [an_id(text) or "" for text in texts] if texts else None
