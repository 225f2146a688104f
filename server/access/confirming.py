"""Signs confirmations, and reads what it has signed: JSON Web Signatures with Ed25519 (RFC 8037)."""

import json
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from protocol.rest.confirmations import Confirmed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_LABEL: Final = b"pencilsdown confirmations 1"
_TYPE: Final = "pencilsdown-confirmation+jwt"
"""In the header: no other text that this server signs passes for a confirmation, nor a confirmation for a token."""
_ALGORITHM: Final = "EdDSA"


class Confirming:
    """With a key that all nodes derive from the secret of their tokens: HKDF with SHA-256 (RFC 5869). With another
    secret what was signed before is not known any more."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def sign(self, confirmed: Confirmed) -> str:
        """The compact form: header, payload and signature in base64url, with dots between them."""
        import jwt

        claims: dict[str, Any] = msgspec.to_builtins(confirmed)
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"typ": _TYPE, "kid": self.public_key["kid"]})

    def read(self, signed: str) -> Confirmed | None:
        """What it says; None: it is not of this key, or was changed."""
        import jwt

        try:
            whole = jwt.decode_complete(
                signed.strip(),
                self._key.public_key(),
                algorithms=[_ALGORITHM],
                # It was signed now or before, and by a clock that may go otherwise than this one.
                options={"verify_iat": False, "verify_aud": False, "verify_exp": False, "verify_nbf": False},
            )
            if whole["header"].get("typ") != _TYPE:
                return None
            return msgspec.convert(whole["payload"], Confirmed)
        except (jwt.InvalidTokenError, msgspec.ValidationError):
            return None

    @cached_property
    def public_key(self) -> dict[str, str]:
        """As a JSON Web Key (RFC 8037), with its thumbprint (RFC 7638) for its name."""
        from jwt.algorithms import OKPAlgorithm

        known: dict[str, str] = OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        needed = {name: known[name] for name in ("crv", "kty", "x")}
        named = sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
        return needed | {"kid": _base64url(named), "use": "sig", "alg": _ALGORITHM}

    @cached_property
    def _key(self) -> "Ed25519PrivateKey":
        # Imported by whoever has something to sign: it takes long.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(SHA256(), 32, None, _LABEL).derive(self._secret.encode())
        return Ed25519PrivateKey.from_private_bytes(derived)


def _base64url(data: bytes) -> str:
    from jwt.utils import base64url_encode

    return base64url_encode(data).decode()
