"""Texts become bodies: what authors write in Markdown, and what programs send as HTML."""

import re
from typing import Final

from protocol import markup
from server.writing.faults import WritingFault
from server.writing.markdown import Find, html_of, inline_html_of, no_media
from server.writing.sanitise import sanitise

MAX_MARKDOWN_CHARS: Final = 60_000
"""One text in Markdown. Its time grows with its length: this much takes less than a second."""
MAX_LINE_MARKDOWN_CHARS: Final = 10_000

_LONELY_PLACE: Final = re.compile(r"<p>(<pd-response [^>]*></pd-response>)</p>")


def body_of(markdown: str, find: Find = no_media) -> str:
    """The body that a text in Markdown is; blank: none. Raises `WritingFault` with a sentence for the author."""
    _check_length(markdown, MAX_MARKDOWN_CHARS)
    return _whole(_LONELY_PLACE.sub(r"\1", html_of(markdown, find)).strip(), line=False)


def inline_of(markdown: str, find: Find = no_media) -> str:
    """The same inside of a line, as an option is one."""
    _check_length(markdown, MAX_LINE_MARKDOWN_CHARS)
    return _whole(inline_html_of(markdown, find).strip(), line=True)


def checked_body(html: str) -> str:
    """The body that some HTML is. It may be written in another way than bodies are (without a `</p>`, say). Raises
    `WritingFault`, which names what no body may hold."""
    return _whole(html, line=False)


def checked_line(html: str) -> str:
    """The same inside of a line."""
    return _whole(html, line=True)


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise WritingFault(f"The text has more than {most} characters.")


def _whole(html: str, line: bool) -> str:
    body, taken = sanitise(html, line)
    if taken:
        where = "a line" if line else "a text"
        raise WritingFault(f"This can't stand in {where}: {', '.join(taken)}.")
    _check_length(body, markup.MAX_LINE_CHARS if line else markup.MAX_BODY_CHARS)
    return body
