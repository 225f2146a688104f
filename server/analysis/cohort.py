"""Works out how a test was sat in a process of its own, for `server.analysis.analyst`: python -m server.analysis.cohort

It reads from its standard input a line of JSON, the order, and then for each attempt what `frame` makes of it. At the
end of the input it writes the figures. It opens nothing else and needs no settings.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import msgspec

from protocol.analytics.cohort import Asked, CohortFigures, Mark, Sitting, figures
from protocol.analytics.course import Course
from protocol.analytics.following import MATTERS, Follower
from protocol.analytics.packing import unpack
from protocol.analytics.typed import typed_questions
from protocol.attempt.facts import KNOWN, Body
from protocol.content import TestContent
from protocol.content.text import plain_text

_NICE: Final = 10
"""Those who sit go first."""
_SIZE_BYTES: Final = 4

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode
_decode_body: Final = msgspec.msgpack.Decoder(Body).decode


class Order(msgspec.Struct, frozen=True):
    """The test by version, and the instant at which everybody is looked at."""

    versions: dict[int, TestContent]
    now_ms: int


class Figures(msgspec.Struct, frozen=True):
    """What comes out. `newer` attempts are left out: their logs say something that this version does not know."""

    attempts: int
    newer: int
    cohort: CohortFigures


class _Mark(msgspec.Struct, frozen=True):
    question_id: str
    score_mpt: int
    max_mpt: int


class _Marked(msgspec.Struct, frozen=True):
    """The part of a result that is needed."""

    score_mpt: int
    max_mpt: int
    marks: list[_Mark]


_read_marked: Final = msgspec.json.Decoder(_Marked).decode


class Newer(Exception):
    """A log says something that this version does not know."""


def frame(one: Any) -> bytes:
    """A `storage.sittings.Begun` as the program reads it, or anything else as `frames` does."""
    payload = _encode(one)
    return len(payload).to_bytes(_SIZE_BYTES) + payload


def follow(lines: list[Any], typed: Mapping[int, frozenset[str]], now_ms: int) -> Course:
    """The course that the lines of a log say. Raises `Newer`."""
    follower = Follower(typed)
    for seq, at_ms, kind, body in lines:
        take(follower, seq, at_ms, kind, body)
    return follower.course(now_ms)


def take(follower: Follower, seq: int, at_ms: int, kind: str, body: bytes | None) -> None:
    """One line of a log. Raises `Newer`."""
    if kind not in MATTERS:
        if kind not in KNOWN:
            raise Newer(kind)
        return
    try:
        follower.take(seq, at_ms, _decode_body(body or b"").fact)
    except msgspec.ValidationError as error:
        raise Newer(kind) from error


def work_out(source: BinaryIO) -> Figures:
    """The figures of what `source` has."""
    order = msgspec.json.decode(source.readline(), type=Order)
    typed = {version: typed_questions(content) for version, content in order.versions.items()}
    sittings: list[Sitting] = []
    newer = 0
    for attempt_id, user_id, name, number, status, result, packed, lines in frames(source):
        try:
            course = follow(lines, typed, order.now_ms) if packed is None else unpack(packed)
        except Newer:
            newer += 1
            continue
        one = Sitting(attempt_id, user_id, name, number, status, course)
        sittings.append(one if result is None else _with_marks(one, _read_marked(result)))
    newest = order.versions[max(order.versions)] if order.versions else None
    asked = [] if newest is None else [Asked(q.question_id, q.kind, plain_text(q.body)) for q in newest.questions]
    return Figures(len(sittings), newer, figures(sittings, asked))


def frames(source: BinaryIO) -> Iterator[Any]:
    """What `frame` has written, one after the other."""
    while size := source.read(_SIZE_BYTES):
        yield _decode(source.read(int.from_bytes(size)))


def _with_marks(one: Sitting, marked: _Marked) -> Sitting:
    marks = [Mark(mark.question_id, mark.score_mpt, mark.max_mpt) for mark in marked.marks]
    return one._replace(score_mpt=marked.score_mpt, max_mpt=marked.max_mpt, marks=marks)


def main() -> None:
    os.nice(_NICE)
    sys.stdout.buffer.write(msgspec.json.encode(work_out(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
