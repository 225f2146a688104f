"""Identifiers: version 7 UUIDs, which sort by time and so keep an index's pages together."""

from uuid_utils import uuid7


def new_id() -> str:
    """A fresh identifier in the canonical form."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in the canonical form; others name nothing here and need no look-up."""
    if len(text) != 36 or text != text.lower():
        return False
    parts = text.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and all(c in "0123456789abcdef-" for c in text)
