"""Which body came under which client number: eight bytes each, so that a repetition is told from a reuse."""

from hashlib import blake2b
from typing import Final

import msgspec

from protocol.attempt.facts import Answered, Flagged, Moved, Receipted, Started, Submitted

SIZE: Final = 8
_NONE: Final = bytes(SIZE)
_encode: Final = msgspec.msgpack.Encoder().encode

Numbered = Started | Answered | Flagged | Moved | Receipted | Submitted


def digest(fact: Numbered) -> bytes:
    """Eight bytes of what an operation asks for. The client's clock is left out: evidence, never a decision."""
    return blake2b(_encode(_body(fact)), digest_size=SIZE).digest()


def _body(fact: Numbered) -> tuple[object, ...]:
    match fact:
        case Answered():
            return ("answered", fact.question_id, fact.value)
        case Moved():
            return ("moved", fact.question_index)
        case Flagged():
            return ("flagged", fact.question_id, fact.flagged)
        case Receipted():
            return ("receipted", fact.message_id, fact.seen)
        case Started():
            return ("started",)
        case Submitted():
            return ("submitted",)


def with_digest(digests: bytes, n: int, fact: Numbered) -> bytes:
    """The digests with that of operation `n`, which is greater than all before; skipped numbers get zeros."""
    return digests + bytes(SIZE * (n - 1) - len(digests)) + digest(fact)


def digest_at(digests: bytes, n: int) -> bytes | None:
    """The digest of operation `n`; None where that number was skipped."""
    found = digests[SIZE * (n - 1) : SIZE * n]
    return None if found == _NONE else found
