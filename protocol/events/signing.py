"""Signatures of webhooks, by the Standard Webhooks specification: symmetric, version 1."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""The specification asks for 24 to 64."""


def make_secret(chance: bytes) -> str:
    """A secret as receivers get it, from `SECRET_BYTES` random bytes."""
    assert len(chance) == SECRET_BYTES
    return PREFIX + b64encode(chance).decode()


def headers_of(event_id: str, sent_s: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers that sign a body, sent at this second of the Unix epoch: one signature for each secret in force."""
    signed = f"{event_id}.{sent_s}.".encode() + body
    signatures = (hmac.digest(b64decode(secret.removeprefix(PREFIX)), signed, sha256) for secret in secrets)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(sent_s),
        "webhook-signature": " ".join(f"v1,{b64encode(one).decode()}" for one in signatures),
    }
