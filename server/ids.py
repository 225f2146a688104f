"""Identifiers: version 7 UUIDs, which sort by time and so keep an index's pages together. Keys and seeds of attempts:
random."""

from secrets import randbits, token_bytes

from uuid_utils import uuid7

from protocol.attempt.chain import KEY_BYTES


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
    if len(text) != 36 or not text.isascii():
        return None
    text = text.lower()
    parts = text.split("-")
    whole = [len(part) for part in parts] == [8, 4, 4, 4, 12] and all(c in "0123456789abcdef-" for c in text)
    return text if whole else None
