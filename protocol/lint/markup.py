"""What is missing in texts."""

import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import Final

from protocol.content import TestContent
from protocol.lint.places import interactions, picture_in, texts
from protocol.rest.lint import Finding

_FILE: Final = re.compile(r'src="media:([0-9a-f]{64})"')


def missing_alt(content: TestContent) -> Iterator[Finding]:
    """Pictures that say nothing to whoever can't see them."""
    for place, body in texts(content):
        count = _Seen.of(body).pictures_without_alt
        if count:
            what = "A picture has" if count == 1 else f"{count} pictures have"
            yield place.found("missing_alt", f"{what} no alternative text: whoever can't see it has no chance.")
    for place, asked in interactions(content):
        picture = picture_in(asked)
        if picture is not None and not picture.alt.strip():
            yield place.found("missing_alt", "Its picture has no alternative text: whoever can't see it has no chance.")


def no_table_headers(content: TestContent) -> Iterator[Finding]:
    """Tables of which a screen reader can't say to what a cell belongs."""
    for place, body in texts(content):
        if _Seen.of(body).tables_without_headers:
            yield place.found("no_table_headers", "A table has no header cells: read out, its figures have no names.")


def missing_file(content: TestContent, stored: Collection[str]) -> Iterator[Finding]:
    """Files that are named and not among those that are `stored`, by their hashes."""
    named = [(place, name) for place, body in texts(content) for name in _FILE.findall(body)]
    for place, asked in interactions(content):
        picture = picture_in(asked)
        if picture is not None:
            named.append((place, picture.src.removeprefix("media:")))
    for place, name in dict.fromkeys(named):
        if name not in stored:
            yield place.found("missing_file", f"Its file media:{name[:12]}… is not there.")


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pictures_without_alt = 0
        self.tables_without_headers = 0
        self._tables: list[bool] = []

    @classmethod
    def of(cls, body: str) -> "_Seen":
        seen = cls()
        if "<img" in body or "<table" in body:
            seen.feed(body)
            seen.close()
        return seen

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img" and not (dict(attrs).get("alt") or "").strip():
            self.pictures_without_alt += 1
        elif tag == "table":
            self._tables.append(False)
        elif tag == "th" and self._tables:
            self._tables[-1] = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._tables and not self._tables.pop():
            self.tables_without_headers += 1
