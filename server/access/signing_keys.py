"""The keys under which our own tokens are signed. The first one signs; all that are listed verify, until the operator
takes them off the list. A token names its key by `kid`; one that names none is under the secret of tokens.
"""

from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

import msgspec
from jwt.utils import base64url_encode

from server.access.access_settings import SECRET_ID
from server.settings import Settings, token_secret


class SigningKey(NamedTuple):
    """`key_id` None: the secret of tokens, under which most deployments sign."""

    key_id: str | None
    secret: bytes

    @property
    def source(self) -> str:
        """What tells it from other keys."""
        return f"own {self.key_id or ''}"

    @property
    def header(self) -> dict[str, str]:
        """What a token under this key says of it, beside the algorithm."""
        return {"typ": "JWT"} if self.key_id is None else {"typ": "JWT", "kid": self.key_id}


class SigningKeys:
    """All that are in force."""

    def __init__(self, keys: tuple[SigningKey, ...]) -> None:
        """The first one signs."""
        self.signer = keys[0]
        self._keys = {key.key_id: key for key in keys}
        self.plain = {header: key for key in keys for header in _headers(key)}
        """By the first parts of nearly all tokens: the usual headers, in whatever order."""

    @classmethod
    def of(cls, settings: Settings) -> "SigningKeys":
        """Raises `InvalidSettings` where the secret in the data folder can't be read."""
        secret = SigningKey(None, token_secret(settings).encode())
        listed = (
            secret if key_id == SECRET_ID else SigningKey(key_id, text.encode()) for key_id, text in settings.token_keys
        )
        return cls(tuple(listed) or (secret,))

    def named(self, kid: object) -> SigningKey | None:
        """The key of a token that says this in its header; None: there is none. What names no other key is under the
        secret, if that is in force: services may call it as they like."""
        found = self._keys.get(kid) if isinstance(kid, str) else None
        return found or self._keys.get(None)


def _headers(key: SigningKey) -> Iterator[bytes]:
    for items in permutations((("alg", "HS256"), *key.header.items())):
        yield base64url_encode(msgspec.json.encode(dict(items)))
