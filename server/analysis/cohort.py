"""Works out how a test was sat in a process of its own, for `server.analysis.analyst`: python -m server.analysis.cohort

It reads from its standard input a line of JSON, the order, and then for each attempt what `frame` makes of a `Seen`. At
the end of the input it writes the figures. It opens nothing else and needs no settings.
"""

import gc
import os
import sys
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final, NamedTuple

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
_LEVEL: Final = 1

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode
_decode_body: Final = msgspec.msgpack.Decoder(Body).decode


class Order(msgspec.Struct, frozen=True):
    """The test by version, and the instant at which everybody is looked at."""

    versions: dict[int, TestContent]
    now_ms: int


class Seen(NamedTuple):
    """One attempt as the program reads it: see `storage.sittings.Begun`. `standing`: what a look before has folded of
    the log up to the first of the `lines`; nil: they are all of it."""

    attempt_id: str
    user_id: str
    name: str
    attempt_number: int
    status: str
    result: str | None
    course: bytes | None
    lines: list[Any]
    standing: bytes | None = None


class Figures(msgspec.Struct, frozen=True):
    """What comes out. `newer` attempts are left out: their logs say something that this version does not know.
    `standings`: what was folded of those that go on, for the next look."""

    attempts: int
    newer: int
    cohort: CohortFigures
    standings: dict[str, bytes]


class _Marked(msgspec.Struct, frozen=True):
    """The part of a result that is needed."""

    score_mpt: int
    max_mpt: int
    marks: list[Mark]


_read_marked: Final = msgspec.json.Decoder(_Marked).decode


class Newer(Exception):
    """A log says something that this version does not know, or can't read."""


def frame(one: Any) -> bytes:
    """A `Seen` as the program reads it, or anything else as `frames` does."""
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
    except msgspec.DecodeError as error:
        raise Newer(kind) from error


def work_out(source: BinaryIO) -> Figures:
    """The figures of what `source` has."""
    order = msgspec.json.decode(source.readline(), type=Order)
    typed = {version: typed_questions(content) for version, content in order.versions.items()}
    sittings: list[Sitting] = []
    standings: dict[str, bytes] = {}
    newer = 0
    for fields in frames(source):
        seen = Seen(*fields)
        try:
            course, standing = _course_of(seen, typed, order.now_ms)
        except Newer:
            newer += 1
            continue
        if not course.ended and standing is not None:
            standings[seen.attempt_id] = standing
        one = Sitting(seen.attempt_id, seen.user_id, seen.name, seen.attempt_number, seen.status, course)
        sittings.append(one if seen.result is None else _with_marks(one, _read_marked(seen.result)))
    newest = order.versions[max(order.versions)] if order.versions else None
    asked = [] if newest is None else [Asked(q.question_id, q.kind, plain_text(q.body)) for q in newest.questions]
    return Figures(len(sittings), newer, figures(sittings, asked), standings)


def _course_of(seen: Seen, typed: Mapping[int, frozenset[str]], now_ms: int) -> tuple[Course, bytes | None]:
    """What she did, and what is known for the next look. Raises `Newer`."""
    if seen.course is not None:
        return unpack(seen.course), None
    known = seen.standing
    follower = Follower(typed) if known is None else Follower.resumed_at(zlib.decompress(known), typed)
    for seq, at_ms, kind, body in seen.lines:
        take(follower, seq, at_ms, kind, body)
    standing = zlib.compress(follower.standing(), _LEVEL)
    return follower.course(now_ms), standing


def frames(source: BinaryIO) -> Iterator[Any]:
    """What `frame` has written, one after the other."""
    while size := source.read(_SIZE_BYTES):
        yield _decode(source.read(int.from_bytes(size)))


def _with_marks(one: Sitting, marked: _Marked) -> Sitting:
    return one._replace(score_mpt=marked.score_mpt, max_mpt=marked.max_mpt, marks=marked.marks)


def main() -> None:
    os.nice(_NICE)
    # Millions of values are made and none is let go before the end: the collector would look through all of them again
    # and again.
    gc.disable()
    sys.stdout.buffer.write(_encode(work_out(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
