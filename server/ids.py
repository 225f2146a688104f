"""Identifiers: version 7 UUIDs, which sort by time and so keep an index's pages together. Keys and seeds of attempts:
random."""

import re
from secrets import randbits, token_bytes
from typing import Final

from uuid_utils import uuid7

from protocol.attempt.chain import KEY_BYTES

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id() -> str:
    """A fresh identifier in the canonical form."""
    return str(uuid7())


def new_key() -> bytes:
    """The key of a new attempt."""
    return token_bytes(KEY_BYTES)


def new_seed() -> int:
    """The chance by which the paper of a new attempt is drawn and shuffled: 63 bits."""
    return randbits(63)


def canonical_id(text: str) -> str | None:
    """The UUID that `text` names, in lower case as it is kept; None: no UUID, so it names nothing here."""
    return text.lower() if _UUID.fullmatch(text) else None
