"""Marks by two persons: which answers need them, what becomes of each mark, and what markers call a candidate."""

from enum import IntEnum
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from protocol.answering import is_blank
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.content import Criteria, Rules, mean_criteria
from protocol.errors import Refusal, refuse
from protocol.rules.rights import Act, may

_WHOLE: Final = 1_000
_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without those that are easily taken for others."""
_ALIAS_CHARS: Final = 6


class Stage(IntEnum):
    """What an answer waits for: the first mark, the second one, or a decision between two that differ by too much."""

    FIRST = 1
    SECOND = 2
    DECISION = 3


class Given(msgspec.Struct, frozen=True):
    """A mark that one person has given."""

    by: str
    score_mpt: int
    remark: str
    criteria: Criteria = ()


class InQueue(msgspec.Struct, frozen=True):
    """What the queue knows of an answer. `waits` is False once it has its mark, to which those in `given` led.
    `held_by` is who has it in hand. `same` is False where the marks in `given` are for another answer, or out of other
    points."""

    stage: Stage
    waits: bool
    given: tuple[Given, ...]
    held_by: str | None
    same: bool


class Kept(msgspec.Struct, frozen=True):
    """The mark waits: for a second one, or for a decision."""

    given: tuple[Given, ...]
    stage: Stage


class Counts(msgspec.Struct, frozen=True):
    """This mark counts. `together` are the two that led to it, first; none where it is one person's. `is_mean`: it is
    what they come to, and nobody gave it."""

    score_mpt: int
    remark: str
    together: tuple[Given, ...] = ()
    criteria: Criteria = ()
    is_mean: bool = False


def place_mark(
    rules: Rules, queued: InQueue | None, mark: Given, role: Role, reason: str, max_mpt: int, *, by_two: bool
) -> Counts | Kept | Refusal:
    """What becomes of a mark that the attempt itself can take. `queued` is nil where the answer never waited for a
    person; `by_two`: two persons mark it. Refusals come in this order: somebody else has the answer in hand; it has
    changed; two have marked it, and she may not overrule them; for that she gives no reason."""
    alone = Counts(mark.score_mpt, mark.remark, criteria=mark.criteria)
    if queued is None:
        return alone
    if queued.held_by not in (None, mark.by):
        return refuse(Code.CLAIMED)
    if queued.waits and not queued.same:
        return refuse(Code.CLAIMED, _CHANGED)
    may_correct = may(role, Act.CORRECT_MARK)
    if not queued.waits:
        if len(queued.given) < 2:
            return alone
        if not may_correct:
            return refuse(Code.FORBIDDEN, "Two persons have marked this answer, and one alone does not overrule them.")
        return refuse(Code.MARKS_FINAL) if is_blank(reason) else alone
    if queued.stage is Stage.DECISION:
        if mark.by in (one.by for one in queued.given) and not may_correct:
            return refuse(Code.FORBIDDEN, "The two markers differ by too much: somebody else decides.")
        return Counts(mark.score_mpt, mark.remark, queued.given, mark.criteria)
    if queued.stage is Stage.FIRST and not by_two:
        return alone
    first = queued.given[0] if queued.given else None
    if first is None or first.by == mark.by:
        # Until there is a second mark, the first one is its marker's to change.
        return Kept((mark,), Stage.SECOND)
    both = (first, mark)
    score_mpt = agreed(rules, first.score_mpt, mark.score_mpt, max_mpt)
    if score_mpt is None:
        return Kept(both, Stage.DECISION)
    remarks = dict.fromkeys(one.remark for one in both if one.remark)
    criteria = mean_criteria(first.criteria, mark.criteria)
    return Counts(score_mpt, "\n".join(remarks), both, criteria, is_mean=True)


_CHANGED: Final = "This answer, or what it is worth, has changed since it was marked. Look at it again in a moment."


def needs_second(rules: Rules, key: bytes, question_id: str) -> bool:
    """Whether this answer is marked by two persons; `key` is its attempt's own. Which answers are in the sample is
    settled by the keys, so that it is the same each time, nobody's choice, and known to nobody who marks."""
    number = int.from_bytes(blake2b(b"second\0" + question_id.encode(), digest_size=8, key=key).digest(), "big")
    return number % _WHOLE < rules.second_marking_permille


def handle_of(key: bytes) -> str:
    """The id by which those who mark blind know the attempt with this key. Attempts' own ids tell the order in which
    they were made, and when: these say nothing, and the queue has its order by them."""
    return str(UUID(bytes=blake2b(b"handle", digest_size=16, key=key).digest()))


def agreed(rules: Rules, first_mpt: int, second_mpt: int, max_mpt: int) -> int | None:
    """The mark that two markers come to: the mean, rounded to a thousandth of a point, halves up. None: they differ by
    more than the test's tolerance, and a third one decides."""
    if abs(first_mpt - second_mpt) * _WHOLE > rules.marking_tolerance_permille * max_mpt:
        return None
    return (first_mpt + second_mpt + 1) // 2


def alias_of(handle: str) -> str:
    """What the candidate of the attempt with this handle is called where markers are not to know her: the same each
    time, and short enough to be said."""
    number = int.from_bytes(blake2b(handle.encode(), digest_size=8).digest(), "big")
    letters = []
    for _ in range(_ALIAS_CHARS):
        number, at = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[at])
    return "".join(letters)
