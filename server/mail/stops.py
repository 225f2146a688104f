"""Links by which the reader of a letter stops letters like it, and what they stand for.

What a link stands for is sealed: it lies about in mails, and must tell nobody who its reader is, nor be made by others.
"""

from typing import Final, Literal

import msgspec

from storage.sealed import Sealer

PATH: Final = "/mail/stop"
_MAX_CHARS: Final = 2_000


class Stop(msgspec.Struct, frozen=True, array_like=True):
    """Whose letters stop: those to a candidate, or those of a subscription for staff. `language` is the letter's."""

    org_id: str
    whose: Literal["user", "subscription"]
    id: str
    language: str


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Stop).decode


def link_of(sealer: Sealer, url: str, stop: Stop) -> str:
    """The address of the page; `url` is where the server is reached."""
    return f"{url}{PATH}?t={sealer.close(_encode(stop).decode())}"


def read_stop(sealer: Sealer, sealed: str) -> Stop | None:
    """What a link stands for; None: it is none of ours."""
    opened = sealer.open(sealed) if sealed.isascii() and len(sealed) <= _MAX_CHARS else None
    try:
        return None if opened is None else _decode(opened)
    except msgspec.DecodeError:
        return None
