"""Responses that are the same for everybody: built once, compressed once, and then served from memory.

If each request built or compressed them, anybody without a token could take processor time from candidates.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Container
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For files whose names change with their content: a browser need never ask for one again."""
ASK_AGAIN: Final = "no-cache"
"""A browser asks each time, and is told by the ETag that nothing has changed."""
_VARY: Final = "accept-encoding"
_BROTLI: Final = ".br"
_SCRIPT: Final = re.compile(rb'(?:src|href)="(/assets/[^"]+\.js)"')
_WEIGHT: Final = re.compile(r"[01](?:\.[0-9]{0,3})?")
_WORTH_IT: Final = 0.9
"""If gzip does not shrink a response below this share, it is sent uncompressed."""


class Compressed(NamedTuple):
    """Bytes that many ask for, and the same compressed, if that is smaller."""

    plain: bytes
    gzip: bytes | None

    @classmethod
    def of(cls, data: bytes) -> "Compressed":
        """Takes a millisecond for thirty kilobytes."""
        compressed = gzip.compress(data, 9, mtime=0)
        return cls(data, compressed if len(compressed) < len(data) * _WORTH_IT else None)

    def for_client(self, accepts: str) -> tuple[bytes, dict[str, str]]:
        """What a client gets whose `Accept-Encoding` this is, and the headers that say so."""
        if self.gzip is None or not _takes("gzip", accepts):
            return self.plain, {"vary": _VARY}
        return self.gzip, {"vary": _VARY, "content-encoding": "gzip"}


class _Form(NamedTuple):
    """The bytes of a response in one coding; "" is none."""

    coding: str
    data: bytes
    headers: dict[str, str]


class Prepared:
    """One response: plain, and compressed if that is smaller. `brotli` are its bytes in that coding, where somebody has
    made them."""

    def __init__(
        self,
        data: bytes,
        media_type: str,
        cache_control: str,
        brotli: bytes | None = None,
        vary: str = _VARY,
        link: str = "",
    ) -> None:
        tag = hashlib.sha256(data).hexdigest()[:32]
        headers = {"cache-control": cache_control, "vary": vary} | ({"link": link} if link else {})
        self._media_type = media_type
        forms = [_Form("", data, headers | {"etag": f'"{tag}"'})]
        for coding, coded in (("gzip", Compressed.of(data).gzip), ("br", brotli)):
            if coded is not None and len(coded) < len(forms[0].data):
                # A compressed form needs a tag of its own (RFC 9110 8.8.3.3).
                own = {"etag": f'"{tag}-{coding}"', "content-encoding": coding}
                forms.insert(0, _Form(coding, coded, headers | own))
        self._forms = forms
        """The smallest first."""

    def respond(self, request: Request) -> Response:
        """The answer, or 304 to a browser that has it."""
        accepted = request.headers.get("accept-encoding", "")
        form = next(form for form in self._forms if not form.coding or _takes(form.coding, accepted))
        if _has_it(request.headers.get("if-none-match", ""), form.headers["etag"]):
            kept = {name: value for name, value in form.headers.items() if name != "content-encoding"}
            return Response(status_code=304, headers=kept)
        return Response(form.data, headers=form.headers, media_type=self._media_type)


def prepare_folder(folder: Path, cache_control: str) -> dict[str, Prepared]:
    """Every file directly in `folder` by its name; nothing where there is no such folder."""
    if not folder.is_dir():
        return {}
    return {
        file.name: prepare_file(file, cache_control)
        for file in sorted(folder.iterdir())
        if file.is_file() and not file.name.startswith(".") and file.suffix != _BROTLI
    }


def prepare_file(
    file: Path, cache_control: str, media_type: str | None = None, *, by_language: bool = False
) -> Prepared:
    """A file as it is now; without a `media_type` its name tells it. A file `.br` beside it has the same in Brotli.
    `by_language`: a page; who asks in another language gets another file, and the headers name the scripts of each.
    Raises `OSError`."""
    return _prepare(file, file.stat().st_mtime_ns, cache_control, media_type, by_language)


@cache
def _prepare(file: Path, changed_ns: int, cache_control: str, media_type: str | None, by_language: bool) -> Prepared:
    """Cached: a process that makes several applications compresses each file once."""
    media_type = media_type or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    brotli = file.with_name(file.name + _BROTLI)
    coded = brotli.read_bytes() if brotli.is_file() else None
    data = file.read_bytes()
    if not by_language:
        return Prepared(data, media_type, cache_control, coded)
    # A browser asks for them before it has read the page.
    scripts = ", ".join(f"<{address.decode()}>; rel=modulepreload" for address in _SCRIPT.findall(data))
    return Prepared(data, media_type, cache_control, coded, f"{_VARY}, accept-language", scripts)


def _takes(coding: str, accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in (coding, "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def language_asked(accepted: str, known: Container[str]) -> str | None:
    """The language ("de") of those known that a browser likes best by its `Accept-Language`; None: it names none."""
    asked: list[tuple[float, str]] = []
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        language = name.strip().partition("-")[0]
        if language in known:
            asked.append((_weight(weight), language))
    best = max(asked, key=itemgetter(0), default=(0.0, ""))
    return best[1] if best[0] > 0 else None


def _weight(said: str) -> float:
    """Of `q=0.8`; what says nothing weighs 1, and what nobody understands 0."""
    name, _, value = said.replace(" ", "").partition("=")
    if not name:
        return 1.0
    return float(value) if name == "q" and _WEIGHT.fullmatch(value) else 0.0


def _has_it(named: str, tag: str) -> bool:
    """Whether one of the tags of `If-None-Match` is this one; weakly compared, as RFC 9110 13.1.2 wants it."""
    return named.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in named.split(","))
