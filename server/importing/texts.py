"""Texts of others as bodies. What a body may not hold is left out, and said."""

import re
from typing import Final

from protocol import markup
from protocol.content.text import escaped
from server.importing.faults import ImportFault
from server.writing.bodies import body_of, inline_of
from server.writing.sanitise import sanitise

_LOOKS: Final = re.compile("a comment|`(class|role)` of .*")
"""What may be left out without a loss: nobody sees it."""
_BLOCK: Final = re.compile(rf"<({'|'.join(sorted(markup.BLOCKS))})[ >]")

_PARAGRAPH: Final = re.compile("</?(?:p|div)(?: [^>]*)?>")
_EMPTY_END: Final = re.compile("(?<!<br>)(?:<br>)+(?=</p>|$)")


def html_body(html: str, losses: list[str], *, line: bool = False) -> str:
    """What a body keeps of some HTML. Text without a block is a paragraph. `line`: of what stands inside a line; there
    the ends of paragraphs are ends of lines."""
    body = _kept(html, losses, line=False)
    if line:
        parts = (part.strip() for part in _PARAGRAPH.split(body))
        body = _kept("<br>".join(part for part in parts if part), losses, line=True)
    elif body and not _BLOCK.search(body):
        body = f"<p>{body}</p>"
    if len(body) > (markup.MAX_LINE_CHARS if line else markup.MAX_BODY_CHARS):
        raise ImportFault("A text is too long.")
    return body


def _kept(html: str, losses: list[str], *, line: bool) -> str:
    body, taken = sanitise(html, line)
    losses += [f"left out: {what}" for what in taken if not _LOOKS.fullmatch(what)]
    return _EMPTY_END.sub("", body.strip())


def markdown_body(written: str, *, line: bool = False) -> str:
    """Markdown as a body. Raises `WritingFault`."""
    return inline_of(written) if line else body_of(written)


def plain_body(text: str, *, line: bool = False) -> str:
    """Plain text as a body: blank lines part paragraphs, other ends of lines are kept."""
    if line:
        return escaped(" ".join(text.split()))
    paragraphs = [part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n")]
    return "".join("<p>" + "<br>".join(escaped(part).split("\n")) + "</p>" for part in paragraphs if part.strip())
