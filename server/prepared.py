"""Responses that are the same for everybody: built once, compressed once, and then served from memory.

If each request built or compressed them, anybody without a token could take processor time from candidates.
"""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For files whose names change with their content: a browser need never ask for one again."""
ASK_AGAIN: Final = "no-cache"
"""A browser asks each time, and is told by the ETag that nothing has changed."""
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
        if self.gzip is None or not _takes_gzip(accepts):
            return self.plain, {"vary": "accept-encoding"}
        return self.gzip, {"vary": "accept-encoding", "content-encoding": "gzip"}


class Prepared:
    """One response: plain, and compressed if that is smaller."""

    def __init__(self, data: bytes, media_type: str, cache_control: str) -> None:
        tag = hashlib.sha256(data).hexdigest()[:32]
        headers = {"cache-control": cache_control, "vary": "accept-encoding"}
        self._media_type = media_type
        self._plain = data
        self._plain_headers = headers | {"etag": f'"{tag}"'}
        self._gzip = Compressed.of(data).gzip
        # The compressed form needs its own tag (RFC 9110 8.8.3.3).
        self._gzip_headers = headers | {"etag": f'"{tag}-gzip"', "content-encoding": "gzip"}

    def respond(self, request: Request) -> Response:
        """The answer, or 304 to a browser that has it."""
        data, headers = self._plain, self._plain_headers
        if self._gzip is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
            data, headers = self._gzip, self._gzip_headers
        if _has_it(request.headers.get("if-none-match", ""), headers["etag"]):
            kept = {name: value for name, value in headers.items() if name != "content-encoding"}
            return Response(status_code=304, headers=kept)
        return Response(data, headers=headers, media_type=self._media_type)


def prepare_folder(folder: Path, cache_control: str) -> dict[str, Prepared]:
    """Every file directly in `folder` by its name; nothing where there is no such folder."""
    if not folder.is_dir():
        return {}
    return {
        file.name: prepare_file(file, cache_control)
        for file in sorted(folder.iterdir())
        if file.is_file() and not file.name.startswith(".")
    }


def prepare_file(file: Path, cache_control: str) -> Prepared:
    """A file as it is now. Raises `OSError`."""
    return _prepare(file, file.stat().st_mtime_ns, cache_control)


@cache
def _prepare(file: Path, changed_ns: int, cache_control: str) -> Prepared:
    """Cached: a process that makes several applications compresses each file once."""
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Prepared(file.read_bytes(), media_type, cache_control)


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _has_it(named: str, tag: str) -> bool:
    """Whether one of the tags of `If-None-Match` is this one; weakly compared, as RFC 9110 13.1.2 wants it."""
    return named.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in named.split(","))
