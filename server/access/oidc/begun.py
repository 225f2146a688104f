"""A sign-in that was begun, as its `state` says: sealed, so that no node need remember it.

The browser that began it holds a secret, the verifier of PKCE. Whoever brings a code and a state without it is nobody:
a link with somebody else's code signs nobody in.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b, sha256
from secrets import token_urlsafe
from typing import Final

import msgspec

from protocol import limits

BEGUN_MS: Final = 10 * 60 * 1000
"""How long a person may take to sign in at the provider."""
_SEAL_BYTES: Final = 32


class Begun(msgspec.Struct, frozen=True):
    """`challenge` is that of the browser's verifier (RFC 7636)."""

    nonce: str
    challenge: str
    at_ms: int


class Beginnings:
    """Made and read with a key that all nodes derive from the secret of their tokens."""

    def __init__(self, secret: str) -> None:
        self._key = blake2b(secret.encode(), person=b"sign-in").digest()

    def begin(self, verifier: str, now_ms: int) -> Begun:
        """A new one."""
        return Begun(token_urlsafe(24), challenge_of(verifier), now_ms)

    def write(self, begun: Begun) -> str:
        """The `state` of a request."""
        data = msgspec.json.encode(begun)
        return _encoded(self._seal(data) + data)

    def read(self, state: str, verifier: str, now_ms: int) -> Begun | None:
        """None: it was not begun here, or not with this verifier, or too long ago."""
        try:
            raw = urlsafe_b64decode(state.encode("ascii") + b"=" * (-len(state) % 4))
        except ValueError:
            return None
        seal, data = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(data)):
            return None
        begun = msgspec.json.decode(data, type=Begun)
        if not hmac.compare_digest(begun.challenge, challenge_of(verifier)):
            return None
        # Another node's clock may be a little ahead.
        return begun if -limits.TOKEN_LEEWAY_MS <= now_ms - begun.at_ms < BEGUN_MS else None

    def _seal(self, data: bytes) -> bytes:
        return blake2b(data, key=self._key, digest_size=_SEAL_BYTES).digest()


def challenge_of(verifier: str) -> str:
    """`S256`, the only method that is used."""
    return _encoded(sha256(verifier.encode()).digest())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
