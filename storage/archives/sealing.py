"""The bodies of one log, sealed under a key made of the attempt's own: whoever erases the person replaces that key in
the database, and no archive tells of her any more, wherever its copies lie."""

import zlib
from collections.abc import Sequence
from hashlib import blake2b
from secrets import token_bytes
from typing import Final

import msgspec

from storage.archives.faults import Unsealed

_NONCE_BYTES: Final = 12
_FOR: Final = b"pd archive 1"
_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of bodies of one attempt, unpacked: far more than an attempt can have."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[bytes]).decode


def seal_bodies(attempt_id: str, key: bytes, head: bytes, bodies: Sequence[bytes]) -> bytes:
    """Good for this attempt and this head of its log alone."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = token_bytes(_NONCE_BYTES)
    packed = zlib.compress(_encode(list(bodies)))
    return nonce + AESGCM(_key_of(key)).encrypt(nonce, packed, _what(attempt_id, head))


def unseal_bodies(attempt_id: str, key: bytes, head: bytes, sealed: bytes) -> list[bytes]:
    """Raises `Unsealed`: the key is another one, or the bytes are not those that were written."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        packed = AESGCM(_key_of(key)).decrypt(nonce, rest, _what(attempt_id, head))
        unpacking = zlib.decompressobj()
        bodies = unpacking.decompress(packed, _MOST_BYTES)
        if not unpacking.eof:
            raise Unsealed("its bodies are too long")
        return _decode(bodies)
    except (InvalidTag, ValueError, zlib.error):
        raise Unsealed("its bodies can't be opened with the attempt's key") from None


def _key_of(key: bytes) -> bytes:
    return blake2b(key, digest_size=32, person=_FOR).digest()


def _what(attempt_id: str, head: bytes) -> bytes:
    return attempt_id.encode() + head
