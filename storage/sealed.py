"""Secrets in the database: sealed with a key that is not in it, so that a copy of the database opens none."""

from base64 import urlsafe_b64encode
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_LABEL: Final = b"pencilsdown secrets in the database 1"


class Sealer:
    """Seals with a key that all nodes derive from the secret of their tokens: HKDF with SHA-256 (RFC 5869). With
    another one nothing that was sealed before can be opened."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def close(self, text: str) -> str:
        """The text as it is stored: in AES-128-CBC, with an HMAC over it (Fernet)."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """What was sealed; None: not with this key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    @cached_property
    def _fernet(self) -> "Fernet":
        # Imported by whoever has a secret to seal: it takes long.
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return Fernet(urlsafe_b64encode(HKDF(SHA256(), 32, None, _LABEL).derive(self._secret.encode())))
