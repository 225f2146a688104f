"""I4. Numbers: 1…n without a gap, in the order of commits; one client number, one record.

The sequence has no gap and no double; a record is written after it was received, and after those before it, as far as
clocks agree. Client numbers only grow, so one number is one record, and a number reused with another body never gets
an `ok`. Who was told `ok` before somebody else asked is earlier in the log.
"""

from collections.abc import Iterator

from loadtest.checker.evidence import Evidence, Log, Operation
from loadtest.checker.violations import Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    for log in evidence.logs.values():
        yield from _sequence(log, evidence.setup.clock_error_ms)
        yield from _client_numbers(log)
        operations = evidence.by_attempt.get(log.attempt_id, [])
        yield from _reused(log, operations)
        yield from _real_time(log, operations)


def _sequence(log: Log, clock_error_ms: int) -> Iterator[Violation]:
    latest_ms = 0
    for expected, record in enumerate(log.records, 1):
        if record.seq != expected:
            yield Violation("I4", log.attempt_id, f"record {expected} is missing; the next one is {record.seq}")
            return
        if record.written_at_ms < record.at_ms:
            yield Violation("I4", log.attempt_id, f"record {record.seq} was written before it was received")
        if record.written_at_ms + clock_error_ms < latest_ms:
            yield Violation("I4", log.attempt_id, f"record {record.seq} was written before the one before it")
        latest_ms = max(latest_ms, record.written_at_ms)


def _client_numbers(log: Log) -> Iterator[Violation]:
    last = 0
    for record in log.records:
        n = record.fact.get("n")
        if n is None:
            continue
        if n <= last:
            yield Violation("I4", log.attempt_id, f"record {record.seq} has the number {n} after {last}")
        last = max(last, n)


def _reused(log: Log, operations: list[Operation]) -> Iterator[Violation]:
    acknowledged: dict[int, Operation] = {}
    for operation in operations:
        for ok in operation.oks:
            if ok.n is None or operation.invoke.kind == "submit":
                continue  # a repeated submit is answered by the state, whatever its number
            first = acknowledged.setdefault(ok.n, operation)
            if (first.invoke.kind, first.invoke.body) != (operation.invoke.kind, operation.invoke.body):
                yield Violation("I4", log.attempt_id, f"the number {ok.n} is acknowledged for two bodies")


def _real_time(log: Log, operations: list[Operation]) -> Iterator[Violation]:
    """Acknowledged at one instant, asked for after it: the log has them in this order."""
    done = sorted(
        (min(ok.at_ms for ok in operation.oks), record.seq)
        for operation in operations
        if operation.oks
        for record in log.records_of(operation)
    )
    asked = sorted(
        ((operation.invoke.at_ms, record) for operation in operations for record in log.records_of(operation)),
        key=lambda pair: pair[0],
    )
    position = highest = 0
    for at_ms, record in asked:
        while position < len(done) and done[position][0] < at_ms:
            highest = max(highest, done[position][1])
            position += 1
        if record.seq <= highest:
            yield Violation(
                "I4", log.attempt_id, f"record {record.seq} was asked for after record {highest} was acknowledged"
            )
