"""Works out what a regrade would change, in a process of its own: python -m server.marking.trial

It reads lines from its standard input: the order, then for each attempt its result and its answers, each as JSON. At
the end of the input it writes what would change. It opens nothing else and needs no settings.
"""

import os
import sys
from hashlib import blake2b
from typing import BinaryIO, Final

import msgspec

from protocol.content import Grade, TestContent
from protocol.marking.again import mark_again
from protocol.messages.base import Value
from protocol.rest.gradebook import MarkChange, RegradeReply, RegradeTotals
from protocol.rest.results import Result
from protocol.rules.grading import grade_of

_NICE: Final = 10
"""Those who sit go first."""
_SEEN_BYTES: Final = 16
_read_result: Final = msgspec.json.Decoder(Result).decode
_read_answers: Final = msgspec.json.Decoder(dict[str, Value]).decode


class Order(msgspec.Struct, frozen=True):
    """The keys to mark by, the newest boundaries of grades, and which page of the changes is wanted."""

    keys: TestContent
    grades: list[Grade]
    after: str | None
    limit: int


def attempt_regrade(source: BinaryIO) -> RegradeReply:
    """What the regrade would change of what `source` has."""
    order = msgspec.json.decode(source.readline(), type=Order)
    attempts, changes = 0, list[MarkChange]()
    while line := source.readline():
        result, answers = _read_result(line), _read_answers(source.readline())
        attempts += 1
        score_mpt, max_mpt = mark_again(result, order.keys, answers)
        if (score_mpt, max_mpt) != (result.score_mpt, result.max_mpt):
            changes.append(_change(order, result, score_mpt, max_mpt))
    differences = [one.after_mpt - one.before_mpt for one in changes]
    gains, losses = [by for by in differences if by > 0], [-by for by in differences if by < 0]
    totals = RegradeTotals(
        attempts=attempts,
        changed=len(changes),
        gain=len(gains),
        lose=len(losses),
        gained_mpt=sum(gains),
        lost_mpt=sum(losses),
        most_gained_mpt=max(gains, default=0),
        most_lost_mpt=max(losses, default=0),
        grades_changed=sum(one.before_grade != one.after_grade for one in changes),
    )
    later = [one for one in changes if order.after is None or one.attempt_id > order.after]
    page = later[: order.limit]
    return RegradeReply(
        regrade_id=None,
        seen=blake2b(msgspec.msgpack.encode(changes), digest_size=_SEEN_BYTES).hexdigest(),
        totals=totals,
        changes=page,
        next=page[-1].attempt_id if len(later) > len(page) else None,
    )


def _change(order: Order, result: Result, score_mpt: int, max_mpt: int) -> MarkChange:
    before = grade_of(order.grades, result.score_mpt, result.max_mpt) if result.complete else None
    after = grade_of(order.grades, score_mpt, max_mpt) if result.complete else None
    return MarkChange(
        attempt_id=result.attempt_id,
        user_id=result.user_id,
        before_mpt=result.score_mpt,
        after_mpt=score_mpt,
        before_max_mpt=result.max_mpt,
        after_max_mpt=max_mpt,
        before_grade=before,
        after_grade=after,
    )


def main() -> None:
    os.nice(_NICE)
    sys.stdout.buffer.write(msgspec.json.encode(attempt_regrade(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
