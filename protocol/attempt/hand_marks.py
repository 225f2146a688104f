"""A mark by a person holds for as long as its answer has the value that was marked, after a reopening too."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from protocol.attempt.answers import Answers
from protocol.attempt.model import Attempt, HandMark
from protocol.messages.base import Value

_SIZE: Final = 8
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode


def fingerprint(value: Value) -> bytes:
    """Eight bytes that tell one answer from another. The same options in another order are another answer: it may be
    the order that was asked for."""
    return blake2b(_encode(value), digest_size=_SIZE).digest()


def marked_as(value: Value, max_mpt: int) -> bytes:
    """Eight bytes that tell an answer, and what it is worth, from another."""
    return blake2b(fingerprint(value) + max_mpt.to_bytes(_SIZE, "big"), digest_size=_SIZE).digest()


def answer_of(answers: Answers, question_id: str) -> Value:
    """The value of the answer to a question; nil where there is none."""
    saved = answers.get(question_id)
    return None if saved is None else saved.value


def marks_in_force(attempt: Attempt) -> Mapping[str, HandMark]:
    """The marks whose answers are what they were."""
    return {
        question_id: mark
        for question_id, mark in attempt.hand_marks.items()
        if mark.answer == fingerprint(answer_of(attempt.answers, question_id))
    }


def outdated_marks(attempt: Attempt) -> Mapping[str, HandMark]:
    """The marks whose answers were changed after they had been given."""
    in_force = marks_in_force(attempt)
    return {question_id: mark for question_id, mark in attempt.hand_marks.items() if question_id not in in_force}
