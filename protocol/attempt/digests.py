"""Digests of operations and commands: eight bytes of the content. They tell a repetition from a reuse."""

from bisect import bisect_left
from collections.abc import Callable
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

import msgspec

from protocol import limits
from protocol.attempt.commands import DecideLate, MarkByHand, Regrade
from protocol.attempt.facts import Fact
from protocol.attempt.kinds import ASKED, KIND_OF
from protocol.attempt.model import Attempt
from protocol.messages.operations import Operation
from protocol.messages.staff import StaffCommand

SIZE: Final = 8
_PAIR: Final = 2 * SIZE
"""A number and the digest of its content. Pairs are kept in the order of their numbers, which have gaps."""
_DROPPED: Final = -_PAIR * (limits.KEPT_DIGESTS - 1)
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode
"""The parts of an answer are the same in any order."""
_NOTHING: Final = blake2b(digest_size=SIZE)
"""The digest of no bytes. A copy of it takes in bytes faster than a new one is made."""


def digest(of: Fact | Operation | StaffCommand | MarkByHand | Regrade | DecideLate) -> bytes:
    """Eight bytes of what was asked for: the same from a request and from the fact that it became. Instants are left
    out: the client's clock decides nothing, and the server's is not asked for."""
    hashed = _NOTHING.copy()
    hashed.update(_encode(_CONTENT[type(of)](of)))
    return hashed.digest()


def _reader(kind: type, tag: str, names: tuple[str, ...]) -> Callable[[Any], tuple[object, ...]]:
    if not names:
        return lambda of: (tag,)
    if kind in KIND_OF:
        # A fact has the tag itself. Read so, nothing of this is done in Python.
        return attrgetter("__struct_config__.tag", *names)
    read = attrgetter(*names)
    return (lambda of: (tag, read(of))) if len(names) == 1 else lambda of: (tag, *read(of))


_CONTENT: Final[dict[type, Callable[[Any], tuple[object, ...]]]] = {
    kind: _reader(kind, row.tag, row.content) for kind, row in (*KIND_OF.items(), *ASKED.items())
}


def with_digest(digests: bytes, n: int, fact: Fact) -> bytes:
    """The newest `KEPT_DIGESTS` of them, with that of operation `n`, which is greater than all before."""
    return digests[_DROPPED:] + n.to_bytes(SIZE, "big") + digest(fact)


def digest_at(digests: bytes, n: int) -> bytes | None:
    """The digest of operation `n`; None where that number was skipped, or is older than all that are kept."""
    key = n.to_bytes(SIZE, "big")
    kept = range(len(digests) // _PAIR)
    at = _PAIR * bisect_left(kept, key, key=lambda i: digests[_PAIR * i : _PAIR * i + SIZE])
    return digests[at + SIZE : at + _PAIR] if digests[at : at + SIZE] == key else None


def asks_log(attempt: Attempt, operation: Operation) -> bool:
    """Whether only the log can tell what the operation's number was used for, if at all: it is older than all digests
    that are kept, and there were older ones."""
    digests = attempt.digests
    return (
        operation.n <= attempt.last_n
        and attempt.operations > len(digests) // _PAIR
        and operation.n < int.from_bytes(digests[:SIZE], "big")
    )
