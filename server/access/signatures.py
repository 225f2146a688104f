"""How an identity provider may sign: with a private key alone. The list is ours, never the token's (RFC 8725 3.1)."""

from typing import Final

PUBLIC_KEY_ALGORITHMS: Final = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
]
