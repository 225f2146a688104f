"""Files of tests, named by the hash of their bytes."""

import re
from hashlib import blake2b
from typing import Final

import msgspec

HASH: Final = re.compile(r"[0-9a-f]{64}")
_NAMED: Final = re.compile(rb'src(?:=\\|":)"media:([0-9a-f]{64})\\?"')
"""In a body, whose quotation marks JSON escapes, or as a field of its own."""


class Medium(msgspec.Struct, frozen=True):
    """What is known of a file. `type`: its media type; `size` in bytes; `width` and `height` of pictures, in pixels."""

    hash: str
    type: str
    size: int
    width: int | None
    height: int | None


def hash_of(data: bytes) -> str:
    """BLAKE2b with 32 bytes, in hexadecimal."""
    return blake2b(data, digest_size=32).hexdigest()


def media_in(encoded: bytes) -> list[str]:
    """The hashes of the files that are named in a test or a paper, encoded as JSON, each once."""
    return sorted({name.decode() for name in _NAMED.findall(encoded)})
