"""I3. Every attempt ends once, everybody is told the same of it, and the rest of the platform is told once.

At most one end at any time (a reopening takes it back), exactly one after things are quiet for whoever has started;
every state that anybody was told of an ended attempt is the log's; one outbox event for every fact that has one; the
result that is kept belongs to the end.
"""

from collections import Counter
from collections.abc import Iterator

from loadtest.checker import pauses
from loadtest.checker.evidence import Evidence, Log
from loadtest.checker.history import Quiet
from loadtest.checker.kinds import kind_of
from loadtest.checker.state import ENDED, ENDS
from loadtest.checker.violations import Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    quiet_ms = max((event.at_ms for event in evidence.of(Quiet)), default=None)
    for log in evidence.logs.values():
        yield from _ends(log)
        yield from _events(log)
        if quiet_ms is not None and log.broken is None:
            yield from _after_quiet(log, quiet_ms, evidence)
    yield from _replies(evidence)


def _ends(log: Log) -> Iterator[Violation]:
    ended_by: int | None = None
    completed = False
    for record in log.records:
        if record.kind in ENDS:
            if ended_by is not None:
                yield Violation("I3", log.attempt_id, f"ended by record {ended_by}, and again by {record.seq}")
            ended_by = record.seq
        elif record.kind == "completed":
            if completed:
                yield Violation("I3", log.attempt_id, f"completed again by record {record.seq}")
            completed = True
        elif record.kind in ("reopened", "reinstated"):
            ended_by, completed = None, False


def _events(log: Log) -> Iterator[Violation]:
    outbox = log.attempt.outbox
    if outbox is None:
        return
    # What is told of somebody who was refused, or away for long, is no fact: no record says it.
    facts = (event for event in outbox if not event.topic.startswith(("security.", "presence.")))
    found = Counter((event.event_id, event.topic) for event in facts)
    wanted = {
        (f"{log.attempt_id}:{record.seq}", f"{'integrity' if record.kind == 'alerted' else 'attempt'}.{record.kind}")
        for record in log.records
        if kind_of(record.kind).told
    }
    for event in sorted(wanted - found.keys()):
        yield Violation("I3", log.attempt_id, f"no outbox event {event[0]} {event[1]}")
    for event, count in sorted(found.items()):
        if event not in wanted:
            yield Violation("I3", log.attempt_id, f"an outbox event of nothing: {event[0]} {event[1]}")
        elif count > 1:
            yield Violation("I3", log.attempt_id, f"{count} outbox events {event[0]} {event[1]}")


def _after_quiet(log: Log, quiet_ms: int, evidence: Evidence) -> Iterator[Violation]:
    state = log.end
    setup = evidence.setup
    due_ms = state.ends_at_ms
    if state.status == "in_progress" and due_ms is not None and due_ms + setup.settled_ms < quiet_ms:
        yield Violation("I3", log.attempt_id, f"it should have ended {quiet_ms - due_ms} ms before quiet, and has not")
    for timer in state.timers:
        if timer.scope == "section" and timer.until_ms is not None and not timer.soft:
            due_ms = timer.until_ms + state.grace_ms
            if due_ms + setup.settled_ms < quiet_ms:
                yield Violation("I3", log.attempt_id, f"section {timer.of} should have closed, and has not")
    if state.status == "paused" and state.connection_lost and state.standing_since_ms is not None:
        budget_ends_ms = state.standing_since_ms + state.terms["pause_budget_ms"]
        if budget_ends_ms + setup.settled_ms < quiet_ms:
            yield Violation("I3", log.attempt_id, "its clock should run again, and stands")
    pause_due_ms = pauses.due_ms(state)
    if pause_due_ms is not None and pause_due_ms + setup.settled_ms < quiet_ms:
        yield Violation("I3", log.attempt_id, "its pause was forgotten, and nothing has come of it")
    unmarked = state.status in ("submitted", "expired") and state.score_mpt is None
    if unmarked and log.records[-1].written_at_ms + setup.settled_ms < quiet_ms:
        yield Violation("I3", log.attempt_id, "it has ended, and was not marked")
    projected = log.attempt.projected
    if projected is not None and state.status in ENDED and projected.status != state.status:
        yield Violation("I3", log.attempt_id, f"the projection says {projected.status}, the log {state.status}")
    result = log.attempt.result
    if log.attempt.result_read and state.status == "completed":
        if result is None:
            yield Violation("I3", log.attempt_id, "it is completed, and has no result")
        elif (result.reference, result.score_mpt, result.max_mpt, result.complete) != (
            state.reference,
            state.score_mpt,
            state.max_mpt,
            True,
        ):
            yield Violation("I3", log.attempt_id, "the result that is kept is not that of its end")


def _replies(evidence: Evidence) -> Iterator[Violation]:
    for event in evidence.told:
        if event.state.status not in ENDED:
            continue
        log = evidence.logs.get(event.attempt_id)
        state = None if log is None else log.at(event.state.seq)
        if state is None:
            yield Violation("I3", event.attempt_id, f"{event.who} was told of an end by record {event.state.seq}: lost")
        elif (event.state.status, event.state.reference, event.state.ended_at_ms, event.state.said) != (
            state.status,
            state.reference,
            state.ended_at_ms,
            state.said,
        ):
            yield Violation(
                "I3",
                event.attempt_id,
                f"{event.who} was told {event.state.status} {event.state.reference}, the log at {state.seq} says"
                f" {state.status} {state.reference}",
            )
