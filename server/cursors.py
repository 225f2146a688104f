"""Cursors of lists: where a page ended. Each is good for the list that gave it, with the same filters, and for nothing
else; nobody but this deployment can make one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

import msgspec

from storage.sorting import Place

_SEAL_BYTES: Final = 12
MAX_CHARS: Final = 4_096
"""A title of 300 characters and an id of 128, of six bytes each as JSON may write them, in base64, with the seal."""

_decode: Final = msgspec.json.Decoder(Place).decode


class Cursors:
    """Made and read with a key that all nodes derive from the secret of their tokens."""

    def __init__(self, secret: str) -> None:
        self._key = blake2b(secret.encode(), person=b"list cursor").digest()

    def write(self, of: Sequence[str], place: Place) -> str:
        """The cursor of a page that ends at `place`, in the list that `of` names: organisation, address, filters."""
        data = msgspec.json.encode(place)
        return urlsafe_b64encode(self._seal(of, data) + data).rstrip(b"=").decode()

    def read(self, of: Sequence[str], text: str) -> Place | None:
        """Where the list goes on; None: the cursor is none of this list."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (ValueError, Error):
            return None
        seal, data = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
        return _decode(data) if compare_digest(seal, self._seal(of, data)) else None

    def _seal(self, of: Sequence[str], data: bytes) -> bytes:
        named = msgspec.json.encode(list(of))
        return blake2b(named + b"\0" + data, key=self._key, digest_size=_SEAL_BYTES).digest()
