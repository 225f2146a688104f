"""I7. What is shown is the log.

Every row of a monitor, and every state that a candidate is told, is the fold of a prefix of the log; what one monitor
shows of an attempt never goes back; and while nothing is broken, a monitor that is connected shows what the log has had
for as long as healing may take.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from loadtest.checker.evidence import Evidence
from loadtest.checker.fold import State
from loadtest.checker.history import Event, Quiet, Relief, Shown, Trouble, Watching
from loadtest.checker.violations import Violation
from protocol.messages import AttemptState, Row

LOOK_EVERY_MS: Final = 20_000


def check(evidence: Evidence) -> Iterator[Violation]:
    shown: dict[str, dict[str, Row]] = {}
    for event in evidence.of(Shown):
        known = shown.setdefault(event.who, {})
        for row in event.rows:
            yield from _is_prefix(evidence, event, row)
            before = known.get(row.attempt_id)
            if before is not None and (before.seq, before.tick) > (row.seq, row.tick):
                yield Violation(
                    "I7",
                    row.attempt_id,
                    f"{event.who} saw record {before.seq}.{before.tick}, then {row.seq}.{row.tick}",
                )
            known[row.attempt_id] = row
    for told in evidence.told:
        log = evidence.logs.get(told.attempt_id)
        state = None if log is None else log.at(told.state.seq)
        if state is None or _told(state) != told.state:
            yield Violation(
                "I7", told.attempt_id, f"{told.who} was told a state that is not the log's at {told.state.seq}"
            )
    yield from _catching_up(evidence)


def _is_prefix(evidence: Evidence, event: Shown, row: Row) -> Iterator[Violation]:
    log = evidence.logs.get(row.attempt_id)
    if log is None or (log.attempt.org_id, log.attempt.test_id) != (event.org_id, event.test_id):
        yield Violation("I7", row.attempt_id, f"{event.who} was shown a row of another room, or of nothing")
        return
    state = log.at(row.seq)
    if state is None:
        yield Violation("I7", row.attempt_id, f"{event.who} was shown record {row.seq}, which the log has not")
    elif _shown(state) != _of_row(row):
        names = [name for name, value in _shown(state).items() if _of_row(row)[name] != value]
        yield Violation(
            "I7", row.attempt_id, f"{event.who} was shown a row at {row.seq} that the log does not say: {names}"
        )


def _shown(state: State) -> dict[str, object]:
    return {
        "user_id": state.user_id,
        "attempt_number": state.attempt_number,
        "status": state.status,
        "question_index": state.question_index,
        "answered": len(state.answers),
        "flagged": len(state.flagged),
        "total": state.total,
        "started_at_ms": state.started_at_ms,
        "deadline_ms": state.deadline_ms,
        "left_ms": state.left_ms,
        "ended_at_ms": state.ended_at_ms,
        "message": state.messages[-1][1] if state.messages else None,
        "score_mpt": state.score_mpt,
        "max_mpt": state.max_mpt,
        "awaiting_marks": state.awaiting,
    }


def _of_row(row: Row) -> dict[str, object]:
    return {
        "user_id": row.user_id,
        "attempt_number": row.attempt_number,
        "status": row.status,
        "question_index": row.question_index,
        "answered": row.answered,
        "flagged": row.flagged,
        "total": row.total,
        "started_at_ms": row.started_at_ms,
        "deadline_ms": row.deadline_ms,
        "left_ms": row.left_ms,
        "ended_at_ms": row.ended_at_ms,
        "message": row.message,
        "score_mpt": row.score_mpt,
        "max_mpt": row.max_mpt,
        "awaiting_marks": row.awaiting_marks,
    }


def _told(state: State) -> AttemptState:
    return AttemptState(
        status=state.status,
        seq=state.seq,
        started_at_ms=state.started_at_ms,
        deadline_ms=state.deadline_ms,
        closes_at_ms=state.closes_at_ms,
        left_ms=state.left_ms,
        ended_at_ms=state.ended_at_ms,
        ended_as=state.ended_as,
        reference=state.reference,
        reason=state.reason,
    )


def _catching_up(evidence: Evidence) -> Iterator[Violation]:
    """Looks at every monitor again and again while nothing is broken: what the log has had for so long is shown."""
    heal_ms = evidence.setup.heal_ms
    looks = list(_calm_instants(evidence.history, heal_ms))
    written = {
        attempt_id: [record.written_at_ms for record in log.records] for attempt_id, log in evidence.logs.items()
    }
    lost = [(event.who, event.at_ms) for event in evidence.of(Watching) if not event.online]
    rooms: dict[str, tuple[str, str, int]] = {}
    shown: dict[str, dict[str, int]] = {}
    events = iter(evidence.history)
    event = next(events, None)
    for now_ms in looks:
        while event is not None and event.at_ms <= now_ms:
            if isinstance(event, Watching):
                if event.online:
                    rooms[event.who] = (event.org_id, event.test_id, event.at_ms)
                else:
                    rooms.pop(event.who, None)
            elif isinstance(event, Shown):
                rows = shown.setdefault(event.who, {})
                rows.update((row.attempt_id, row.seq) for row in event.rows)
            event = next(events, None)
        for who, (org_id, test_id, since_ms) in rooms.items():
            if since_ms + heal_ms > now_ms:
                continue
            # Whoever loses her connection soon may have had a dead one by now: it takes some heartbeats to notice.
            if any(name == who and now_ms <= at_ms <= now_ms + evidence.setup.back_ms for name, at_ms in lost):
                continue
            for attempt_id, log in evidence.logs.items():
                if (log.attempt.org_id, log.attempt.test_id) != (org_id, test_id):
                    continue
                # Of what was written by now, all must be old enough: a row shows the newest.
                known = bisect_right(written[attempt_id], now_ms - heal_ms)
                seen = shown.get(who, {}).get(attempt_id, 0)
                if seen < known:
                    yield Violation(
                        "I7", attempt_id, f"{who} sees {seen} of {known} records {heal_ms} ms after the last of them"
                    )


def _calm_instants(history: Sequence[Event], heal_ms: int) -> Iterator[int]:
    """Instants before which nothing has been broken for so long: before each fault, and regularly."""
    broken: set[tuple[str, str]] = set()
    calm_since_ms = history[0].at_ms if history else 0
    next_ms = calm_since_ms + heal_ms
    for event in history:
        while not broken and next_ms < event.at_ms:
            yield next_ms
            next_ms += LOOK_EVERY_MS
        match event:
            case Trouble():
                if not broken and event.at_ms >= calm_since_ms + heal_ms:
                    yield event.at_ms - 1
                broken.add((event.kind, event.what))
            case Relief():
                broken.discard((event.kind, event.what))
                calm_since_ms, next_ms = event.at_ms, event.at_ms + heal_ms
            case Quiet() if not broken and event.at_ms >= calm_since_ms + heal_ms:
                yield event.at_ms
            case _:
                pass
