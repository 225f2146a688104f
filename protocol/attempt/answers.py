"""The answers of an attempt, packed: as a dictionary of objects they took four times as much memory, which was more
than half of what an attempt takes."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final, NamedTuple

import msgspec

from protocol.messages.base import Value

_STAMP: Final = Struct(">QQ")
"""The client number, and the instant."""
_SIZE: Final = _STAMP.size
_ROOM: Final = bytes(16 * _SIZE)
"""Stamps have room in steps of this. Blocks that differ by one stamp only don't fit where another one has been freed:
the holes between them took half as much again."""


class Saved(NamedTuple):
    """The answer to one question: its value, the client number that brought it, and when it was accepted."""

    value: Value
    n: int
    at_ms: int


class Answers(msgspec.Struct, frozen=True, gc=False):
    """The last answer to each question, in the order of the questions' ids. It reads like a mapping from an id to a
    `Saved`, and never changes. The three fields belong together, position by position; `stamps` ends with zeros."""

    question_ids: tuple[str, ...] = ()
    given: tuple[Value, ...] = ()
    stamps: bytes = b""

    @classmethod
    def of(cls, answers: Iterable[tuple[str, Saved]]) -> "Answers":
        """From pairs of an id and its answer; each id comes once."""
        pairs = sorted(answers, key=lambda pair: pair[0])
        return cls(
            tuple(question_id for question_id, _ in pairs),
            tuple(saved.value for _, saved in pairs),
            _padded(b"".join(_STAMP.pack(saved.n, saved.at_ms) for _, saved in pairs)),
        )

    def find(self, question_id: str) -> int | None:
        """The position of an answer; None: there is none."""
        ids = self.question_ids
        at = bisect_left(ids, question_id)
        return at if at < len(ids) and ids[at] == question_id else None

    def with_answer(self, question_id: str, value: Value, n: int, at_ms: int) -> tuple["Answers", Value]:
        """With this answer in place of the one before, and the value of that; nil: there was none."""
        ids, given, stamps = self.question_ids, self.given, self.stamps
        at = bisect_left(ids, question_id)
        begin, stamp = at * _SIZE, _STAMP.pack(n, at_ms)
        if at < len(ids) and ids[at] == question_id:
            others = list(given)
            others[at] = value
            return Answers(ids, tuple(others), stamps[:begin] + stamp + stamps[begin + _SIZE :]), given[at]
        if len(stamps) == len(ids) * _SIZE:
            stamps += _ROOM
        return (
            Answers(
                ids[:at] + (question_id,) + ids[at:],  # noqa: RUF005 (twice as fast)
                given[:at] + (value,) + given[at:],  # noqa: RUF005
                stamps[:begin] + stamp + stamps[begin:-_SIZE],
            ),
            None,
        )

    def without(self, question_id: str) -> tuple["Answers", Value]:
        """With no answer to this question, and the value of the one before; nil: there was none."""
        at = self.find(question_id)
        if at is None:
            return self, None
        return Answers(
            self.question_ids[:at] + self.question_ids[at + 1 :],
            self.given[:at] + self.given[at + 1 :],
            _padded(self.stamps[: at * _SIZE] + self.stamps[(at + 1) * _SIZE : len(self) * _SIZE]),
        ), self.given[at]

    def get(self, question_id: str) -> Saved | None:
        at = self.find(question_id)
        return None if at is None else Saved(self.given[at], *_STAMP.unpack_from(self.stamps, at * _SIZE))

    def items(self) -> Iterator[tuple[str, Saved]]:
        for question_id, value, (n, at_ms) in self.stamped():
            yield question_id, Saved(value, n, at_ms)

    def stamped(self) -> Iterator[tuple[str, Value, tuple[int, int]]]:
        """Each with its stamp, without the objects of `items`."""
        return zip(self.question_ids, self.given, _STAMP.iter_unpack(self.stamps), strict=False)

    def __getitem__(self, question_id: str) -> Saved:
        saved = self.get(question_id)
        if saved is None:
            raise KeyError(question_id)
        return saved

    def __contains__(self, question_id: str) -> bool:
        return self.find(question_id) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.question_ids)

    def __len__(self) -> int:
        return len(self.question_ids)


def _padded(stamps: bytes) -> bytes:
    return stamps + bytes(-len(stamps) % len(_ROOM))
