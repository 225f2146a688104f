"""Answers that came after the end: evidence, which staff decide about. Nothing of it counts by itself."""

from hashlib import blake2b
from typing import Final

import msgspec

from protocol.attempt.answers import Saved
from protocol.messages.base import Value

_ID_BYTES: Final = 16
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode


class LateAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer as the device has it. `client_at_ms` is when it was given, by the device's own clock. `base` is the
    greatest client number that the device knew the server to have accepted then: an answer of a greater number, from
    another device, it had not heard of."""

    question_id: str
    value: Value
    client_at_ms: int
    base: int


class Held(msgspec.Struct, frozen=True):
    """What had been submitted to the question: the value, the number that brought it, and when it was accepted."""

    value: Value
    n: int
    at_ms: int


class LateDecision(msgspec.Struct, frozen=True):
    """What staff decided: the questions whose late answers count from then on. All others are rejected."""

    at_ms: int
    by: str
    role: str
    reason: str
    accepted: tuple[str, ...]


class Late(msgspec.Struct, frozen=True):
    """What came late in one piece, by record `seq` at `received_ms`, after the end that `reference` names.

    When it was given lies between the last sign of the candidate that the log has (`contact_ms`) and `received_ms`; the
    device claims an instant for each answer. Its clock is ahead of the server's by `ahead_ms`; nil: nobody can tell.
    `held` is what had been submitted, answer by answer; nil: nothing. `from_file`: staff have brought it.
    """

    late_id: str
    seq: int
    received_ms: int
    reference: str
    device: str
    from_file: bool
    contact_ms: int | None
    ahead_ms: int | None
    answers: tuple[LateAnswer, ...]
    held: tuple[Held | None, ...]
    decision: LateDecision | None = None


def late_id_of(reference: str, device: str, answers: tuple[LateAnswer, ...]) -> str:
    """The same for the same answers of the same device after the same end, however often and by whatever way they
    come, and whatever the device has heard since."""
    given = [(answer.question_id, answer.value, answer.client_at_ms) for answer in answers]
    return "late-" + blake2b(_encode((reference, device, given)), digest_size=_ID_BYTES).hexdigest()


def claimed_ms(answer: LateAnswer, ahead_ms: int | None) -> int:
    """When the device says that the answer was given, on the server's clock as far as the two could be compared."""
    return answer.client_at_ms - (ahead_ms or 0)


def held_as(saved: Saved | None) -> Held | None:
    return None if saved is None else Held(saved.value, saved.n, saved.at_ms)


def is_overtaken(answer: LateAnswer, held: Held | None) -> bool:
    """Whether another device had answered the question meanwhile, of which this one knew nothing."""
    return held is not None and held.n > answer.base
