"""I7. What is shown is the log.

Every row of a monitor, and every state that a candidate is told, is the fold of a prefix of the log; what one monitor
shows of an attempt never goes back; and a monitor that is connected equals the log within the time for healing.
"""

from collections.abc import Iterator

from loadtest.checker.evidence import Evidence
from loadtest.checker.fold import State
from loadtest.checker.history import Healed, Quiet, Shown, Watching
from loadtest.checker.violations import Violation
from protocol.messages import AttemptState, Row


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
    yield from _at_the_end(evidence, shown)


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


def _at_the_end(evidence: Evidence, shown: dict[str, dict[str, Row]]) -> Iterator[Violation]:
    quiet = next(evidence.of(Quiet), None)
    healed = next(evidence.of(Healed), None)
    if quiet is None or healed is None:
        return
    heal_ms = evidence.setup.heal_ms
    watching: dict[str, Watching] = {}
    for event in evidence.of(Watching):
        watching[event.who] = event
    for who, since in watching.items():
        if not since.online or max(since.at_ms, healed.at_ms) + heal_ms > quiet.at_ms:
            continue
        for log in evidence.logs.values():
            if (log.attempt.org_id, log.attempt.test_id) != (since.org_id, since.test_id) or log.broken is not None:
                continue
            if not log.records or log.records[-1].written_at_ms + heal_ms > quiet.at_ms:
                continue
            row = shown.get(who, {}).get(log.attempt_id)
            if row is None or row.seq != log.end.seq:
                seen = "nothing" if row is None else f"record {row.seq}"
                yield Violation("I7", log.attempt_id, f"{who} still sees {seen} of {log.end.seq} records after healing")
