"""Texts of an exam file.

Each reader raises ValueError with the rest of a sentence that begins with the field's name.
"""

from server.exam.media import beside
from server.writing.bodies import body_of, checked_body
from server.writing.faults import WritingFault


def text(given: object) -> str:
    """A text, without what is around it."""
    if not isinstance(given, str):
        raise ValueError("must be a text")
    return given.strip()


def prose(given: object) -> str:
    """A body, of what is written in Markdown, or as `{html: …}`."""
    try:
        if isinstance(given, dict) and given.keys() == {"html"} and isinstance(given["html"], str):
            return checked_body(given["html"])
        return body_of(text(given), beside())
    except WritingFault as fault:
        raise ValueError(f"can't be shown. {fault}") from None
