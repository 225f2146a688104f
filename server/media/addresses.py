"""Addresses of files. Nobody can guess one: it carries a seal over the organisation and the file's hash."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

_SEAL_BYTES: Final = 18
_MAX_ORG_CHARS: Final = 700
"""An id of 128 characters of four bytes each, in base64."""


class MediaAddresses:
    """Made and read with a key that all nodes derive from the secret of their tokens."""

    def __init__(self, secret: str) -> None:
        self._key = blake2b(secret.encode(), person=b"media address").digest()

    def address(self, org_id: str, name: str) -> str:
        """Where the file with this hash is served. It stays the same for as long as the secret does."""
        return f"/media/{_text(org_id.encode())}.{_text(self._seal(org_id, name))}/{name}"

    def read(self, sealed: str, name: str) -> str | None:
        """The organisation of an address, by its last two parts; None: the address is none of ours."""
        org, _, seal = sealed.partition(".")
        if len(org) > _MAX_ORG_CHARS:
            return None
        try:
            org_id = _bytes(org).decode()
            given = _bytes(seal)
        except (ValueError, Error):
            return None
        return org_id if compare_digest(given, self._seal(org_id, name)) else None

    def _seal(self, org_id: str, name: str) -> bytes:
        return blake2b(f"{name}\0{org_id}".encode(), key=self._key, digest_size=_SEAL_BYTES).digest()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
