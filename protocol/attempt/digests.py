"""Digests of operations and commands: eight bytes of the content. They tell a repetition from a reuse."""

from bisect import bisect_left
from hashlib import blake2b
from typing import Final

import msgspec

from protocol.attempt.commands import MarkByHand
from protocol.attempt.facts import (
    Answered,
    Cancelled,
    Collected,
    DeviceAllowed,
    Extended,
    Flagged,
    HandMarked,
    Messaged,
    Moved,
    Paused,
    Receipted,
    Reopened,
    Resumed,
    Started,
    Submitted,
)
from protocol.messages import (
    AllowDevice,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
)

SIZE: Final = 8
_PAIR: Final = 2 * SIZE
"""A number and the digest of its content. Pairs are kept in the order of their numbers, which have gaps."""
_encode: Final = msgspec.msgpack.Encoder().encode

Numbered = Started | Answered | Flagged | Moved | Receipted | Submitted
Commanded = Paused | Resumed | Extended | Messaged | Collected | Cancelled | HandMarked | Reopened | DeviceAllowed


def digest(fact: Numbered) -> bytes:
    """Eight bytes of what an operation asks for. The client's clock is no part of it: it decides nothing."""
    return _short_hash(_body(fact))


def _short_hash(body: tuple[object, ...]) -> bytes:
    return blake2b(_encode(body), digest_size=SIZE).digest()


def _body(fact: Numbered) -> tuple[object, ...]:
    match fact:
        case Answered():
            return ("answered", fact.question_id, fact.value, fact.position)
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
    """The digests with that of operation `n`, which is greater than all before."""
    return digests + n.to_bytes(SIZE, "big") + digest(fact)


def digest_at(digests: bytes, n: int) -> bytes | None:
    """The digest of operation `n`; None where that number was skipped."""
    key = n.to_bytes(SIZE, "big")
    at = _PAIR * bisect_left(range(accepted(digests)), key, key=lambda i: digests[_PAIR * i : _PAIR * i + SIZE])
    return digests[at + SIZE : at + _PAIR] if digests[at : at + SIZE] == key else None


def accepted(digests: bytes) -> int:
    """How many numbered operations were accepted."""
    return len(digests) // _PAIR


def command_digest(command: StaffCommand | MarkByHand) -> bytes:
    """Eight bytes of what staff ask for."""
    return _short_hash(_body_of_command(command))


def commanded_digest(fact: Commanded) -> bytes:
    """The same eight bytes, from the fact that the command became. Instants are left out: they are the server's."""
    return _short_hash(_body_of_commanded(fact))


def _body_of_command(command: StaffCommand | MarkByHand) -> tuple[object, ...]:
    match command:
        case PauseAttempt():
            return ("paused", command.reason)
        case ResumeAttempt():
            return ("resumed", command.reason)
        case ExtendAttempt():
            return ("extended", command.add_ms, command.reason)
        case MessageAttempt():
            return ("messaged", command.text)
        case EndAttempt():
            return ("collected", command.reason)
        case CancelAttempt():
            return ("cancelled", command.reason)
        case ReopenAttempt():
            return ("reopened", command.left_ms, command.reason)
        case AllowDevice():
            return ("device_allowed", command.reason)
        case MarkByHand():
            return ("hand_marked", command.question_id, command.score_mpt, command.remark)


def _body_of_commanded(fact: Commanded) -> tuple[object, ...]:
    match fact:
        case Paused():
            return ("paused", fact.reason)
        case Resumed():
            return ("resumed", fact.reason)
        case Extended():
            return ("extended", fact.add_ms, fact.reason)
        case Messaged():
            return ("messaged", fact.text)
        case Collected():
            return ("collected", fact.reason)
        case Cancelled():
            return ("cancelled", fact.reason)
        case Reopened():
            return ("reopened", fact.left_ms, fact.reason)
        case DeviceAllowed():
            return ("device_allowed", fact.reason)
        case HandMarked():
            return ("hand_marked", fact.question_id, fact.score_mpt, fact.remark)
