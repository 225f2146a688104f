"""Bodies as an author would write them: in Markdown where that says the same, and as HTML where it does not."""

import re
from html import unescape
from typing import Final

from server.writing.bodies import body_of, inline_of
from server.writing.faults import WritingFault

_PARAGRAPHS: Final = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_FORMULA: Final = re.compile(r'<math(?: display="(block)")? alttext="([^"]*)"[^>]*>.*?</math>', re.DOTALL)
_MARKS: Final = (
    (re.compile(r"<em>(.*?)</em>"), r"*\1*"),
    (re.compile(r"<strong>(.*?)</strong>"), r"**\1**"),
    (re.compile(r"<code>(.*?)</code>"), r"`\1`"),
    (re.compile(r'<pd-response id="([^"]*)"></pd-response>'), r"{{\1}}"),
    (re.compile(r'<img src="(media:[0-9a-f]{64})" alt="([^"]*)">'), r"![\2](\1)"),
)


def written_body(body: str) -> str | dict[str, str]:
    """What `prose` reads as this body."""
    found = _PARAGRAPHS.findall(body)
    guess = "\n\n".join(map(_marked, found)) if found else _marked(body)
    return guess if _is(guess, body, line=False) else {"html": body}


def written_line(body: str) -> str | None:
    """What an option says; None: it can't be written as a text."""
    return next((guess for guess in (unescape(body), _marked(body), body) if _is(guess, body, line=True)), None)


def _marked(html: str) -> str:
    """A guess. Whether it says the same is looked at."""
    written = _FORMULA.sub(lambda found: f"$${found[2]}$$" if found[1] else f"${found[2]}$", html)
    for pattern, mark in _MARKS:
        written = pattern.sub(mark, written)
    return unescape(written)


def _is(written: str, body: str, *, line: bool) -> bool:
    try:
        # The reader takes white space away at the ends.
        return written == written.strip() != "" and (inline_of if line else body_of)(written) == body
    except WritingFault:
        return False
