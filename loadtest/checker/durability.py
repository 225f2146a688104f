"""I1. What was acknowledged is in the log, what was refused is not, and nothing is there that nobody asked for.

ok(e) ⇒ e is in the log, by the number of records that the acknowledgement names, and the answers that anybody is given
are the last ones of the log. fail(e) ⇒ e is not in the log.
"""

from collections.abc import Iterator

from loadtest.checker.database import Record
from loadtest.checker.evidence import Evidence, Log, Operation
from loadtest.checker.history import Connected, Fail, Ok
from loadtest.checker.state import ENDED
from loadtest.checker.violations import Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    for op in evidence.strays:
        yield Violation("I1", op, "an outcome of what was never asked for")
    for attempt_id, operations in evidence.by_attempt.items():
        log = evidence.logs.get(attempt_id)
        for operation in operations:
            if log is None:
                if operation.oks:
                    yield Violation("I1", attempt_id, f"{_name(operation)} is acknowledged, and there is no log")
                continue
            for ok in operation.oks:
                yield from _acknowledged(log, operation, ok)
            for fail in operation.fails:
                yield from _refused(log, operation, fail)
    yield from _answers(evidence)
    for log in evidence.logs.values():
        given = evidence.given.get(log.attempt_id, set())
        yield from _unasked(log, evidence.by_attempt.get(log.attempt_id, []), given)


def _name(operation: Operation) -> str:
    return f"{operation.invoke.kind} {operation.invoke.op}"


def _acknowledged(log: Log, operation: Operation, ok: Ok) -> Iterator[Violation]:
    if ok.seq > len(log.records):
        yield Violation(
            "I1", log.attempt_id, f"{_name(operation)}: told of {ok.seq} records, the log has {len(log.records)}"
        )
        return
    found = _record_behind(log, operation, ok)
    if found is None:
        state = log.at(ok.seq)
        if operation.invoke.kind == "submit" and state is not None and state.status in ENDED:
            return  # it had ended before: that is the answer
        yield Violation("I1", log.attempt_id, f"{_name(operation)} (n={ok.n}) is acknowledged, and not in the log")
    elif found.seq > ok.seq:
        yield Violation(
            "I1", log.attempt_id, f"{_name(operation)} is acknowledged with {ok.seq} records, and is record {found.seq}"
        )


def _record_behind(log: Log, operation: Operation, ok: Ok) -> Record | None:
    """The record that an acknowledgement stands on: one with this number that says the same, whoever brought it."""
    command_id = operation.invoke.body.get("command_id")
    if command_id is not None:
        candidates = log.by_command.get(command_id, [])
    elif ok.n is not None:
        candidates = log.by_number.get(ok.n, [])
    else:
        candidates = log.records
    return next((record for record in candidates if operation.asks_for(record)), None)


def _refused(log: Log, operation: Operation, fail: Fail) -> Iterator[Violation]:
    if operation.oks:
        yield Violation("I1", log.attempt_id, f"{_name(operation)} is acknowledged, and refused ({fail.code})")
        return
    for record in log.records_of(operation):
        yield Violation(
            "I1", log.attempt_id, f"{_name(operation)} is refused ({fail.code}), and is record {record.seq}"
        )


def _answers(evidence: Evidence) -> Iterator[Violation]:
    for event in evidence.of(Connected):
        log = evidence.logs.get(event.attempt_id)
        state = None if log is None else log.at(event.state.seq)
        if state is None:
            yield Violation("I1", event.attempt_id, f"{event.who} is welcomed with record {event.state.seq}: lost")
        elif dict(event.answers) != state.answers:
            yield Violation(
                "I1", event.attempt_id, f"{event.who} is given other answers than the log has at {state.seq}"
            )
        elif event.last_n != state.last_n:
            yield Violation("I1", event.attempt_id, f"{event.who} is told last_n={event.last_n}, not {state.last_n}")
    for log in evidence.logs.values():
        answers = log.attempt.answers
        if answers is not None and log.broken is None and answers != log.end.answers:
            yield Violation("I1", log.attempt_id, "the answers that are kept are not the last ones of the log")


def _unasked(log: Log, operations: list[Operation], given: set[str]) -> Iterator[Violation]:
    """`given`: the commands that acts on many attempts give to this one."""
    asked = {record.seq for operation in operations for record in log.records_of(operation)}
    for record in log.records:
        named = record.fact.get("n") is not None or (
            record.fact.get("command_id") is not None and record.kind not in ("hand_marked", "regraded", "late_decided")
        )
        if named and record.seq not in asked and record.fact.get("command_id") not in given:
            yield Violation("I1", log.attempt_id, f"record {record.seq} ({record.kind}): nobody asked for it")
