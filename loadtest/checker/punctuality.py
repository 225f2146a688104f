"""I6. Closings are on time.

Lateness of closing ≤ 1 s on a healthy system; ≤ the scan interval + 1 s after the owner's death; across an outage of
the database counted from its return. The effective time is the deadline in any case (I2).
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Event, Relief, Trouble
from loadtest.checker.violations import Violation

HEALTHY_MS: Final = 1_000
_FOREVER: Final = 2**62


def check(evidence: Evidence) -> Iterator[Violation]:
    setup = evidence.setup
    spans = _spans(list(evidence.history))
    slack_ms = setup.lag_ms + setup.clock_error_ms
    for log in evidence.logs.values():
        for record, before in zip(log.records, log.states, strict=False):
            if record.kind != "expired" or record.fact["command_id"] is not None or before.closes_at_ms is None:
                continue
            due_ms = before.closes_at_ms
            latest_ms = _latest(due_ms, spans, setup.scan_ms, setup.lease_ms) + slack_ms
            if record.written_at_ms > latest_ms:
                yield Violation(
                    "I6",
                    log.attempt_id,
                    f"closed {record.written_at_ms - due_ms} ms late; {latest_ms - due_ms} ms are allowed",
                )


def _spans(history: list[Event]) -> list[tuple[int, int, str]]:
    """(from, to, kind) of every fault that can hold up a closing, in order."""
    begun: dict[tuple[str, str], int] = {}
    spans: list[tuple[int, int, str]] = []
    for event in history:
        match event:
            case Trouble() if event.kind in ("node", "stall", "database"):
                begun[event.kind, event.what] = event.at_ms
            case Relief() if (event.kind, event.what) in begun:
                spans.append((begun.pop((event.kind, event.what)), event.at_ms, event.kind))
            case _:
                pass
    spans += [(at_ms, _FOREVER, kind) for (kind, _), at_ms in begun.items()]
    return sorted(spans)


def _latest(due_ms: int, spans: list[tuple[int, int, str]], scan_ms: int, lease_ms: int) -> int:
    """The latest instant at which an attempt that was due at `due_ms` may be closed."""
    by_kind: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for began_ms, ended_ms, kind in spans:
        by_kind[kind].append((began_ms, ended_ms))
    counted_ms, allowed_ms = due_ms, HEALTHY_MS
    moved = True
    while moved:
        moved = False
        for began_ms, ended_ms in by_kind["node"] + by_kind["stall"]:
            # Its owner may have died, also after it had claimed what was due: others wait for the end of its lease.
            if began_ms <= counted_ms + allowed_ms and ended_ms >= due_ms - lease_ms:
                died_ms = max(due_ms, began_ms)
                if died_ms + lease_ms + scan_ms + HEALTHY_MS > counted_ms + allowed_ms:
                    counted_ms, allowed_ms, moved = died_ms, lease_ms + scan_ms + HEALTHY_MS, True
        for began_ms, ended_ms in by_kind["database"]:
            if began_ms <= counted_ms + allowed_ms and ended_ms > counted_ms:
                counted_ms, allowed_ms = ended_ms, max(allowed_ms, lease_ms + scan_ms + HEALTHY_MS)
                moved = True
    return counted_ms + allowed_ms
