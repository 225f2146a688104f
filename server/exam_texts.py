"""Texts of an exam file.

Each reader raises ValueError with the rest of a sentence that begins with the field's name.
"""

from server.writing.bodies import body_of
from server.writing.faults import WritingFault


def text(given: object) -> str:
    """A text, without what is around it."""
    if not isinstance(given, str):
        raise ValueError("must be a text")
    return given.strip()


def prose(given: object) -> str:
    """A body, of what is written in Markdown."""
    written = text(given)
    try:
        return body_of(written)
    except WritingFault as fault:
        raise ValueError(f"can't be shown. {fault}") from None
