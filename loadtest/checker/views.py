"""I7. What is shown is the log.

Every row of a monitor, and every state that a candidate is told, is the fold of a prefix of the log; what one monitor
shows of an attempt never goes back; and while nothing is broken, a monitor that is connected shows what the log has had
for as long as healing may take.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from loadtest.checker.blank import is_blank
from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Event, Quiet, Relief, Shown, Trouble, Watching
from loadtest.checker.state import State
from loadtest.checker.violations import Violation
from protocol.messages.monitor import FormalWarning, Row, RowAccommodation, RowAct, RowConsent, RowSignal
from protocol.messages.state import AttemptState

LOOK_EVERY_MS: Final = 20_000


def check(evidence: Evidence) -> Iterator[Violation]:
    shown: dict[str, dict[str, Row]] = {}
    for event in evidence.history:
        if isinstance(event, Watching) and event.online:
            # A new server counts its ticks anew: only records must not go back.
            rows = shown.get(event.who, {})
            rows.update((attempt_id, replace(row, tick=-1)) for attempt_id, row in rows.items())
        if not isinstance(event, Shown):
            continue
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
    for word in evidence.told:
        log = evidence.logs.get(word.attempt_id)
        state = None if log is None else log.at(word.state.seq)
        if state is None or told(state) != word.state:
            yield Violation(
                "I7", word.attempt_id, f"{word.who} was told a state that is not the log's at {word.state.seq}"
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
        return
    expected, shown = _expected(state), _of_row(row)
    if expected != shown:
        names = [name for name, one, other in zip(_SHOWN, expected, shown, strict=True) if one != other]
        yield Violation(
            "I7", row.attempt_id, f"{event.who} was shown a row at {row.seq} that the log does not say: {names}"
        )


_NODES_OWN: Final = {
    *("attempt_id", "seq", "tick", "name", "connection", "last_seen_ms", "lost_records", "link", "admission"),
    "pause_used_ms",
}
"""What of a row the fold does not say: what orders rows, who is connected, what is kept outside of the log, what
the test's newest rules say before the start, and for how long lost connections have stopped a clock."""
_UNGRANTED: Final[dict[str, Any]] = {
    name: None if name in ("opens_at_ms", "closes_at_ms", "pause_budget_ms", "exempt", "page") else 0
    for name in RowAccommodation.__struct_fields__
} | {"unlimited_time": False, "never_closes": False}
"""What a record of what is granted means where it does not say something."""


def _granted(state: State) -> RowAccommodation | None:
    fields = _UNGRANTED | state.granted
    return None if fields == _UNGRANTED else msgspec.convert(fields, RowAccommodation)


def _warnings(state: State) -> list[FormalWarning] | None:
    marks = dict(state.messages)
    given = [FormalWarning(at_ms, reason, marks[name] == "seen", role) for name, at_ms, reason, role in state.formal]
    return given or None


def _pause(state: State) -> str | None:
    if state.status != "paused":
        return None
    if state.paused_for is not None:
        return "integrity"
    return "connection" if state.connection_lost else "return" if state.until_return else "staff"


def _signals(state: State) -> list[RowSignal] | None:
    return [
        RowSignal(signal, one.times, one.size, one.at_ms, one.alerts, one.alerted_at_ms)
        for signal, one in state.noticed.items()
    ] or None


def _consents(state: State) -> list[RowConsent] | None:
    return [RowConsent(source, one.says, one.at_ms) for source, one in state.agreements.items()] or None


