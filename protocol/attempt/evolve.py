"""The fold: the state after a record. It knows every fact, and gives the same state for the same records.

`evolve` does not judge: a record that is in the log has happened. `decide` sees to it that only allowed ones get there.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec.structs import replace

from protocol import limits
from protocol.answering import is_blank
from protocol.attempt.chain import reference
from protocol.attempt.deadlines import deadline_after, deadline_at_start, left_at, moot_warnings
from protocol.attempt.digests import Commanded, commanded_digest, with_digest
from protocol.attempt.facts import (
    Answered,
    Assessed,
    Cancelled,
    Collected,
    Completed,
    Connected,
    Created,
    DeviceAllowed,
    Disconnected,
    Entry,
    Expired,
    Extended,
    Flagged,
    HandMarked,
    Messaged,
    Moved,
    Paused,
    Receipted,
    Record,
    Reopened,
    Resumed,
    Started,
    Submitted,
    Warned,
)
from protocol.attempt.model import Attempt, HandMark, Pause, Saved, Status, Told


def fold(records: Iterable[Record], attempt: Attempt | None = None) -> Attempt | None:
    """The state after `records`, which follow `attempt` (None: nothing yet)."""
    for record in records:
        attempt = evolve(attempt, record)
    return attempt


def evolve(attempt: Attempt | None, record: Record) -> Attempt:
    """The state after one more record, which must be number `seq + 1`."""
    entry = record.entry
    fact = entry.fact
    if attempt is None:
        if not isinstance(fact, Created) or entry.seq != 1:
            raise ValueError(f"record {entry.seq} cannot be the first of a log")
        return Attempt(
            identity=fact.identity,
            terms=fact.terms,
            seq=1,
            head=record.hash,
            status=Status.INITIATED,
            created_at_ms=entry.at_ms,
        )
    if isinstance(fact, Created):
        raise ValueError(f"record {entry.seq} creates an attempt that exists")
    if entry.seq != attempt.seq + 1:
        raise ValueError(f"record {entry.seq} does not follow record {attempt.seq}")
    return _APPLY[type(fact)](attempt, record, entry, fact)


def _answered(a: Attempt, record: Record, entry: Entry, fact: Answered) -> Attempt:
    answers = a.answers.copy()
    before = answers.pop(fact.question_id, None)
    if fact.value is not None:
        answers[fact.question_id] = Saved(fact.value, fact.n, entry.at_ms)
    answered = a.answered + (before is None or is_blank(before.value)) - is_blank(fact.value)
    if fact.position is not None and fact.position != a.question_index:
        a = _visit(a, fact.position, entry.at_ms)
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        answers=answers,
        answered=answered,
        last_n=fact.n,
        digests=with_digest(a.digests, fact.n, fact),
    )


def _visit(a: Attempt, question_index: int, at_ms: int) -> Attempt:
    visits = (*a.visits, (question_index, at_ms))[-limits.MAX_HISTORY :]
    return replace(a, question_index=question_index, visits=visits)


def _flagged(a: Attempt, record: Record, entry: Entry, fact: Flagged) -> Attempt:
    others = tuple(question_id for question_id in a.flagged if question_id != fact.question_id)
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        flagged=(*others, fact.question_id) if fact.flagged else others,
        last_n=fact.n,
        digests=with_digest(a.digests, fact.n, fact),
    )


def _moved(a: Attempt, record: Record, entry: Entry, fact: Moved) -> Attempt:
    return replace(
        _visit(a, fact.question_index, entry.at_ms),
        seq=entry.seq,
        head=record.hash,
        last_n=fact.n,
        digests=with_digest(a.digests, fact.n, fact),
    )


def _receipted(a: Attempt, record: Record, entry: Entry, fact: Receipted) -> Attempt:
    told = tuple(
        replace(one, delivered=True, seen=one.seen or fact.seen) if one.message_id == fact.message_id else one
        for one in a.told
    )
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        told=told,
        last_n=fact.n,
        digests=with_digest(a.digests, fact.n, fact),
    )


def _started(a: Attempt, record: Record, entry: Entry, fact: Started) -> Attempt:
    deadline_ms = deadline_at_start(a.terms, entry.at_ms)
    numbered = {} if fact.n is None else {"last_n": fact.n, "digests": with_digest(a.digests, fact.n, fact)}
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        status=Status.IN_PROGRESS,
        started_at_ms=entry.at_ms,
        running_since_ms=entry.at_ms,
        deadline_ms=deadline_ms,
        warned=moot_warnings(a.terms, deadline_ms, entry.at_ms),
        **numbered,
    )


def _connected(a: Attempt, record: Record, entry: Entry, fact: Connected) -> Attempt:
    devices = {device: n for device, n in a.devices.items() if device != fact.device}
    devices[fact.device] = fact.connect_n
    if len(devices) > limits.MAX_DEVICES:
        del devices[next(iter(devices))]
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        connection_id=fact.connection_id,
        holder=fact.node,
        device=fact.device,
        devices=devices,
        device_allowed=a.device_allowed and fact.device == a.device,
        lost_records=max(a.lost_records, (fact.seen_seq or 0) - a.seq),
    )


def _device_allowed(a: Attempt, record: Record, entry: Entry, fact: DeviceAllowed) -> Attempt:
    return replace(a, seq=entry.seq, head=record.hash, device_allowed=True, commands=_with(a, fact.command_id, fact))


def _disconnected(a: Attempt, record: Record, entry: Entry, fact: Disconnected) -> Attempt:
    gone = a.connection_id == fact.connection_id
    if not gone:
        return replace(a, seq=entry.seq, head=record.hash)
    return replace(a, seq=entry.seq, head=record.hash, connection_id=None, holder=None)


def _warned(a: Attempt, record: Record, entry: Entry, fact: Warned) -> Attempt:
    moot = tuple(left for left in a.terms.warnings_ms if left in a.warned or left >= fact.left_ms)
    warning = (fact.left_ms, fact.deadline_ms)
    return replace(a, seq=entry.seq, head=record.hash, warned=moot, warning=warning)


def _stop_clock(a: Attempt, record: Record, entry: Entry, fact: Paused) -> Attempt:
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        status=Status.PAUSED,
        pause=Pause(fact.at_ms, left_at(a.deadline_ms, fact.at_ms), fact.connection_lost),
        deadline_ms=None,
    )


def _run_clock(a: Attempt, record: Record, entry: Entry, fact: Resumed) -> Attempt:
    pause = a.pause
    left_ms = pause.left_ms if pause is not None else None
    used_ms = fact.at_ms - pause.since_ms if pause is not None and pause.connection_lost else 0
    deadline_ms = deadline_after(left_ms, fact.at_ms)
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        status=Status.IN_PROGRESS,
        pause=None,
        running_since_ms=fact.at_ms,
        pause_used_ms=a.pause_used_ms + used_ms,
        deadline_ms=deadline_ms,
        warned=moot_warnings(a.terms, deadline_ms, fact.at_ms),
    )


def _extended(a: Attempt, record: Record, entry: Entry, fact: Extended) -> Attempt:
    pause = a.pause
    if pause is not None and pause.left_ms is not None:
        pause = replace(pause, left_ms=pause.left_ms + fact.add_ms)
    deadline_ms = None if a.deadline_ms is None else a.deadline_ms + fact.add_ms
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        pause=pause,
        deadline_ms=deadline_ms,
        warned=moot_warnings(a.terms, deadline_ms, entry.at_ms),
        commands=_with(a, fact.command_id, fact),
    )


def _messaged(a: Attempt, record: Record, entry: Entry, fact: Messaged) -> Attempt:
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        told=(*a.told, Told(fact.command_id, fact.text, entry.at_ms, delivered=False, seen=False)),
        commands=_with(a, fact.command_id, fact),
    )


def _end(a: Attempt, record: Record, status: Status, ended_at_ms: int, reason: str | None) -> Attempt:
    return replace(
        a,
        seq=record.entry.seq,
        head=record.hash,
        status=status,
        ended_as=status,
        deadline_ms=None,
        collected=False,
        pause=None,
        ended_at_ms=ended_at_ms,
        end_reason=reason,
        reference=reference(record.hash),
    )


def _submitted(a: Attempt, record: Record, entry: Entry, fact: Submitted) -> Attempt:
    ended = _end(a, record, Status.SUBMITTED, entry.at_ms, None)
    if fact.n is None:
        return ended
    return replace(ended, last_n=fact.n, digests=with_digest(a.digests, fact.n, fact))


def _collected(a: Attempt, record: Record, entry: Entry, fact: Collected) -> Attempt:
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        deadline_ms=fact.at_ms,
        collected=True,
        end_reason=fact.reason,
        warned=moot_warnings(a.terms, fact.at_ms, entry.at_ms),
        commands=_with(a, fact.command_id, fact),
    )


def _expired(a: Attempt, record: Record, entry: Entry, fact: Expired) -> Attempt:
    return _end(a, record, Status.EXPIRED, fact.at_ms, fact.reason or None)


def _cancelled(a: Attempt, record: Record, entry: Entry, fact: Cancelled) -> Attempt:
    return _noted(_end(a, record, Status.CANCELLED, entry.at_ms, fact.reason), fact)


def _completed(a: Attempt, record: Record, entry: Entry, fact: Completed) -> Attempt:
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        status=Status.COMPLETED,
        score_mpt=fact.score_mpt,
        max_mpt=fact.max_mpt,
        awaiting_marks=0,
    )


def _assessed(a: Attempt, record: Record, entry: Entry, fact: Assessed) -> Attempt:
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        score_mpt=fact.score_mpt,
        max_mpt=fact.max_mpt,
        awaiting_marks=fact.awaiting,
    )


def _hand_marked(a: Attempt, record: Record, entry: Entry, fact: HandMarked) -> Attempt:
    return replace(
        a,
        seq=entry.seq,
        head=record.hash,
        hand_marks={**a.hand_marks, fact.question_id: HandMark(fact.score_mpt, fact.remark, entry.by)},
        commands=_with(a, fact.command_id, fact),
    )


def _reopened(a: Attempt, record: Record, entry: Entry, fact: Reopened) -> Attempt:
    deadline_ms = entry.at_ms + fact.left_ms
    return _noted(
        replace(
            a,
            seq=entry.seq,
            head=record.hash,
            status=Status.IN_PROGRESS,
            deadline_ms=deadline_ms,
            running_since_ms=entry.at_ms,
            warned=moot_warnings(a.terms, deadline_ms, entry.at_ms),
            ended_at_ms=None,
            ended_as=None,
            end_reason=None,
            reference=None,
            score_mpt=None,
            max_mpt=None,
            awaiting_marks=0,
            hand_marks={},
        ),
        fact,
    )


def _with(a: Attempt, command_id: str, fact: Commanded) -> dict[str, bytes]:
    return {**a.commands, command_id: commanded_digest(fact)}


def _noted(a: Attempt, fact: Paused | Resumed | Cancelled | Reopened) -> Attempt:
    return a if fact.command_id is None else replace(a, commands=_with(a, fact.command_id, fact))


def _paused(a: Attempt, record: Record, entry: Entry, fact: Paused) -> Attempt:
    return _noted(_stop_clock(a, record, entry, fact), fact)


def _resumed(a: Attempt, record: Record, entry: Entry, fact: Resumed) -> Attempt:
    return _noted(_run_clock(a, record, entry, fact), fact)


_APPLY: Final[dict[type, Callable[[Attempt, Record, Entry, Any], Attempt]]] = {
    Started: _started,
    Connected: _connected,
    Disconnected: _disconnected,
    Answered: _answered,
    Flagged: _flagged,
    Moved: _moved,
    Receipted: _receipted,
    Warned: _warned,
    Paused: _paused,
    Resumed: _resumed,
    Extended: _extended,
    Messaged: _messaged,
    Submitted: _submitted,
    Collected: _collected,
    Expired: _expired,
    Cancelled: _cancelled,
    HandMarked: _hand_marked,
    Assessed: _assessed,
    Completed: _completed,
    Reopened: _reopened,
    DeviceAllowed: _device_allowed,
}
