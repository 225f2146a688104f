"""What must hold of every record that is about to be written: a fault of ours in deciding or folding stops here.

What is in the log is not judged by this: a record that is there has happened, and nobody is shut out because of it.
"""

from protocol.attempt.facts import Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import ENDED, Attempt, Status


def check(before: Attempt, record: Record, after: Attempt) -> None:
    """Raises `AssertionError` where `after`, the state after `record`, can't follow `before`."""
    assert record.entry.seq == before.seq + 1 == after.seq, "records are numbered without a gap"
    assert after.head is record.hash, "the head is the newest record"
    fact = record.entry.fact
    kind = KIND_OF[type(fact)]
    assert before.status in kind.origins, f"no {kind.tag} from {before.status}"
    assert not before.erased, "nothing follows an erasure"
    if kind.numbered and after.last_n != before.last_n:
        assert after.last_n > before.last_n, "the numbers of operations rise"
    if after.status is not before.status:
        _check_status(after)
    if after.clocks is not before.clocks:
        _check_clocks(after)


def _check_status(after: Attempt) -> None:
    has_ended = after.status in ENDED
    assert has_ended == (after.ended_at_ms is not None) == (after.ended_as is not None), "an end says when and how"
    assert not (has_ended and after.clocks), "no clock outlives the end"
    assert (after.status is Status.PAUSED) == (after.pause is not None), "a pause says since when"


def _check_clocks(after: Attempt) -> None:
    started_at_ms = after.started_at_ms
    assert started_at_ms is not None, "no clock begins before the start"
    ends = [clock for clock in after.clocks if clock.of is None and not clock.soft]
    assert len(ends) <= 1, "one clock ends the attempt"
    for clock in after.clocks:
        assert (clock.deadline_ms is None) != (clock.left_ms is None), "a clock runs or stands"
        in_time = clock.deadline_ms is None or clock.deadline_ms >= started_at_ms
        # Where the time counts from the opening and only informs, whoever comes late may begin when it is over.
        assert in_time or clock.soft, "no deadline lies before the start"
        assert clock.left_ms is None or clock.left_ms >= 0 or clock.soft, "nobody has less than no time left"
        assert after.status is not Status.PAUSED or clock.deadline_ms is None, "a pause stops every clock"