_DERIVED: Final[dict[str, Callable[[State], object]]] = {
    "answered": lambda state: sum(not is_blank(value) for value in state.answers.values()),
    "flagged": lambda state: len(state.flagged),
    "message": lambda state: state.messages[-1][1] if state.messages else None,
    "section_id": lambda state: state.shown_section,
    "awaiting_marks": lambda state: state.awaiting,
    "accommodation": _granted,
    "warnings": _warnings,
    "pause": _pause,
    "ended_by_staff": lambda state: state.collected or (state.ended_as == "expired" and state.ended_by_staff) or None,
    "act": lambda state: RowAct(*state.act) if state.act is not None else None,
    "signals": _signals,
    "consents": _consents,
    "late": lambda state: state.late_waiting or None,
    "heard_ms": lambda state: max(filter(None, (state.worked_ms, state.contact_ms)), default=None),
}
"""Fields of a row that the state has under no name of its own."""
_SHOWN: Final = tuple(name for name in Row.__struct_fields__ if name not in _NODES_OWN)
_of_row: Final = attrgetter(*_SHOWN)


def _reader(name: str) -> Callable[[State], Any]:
    """What reads it from the state: under its own name there, or as a record has said it."""
    return attrgetter(name) if hasattr(State, name) else lambda state: state.shown.get(name)


_of_state: Final = tuple(_DERIVED.get(name) or _reader(name) for name in _SHOWN)
_of_told: Final = {name: _reader(name) for name in AttemptState.__struct_fields__}


def _expected(state: State) -> tuple[object, ...]:
    """What a row has to show of the state, in the same order."""
    return tuple(read(state) for read in _of_state)


def told(state: State) -> AttemptState:
    """What a candidate is told of it."""
    return AttemptState(**{name: read(state) for name, read in _of_told.items()})


def _catching_up(evidence: Evidence) -> Iterator[Violation]:
    """Looks at every monitor again and again while nothing is broken: what the log has had for so long is shown."""
    looks = list(_calm_instants(evidence.history, evidence.setup.heal_ms, evidence.setup.settled_ms))
    written = {
        attempt_id: [record.written_at_ms for record in log.records] for attempt_id, log in evidence.logs.items()
    }
    quiet = next(evidence.of(Quiet), None)
    # At the end of the day everybody leaves; that is no lost connection.
    lost = [
        (event.who, event.at_ms)
        for event in evidence.of(Watching)
        if not event.online and (quiet is None or event.at_ms < quiet.at_ms)
    ]
    rooms: dict[str, tuple[str, str, int]] = {}
    shown: dict[str, dict[str, int]] = {}
    events = iter(evidence.history)
    event = next(events, None)
    for now_ms, patience_ms in looks:
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
            if since_ms + patience_ms > now_ms:
                continue
            # A connection that is lost soon may be dead already, since it takes some heartbeats to notice.
            if any(name == who and now_ms <= at_ms <= now_ms + evidence.setup.back_ms for name, at_ms in lost):
                continue
            for attempt_id, log in evidence.logs.items():
                if (log.attempt.org_id, log.attempt.test_id) != (org_id, test_id):
                    continue
                # All records so far must be old enough, because a row shows only the newest.
                known = bisect_right(written[attempt_id], now_ms - patience_ms)
                seen = shown.get(who, {}).get(attempt_id, 0)
                if seen < known:
                    yield Violation(
                        "I7",
                        attempt_id,
                        f"{who} sees {seen} of {known} records {patience_ms} ms after the last of them",
                    )


def _calm_instants(history: Sequence[Event], heal_ms: int, settled_ms: int) -> Iterator[tuple[int, int]]:
    """(when, for how long) nothing has been broken: before each fault, regularly, and at the end."""
    broken: set[tuple[str, str]] = set()
    calm_since_ms = history[0].at_ms if history else 0
    next_ms = calm_since_ms + heal_ms
    for event in history:
        while not broken and next_ms < event.at_ms:
            yield next_ms, heal_ms
            next_ms += LOOK_EVERY_MS
        match event:
            case Trouble():
                if not broken and event.at_ms >= calm_since_ms + heal_ms:
                    yield event.at_ms - 1, heal_ms
                broken.add((event.kind, event.what))
            case Relief():
                broken.discard((event.kind, event.what))
                calm_since_ms, next_ms = event.at_ms, event.at_ms + heal_ms
            case Quiet() if not broken and event.at_ms >= calm_since_ms + settled_ms:
                yield event.at_ms, settled_ms
            case _:
                pass
