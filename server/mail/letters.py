"""What a letter says: pure, from an event and what is known of the people and the test that it is about."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final, TypeGuard

import msgspec

from protocol.events.mail import Digest
from server.mail.words import FROM_RIGHT, Words, words_in

_ISOLATE: Final = "\u2068{}\u2069"
"""Around what is filled in: a name may be written in the other direction than the sentence (UAX 9)."""
_BREAKS: Final = str.maketrans(dict.fromkeys(map(chr, (*range(32), 127, 0x85, 0x2028, 0x2029)), " "))
MAX_SUBJECT_CHARS: Final = 200
_LAST_MS: Final = 253_402_300_799_000
"""The last second of the year 9999: who may sit until later has no end that a letter could name."""


class Letter(msgspec.Struct, frozen=True):
    """Its words, before they have an address. `stop`: the address by which its reader can stop letters like it; None:
    she must get it. Only what is ours becomes a link: names and titles are written by others."""

    language: str
    subject: str
    paragraphs: Sequence[str]
    stop: str | None = None
    room: str = ""
    """The address with which a paragraph ends; empty: none does."""

    @property
    def plain(self) -> str:
        return "\n\n".join(self._all) + "\n"

    @property
    def html(self) -> str:
        direction = "rtl" if self.language in FROM_RIGHT else "ltr"
        body = "".join(f"<p>{_linked(one, self.room, self.stop or '')}</p>\n" for one in self._all)
        return (
            f'<!doctype html>\n<html lang="{self.language}" dir="{direction}">\n<head><meta charset="utf-8">'
            f"<title>{escape(self.subject)}</title></head>\n<body>\n{body}</body>\n</html>\n"
        )

    @property
    def _all(self) -> list[str]:
        last = [] if self.stop is None else [words_in(self.language)["stop"].format_map({"link": self.stop})]
        return [*self.paragraphs, *last]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a letter is about. `name` is the candidate's; None: nobody has said it. `until_ms`: the deadline; None: none
    yet. `room`: the address of the instructor's page."""

    name: str | None
    test: str
    at_ms: int
    until_ms: int | None = None
    reference: str | None = None
    room: str = ""


def to_candidate(kind: str, about: About, language: str, stop: str | None) -> Letter:
    """`kind` is that of the event's fact, or `result`."""
    words, filled = words_in(language), _filled(about, language)
    hello = words["hello"].format_map(filled) if about.name else words["hello_nobody"]
    said = [hello, words[kind].format_map(filled)]
    if kind == "started" and _is_named(about.until_ms):
        said.append(words["ends"].format_map(filled))
    if about.reference is not None and kind in ("submitted", "expired"):
        said.append(words["reference"].format_map(filled))
    return Letter(language, _subject(words, f"{kind}_subject", about.test), said, stop)


def to_staff(kind: str, about: About, language: str, stop: str) -> Letter:
    """`kind` is that of the event's fact."""
    words, filled = words_in(language), _filled(about, language)
    said = [words[f"staff_{kind}"].format_map(filled), words["room"].format_map({"link": about.room})]
    return Letter(language, _subject(words, f"staff_{kind}_subject", about.test), said, stop, about.room)


def of_day(digest: Digest, titles: dict[str, str], language: str, stop: str) -> Letter:
    """The digest. `titles`: those of its tests."""
    words = words_in(language)
    day = {"day": datetime.fromtimestamp(digest.from_ms / 1000, UTC).date().isoformat()}
    lines = [
        words["digest_test"].format_map(
            {
                "test": _ISOLATE.format(one_line(titles.get(one.test_id, one.test_id))),
                "started": one.started,
                "ended": one.ended,
                "open": one.open,
            }
        )
        for one in digest.tests
    ]
    return Letter(language, words["digest_subject"].format_map(day), [words["digest"].format_map(day), *lines], stop)


def one_line(text: str) -> str:
    """The text on one line: whatever it has of breaks and control characters is a space."""
    return " ".join(text.translate(_BREAKS).split())


def _filled(about: About, language: str) -> dict[str, str]:
    return {
        "name": _ISOLATE.format(one_line(about.name or "")),
        "test": _ISOLATE.format(one_line(about.test)),
        "at": _ISOLATE.format(_instant(about.at_ms)),
        "until": _ISOLATE.format(_instant(about.until_ms)) if _is_named(about.until_ms) else "",
        "reference": about.reference or "",
    }


def _subject(words: Words, key: str, test: str) -> str:
    return words[key].format_map({"test": one_line(test)})[:MAX_SUBJECT_CHARS]


def _is_named(until_ms: int | None) -> TypeGuard[int]:
    return until_ms is not None and until_ms <= _LAST_MS


def _instant(at_ms: int) -> str:
    """In UTC, and saying so: nobody knows here where its reader is."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _linked(paragraph: str, *ours: str) -> str:
    """As HTML, an address of ours at its end as a link."""
    address = next((one for one in ours if one and paragraph.endswith(f" {one}")), None)
    if address is None:
        return escape(paragraph)
    link = escape(address)
    return f'{escape(paragraph.removesuffix(address))}<a href="{link}">{link}</a>'
