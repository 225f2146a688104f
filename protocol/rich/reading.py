"""Rich text without its markup, and plain text as rich text."""

import re
from typing import Final

from protocol.content.text import escaped
from protocol.rich.grammar import FORBIDDEN, LINES

_TAG: Final = re.compile(r"<(/?[a-z0-9]+)>")
_FORBIDDEN: Final = re.compile(f"[{FORBIDDEN}]")
_OPENED: Final = dict.fromkeys((*LINES, "br"), "\n")


def text_of(markup: str) -> str:
    """The characters that are read, for rich text in its form (`check`): one line for each paragraph, heading, program
    and line break. Marks and lists leave nothing behind."""
    text = _TAG.sub(lambda found: _OPENED.get(found[1], ""), markup).removeprefix("\n")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def from_text(text: str) -> str:
    """Plain text as rich text: each line a paragraph. What rich text can't have is left out; a tab is a space."""
    lines = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\t", " ")).split("\n")
    return "".join(f"<p>{escaped(line)}</p>" for line in lines) if "".join(lines).strip() else ""
