"""Files with answers that a page has saved while it had no network: only this server opens them, each for one attempt.

Every attempt has a key pair of its own on the curve P-256, which all nodes derive from the secret of their tokens:
nothing is stored, and a file for another attempt can't be opened. The page has the public half alone.
"""

import hmac
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.messages.base import Int
from protocol.rest.late import LateAnswers

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

FORMAT: Final = "pencilsdown answers 1"
_LABEL: Final = b"pencilsdown key of an answer file 1 "
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_Base64 = Annotated[str, Meta(max_length=2 * limits.MAX_LATE_BYTES)]


class SealedFault(Exception):
    """Why a file is not taken, in a sentence."""


class SealedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, as JSON: the page's one-time public key (an uncompressed point), the nonce, and what is sealed, in
    base64."""

    format: str
    attempt_id: str
    key: _Base64
    iv: _Base64
    box: _Base64


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed. `server_now_ms` is the server's clock at `client_now_ms`, as the page believed; nil: it did not
    know."""

    device: Annotated[str, Meta(max_length=limits.MAX_ID_CHARS)]
    client_now_ms: Int
    server_now_ms: Int | None
    answers: LateAnswers


_read_file: Final = msgspec.json.Decoder(SealedFile).decode
_read: Final = msgspec.json.Decoder(Sealed).decode


class SealedAnswers:
    """Gives the public keys, and opens the files."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def key(self, attempt_id: str) -> str:
        """The public key for the files of this attempt: an uncompressed point, in base64."""
        return b64encode(_bytes_of(self._private(attempt_id).public_key())).decode()

    def open(self, attempt_id: str, data: bytes) -> Sealed:
        """What the file says. Raises `SealedFault`."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            file = _read_file(data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise SealedFault("This is no file with answers that a page has saved.") from None
        if file.format != FORMAT:
            raise SealedFault("This is no file with answers that a page has saved.")
        if file.attempt_id != attempt_id:
            raise SealedFault("This file belongs to another attempt.")
        try:
            point, iv, box = (b64decode(text, validate=True) for text in (file.key, file.iv, file.box))
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            shared = self._private(attempt_id).exchange(ec.ECDH(), theirs)
            return _read(AESGCM(key_of(shared, point, attempt_id)).decrypt(iv, box, attempt_id.encode()))
        except (InvalidTag, ValueError, RecursionError):
            raise SealedFault("This file is damaged, or was not saved for this attempt.") from None

    def _private(self, attempt_id: str) -> "EllipticCurvePrivateKey":
        from cryptography.hazmat.primitives.asymmetric import ec

        # 64 bytes of it: what is lost by the division is nothing that anybody could tell.
        wide = hmac.digest(self._secret, _LABEL + attempt_id.encode(), "sha512")
        return ec.derive_private_key(1 + int.from_bytes(wide, "big") % (_ORDER - 1), ec.SECP256R1())


def key_of(shared: bytes, point: bytes, attempt_id: str) -> bytes:
    """The key of AES-256-GCM: HKDF with SHA-256 (RFC 5869) of the shared secret, salted with the one-time key."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, point, f"{FORMAT} {attempt_id}".encode()).derive(shared)


def _bytes_of(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    encoded = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert isinstance(encoded, bytes)
    return encoded
