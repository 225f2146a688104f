"""What a body says without its markup, and where interactions stand in it."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Final

_PLACE: Final = re.compile(r'<pd-response id="([^"]*)"></pd-response>')
_GAP: Final = re.compile(r'<pd-gap id="([^"]*)"></pd-gap>')
_HOT: Final = re.compile(r'<pd-hot id="([^"]*)">(.*?)</pd-hot>', re.DOTALL)
_BLOCKS: Final = frozenset(
    (
        "blockquote", "br", "dd", "div", "dl", "dt", "figure", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "li", "ol", "p", "pre", "section", "table", "tr", "ul",
    )
)  # fmt: skip
_CELLS: Final = frozenset(("td", "th"))
_PLAIN: Final = re.compile(r"[^<&]*")


def plain_text(body: str) -> str:
    """The text of a body for lists, tables and plain pages: blocks on lines of their own, pictures and formulas by what
    they say, and "…" where an interaction or a gap stands."""
    if _PLAIN.fullmatch(body):
        return body.strip()
    reader = _Reader()
    reader.feed(body)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def escaped(text: str) -> str:
    """Plain text as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def place(response_id: str) -> str:
    """The markup of the place where an interaction stands."""
    return f'<pd-response id="{escaped(response_id).replace(chr(34), "&quot;")}"></pd-response>'


def places(body: str) -> list[str]:
    """The response ids of the interactions that stand in a body, in their order there."""
    return [unescape(name) for name in _PLACE.findall(body)]


def gaps(body: str) -> list[str]:
    """The ids of the gaps in a body, in their order there."""
    return [unescape(name) for name in _GAP.findall(body)]


def hots(body: str) -> list[tuple[str, str]]:
    """What can be chosen in a body, in its order there: each id with the markup of its words."""
    return [(unescape(name), words) for name, words in _HOT.findall(body)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._formulas = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "math":
            self._formulas += 1
            said = dict(attrs).get("alttext") or ""
            # Without words of its own it is read as it is written.
            self._formulas = self._formulas if said else 0
            self.parts.append(said)
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")
        elif tag in ("pd-response", "pd-gap"):
            self.parts.append("…")
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "math":
            self._formulas = max(0, self._formulas - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        # A line break in the source is white space. A formula is said by its words.
        if not self._formulas:
            self.parts.append(data.replace("\n", " "))
