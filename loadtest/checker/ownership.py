"""I5. A replaced connection does nothing any more.

A superseded owner commits nothing: a numbered record came over the connection that was in force before it. A superseded
socket gets no `ok`: an acknowledgement that knows of the record which replaced its connection never goes out over it.

Nobody is replaced by accident: the connects of one device rise in number, and another device takes an attempt over
only where a person asked for it there. With links that open once it also takes a word of staff, one for each device.
"""

from collections.abc import Iterator

from loadtest.checker.evidence import Evidence, Log, Operation
from loadtest.checker.history import Arrived
from loadtest.checker.state import ENDED
from loadtest.checker.violations import Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    acts = {(event.attempt_id, event.device, event.connect_n) for event in evidence.of(Arrived) if event.takeover}
    for log in evidence.logs.values():
        if log.broken is not None:
            continue
        yield from _connects(log, acts)
        replaced = _replacements(log)
        for operation in evidence.by_attempt.get(log.attempt_id, []):
            yield from _committed(log, operation)
            yield from _acknowledged(log, operation, replaced)


def _connects(log: Log, acts: set[tuple[str, str, int]]) -> Iterator[Violation]:
    before: str | None = None
    newest: dict[str, int] = {}
    # Until the start the test decides; nobody who records a history changes this rule of it.
    binds = any(record.kind == "started" and record.fact["terms"]["link_opens_once"] for record in log.records)
    allowed = True
    for record in log.records:
        if record.kind == "device_allowed":
            allowed = True
        if record.kind != "connected":
            continue
        device, n = record.fact["device"], record.fact["connect_n"]
        if n <= newest.get(device, 0):
            yield Violation("I5", log.attempt_id, f"record {record.seq}: an old connect ({n}) of {device} came to win")
        newest[device] = n
        if before not in (None, device) and (log.attempt_id, device, n) not in acts:
            yield Violation("I5", log.attempt_id, f"record {record.seq}: {device} took over from {before} by itself")
        if binds and device != before:
            if not allowed:
                yield Violation("I5", log.attempt_id, f"record {record.seq}: nobody has allowed {device}")
            allowed = False
        before = device


def _replacements(log: Log) -> dict[str, int]:
    """Connection → the record that replaced it."""
    replaced: dict[str, int] = {}
    known: list[str] = []
    for record in log.records:
        if record.kind == "connected":
            for connection_id in known:
                replaced.setdefault(connection_id, record.seq)
            known.append(record.fact["connection_id"])
    return replaced


def _committed(log: Log, operation: Operation) -> Iterator[Violation]:
    over = {sent.connection_id for sent in operation.sent}
    if not operation.numbers or None in over:
        return
    for record in log.records_of(operation):
        if record.seq > len(log.states):
            continue  # the log does not fold up to here, and another check says so
        state = log.states[record.seq - 1]
        in_force = state.connection_id
        # After the end nobody's coming is recorded: that a message was seen may come over any connection.
        if in_force not in over and state.status not in ENDED:
            yield Violation(
                "I5", log.attempt_id, f"record {record.seq} came over a connection that was not in force ({in_force})"
            )


def _acknowledged(log: Log, operation: Operation, replaced: dict[str, int]) -> Iterator[Violation]:
    for ok in operation.oks:
        if ok.n is None or ok.connection_id is None:
            continue
        by = replaced.get(ok.connection_id)
        if by is not None and ok.seq >= by and not _in_one_transaction(log, operation, by):
            yield Violation(
                "I5", log.attempt_id, f"{operation.invoke.op}: acknowledged on a connection that record {by} replaced"
            )


def _in_one_transaction(log: Log, operation: Operation, by: int) -> bool:
    """One transaction may hold an operation and, after it, the connect that replaces its connection: the log is read
    once for both, and then the acknowledgement knows of both."""
    connect = log.records[by - 1]
    return any(
        record.seq < by and record.written_at_ms == connect.written_at_ms for record in log.records_of(operation)
    )
