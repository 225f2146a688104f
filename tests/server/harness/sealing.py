"""What a page does to save answers in a file, written from PROTOCOL.md."""

import json
import os
from base64 import b64decode, b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sealed(key: str, of: str, content: dict[str, Any], /, **other: str) -> bytes:
    """The file of the attempt `of`; `other` are fields that say something else."""
    once = ec.generate_private_key(ec.SECP256R1())
    point = once.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b64decode(key))
    info = f"pencilsdown answers 1 {of}".encode()
    secret = HKDF(SHA256(), 32, point, info).derive(once.exchange(ec.ECDH(), theirs))
    iv = os.urandom(12)
    box = AESGCM(secret).encrypt(iv, json.dumps(content).encode(), of.encode())
    parts = {name: b64encode(data).decode() for name, data in (("key", point), ("iv", iv), ("box", box))}
    return json.dumps({"format": "pencilsdown answers 1", "attempt_id": of, **parts, **other}).encode()
