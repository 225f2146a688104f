"""I6. Closings are on time.

Lateness of closing ≤ 1 s on a healthy system; ≤ the scan interval + 1 s after the owner's death; across an outage of
the database, or of all nodes, counted from its end. The effective time is the deadline in any case (I2).

The 1 s on a healthy system assumes the default scan interval; with a longer one, an attempt that no node has in memory
closes later. If a node dies after it has claimed due attempts, they wait until the end of its lease. Where a lost
connection stops the clock, a closing also waits until a silent node can be told from a dead one: whoever was there at
the deadline is closed, and whoever was not keeps her time.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from loadtest.checker.database import Record
from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Relief, Setup, Trouble
from loadtest.checker.state import State
from loadtest.checker.violations import Violation

SECOND_MS: Final = 1_000
SWEEPERS_PATIENCE_MS: Final = 500
"""How long a sweeper leaves what is due to whoever has it in memory."""
_FOREVER: Final = 2**62

Span = tuple[int, int]


def check(evidence: Evidence) -> Iterator[Violation]:
    allowance = _Allowance(evidence)
    for log in evidence.logs.values():
        for record, before in zip(log.records, log.states, strict=False):
            due_ms = _due_ms(record, before)
            if due_ms is None:
                continue
            # A deadline that appeared later (a reopened attempt, a pause that ends late) is due from then on.
            since_ms = max(due_ms, log.records[record.seq - 2].written_at_ms if record.seq > 1 else due_ms)
            latest_ms = allowance.latest(since_ms, may_stand=_may_stand(before))
            if record.written_at_ms > latest_ms:
                yield Violation(
                    "I6",
                    log.attempt_id,
                    f"closed {record.written_at_ms - due_ms} ms late; {latest_ms - due_ms} ms are allowed",
                )


def _due_ms(record: Record, before: State) -> int | None:
    """When what this record closes was due; None: it closes nothing that concerns anybody but its candidate."""
    if record.kind in ("expired", "abandoned"):
        return before.ends_at_ms
    scope = {"section_closed": "section"}.get(record.kind)
    until_ms = next((timer.until_ms for timer in before.timers if timer.scope == scope and not timer.soft), None)
    return None if until_ms is None else until_ms + before.grace_ms


def _may_stand(before: State) -> bool:
    """Whether a node that falls silent may have taken the connection with it, and so have stopped the clock."""
    return before.connection_id is not None and before.may_stand_ms is not None


class _Allowance:
    """The latest instant at which what is due may be done."""

    def __init__(self, evidence: Evidence) -> None:
        setup = evidence.setup
        spans = _spans(evidence)
        self._slack_ms = setup.lag_ms + setup.clock_error_ms
        self._healthy_ms = max(SECOND_MS, setup.scan_ms + SWEEPERS_PATIENCE_MS)
        self._orphaned_ms = setup.lease_ms + setup.scan_ms + SECOND_MS
        self._lease_ms = setup.lease_ms
        self._gone_ms = setup.gone_ms
        by_node: dict[str, list[Span]] = {node: [] for node in setup.nodes}
        self._node_spans: list[Span] = []
        self._outages: list[Span] = []
        for began_ms, ended_ms, event in spans:
            if event.kind == "database":
                self._outages.append((began_ms, ended_ms))
            else:
                self._node_spans.append((began_ms, ended_ms))
                by_node.setdefault(event.node, []).append((began_ms, ended_ms))
        self._outages += _all_out(setup, by_node)

    def latest(self, due_ms: int, *, may_stand: bool) -> int:
        silent_ms = self._gone_ms if may_stand else 0
        counted_ms, allowed_ms = due_ms, self._healthy_ms
        moved = True
        while moved:
            moved = False
            for began_ms, ended_ms in self._node_spans:
                if began_ms <= counted_ms + allowed_ms and ended_ms >= due_ms - self._lease_ms - silent_ms:
                    died_ms = max(counted_ms, began_ms + silent_ms)
                    if died_ms + self._orphaned_ms > counted_ms + allowed_ms:
                        counted_ms, allowed_ms, moved = died_ms, self._orphaned_ms, True
            for began_ms, ended_ms in self._outages:
                if began_ms <= counted_ms + allowed_ms and ended_ms > counted_ms:
                    counted_ms, allowed_ms, moved = ended_ms, self._orphaned_ms, True
        return counted_ms + allowed_ms + self._slack_ms


def _spans(evidence: Evidence) -> list[tuple[int, int, Trouble]]:
    """(from, to, fault) of every fault that can hold up a closing."""
    begun: dict[tuple[str, str], Trouble] = {}
    spans: list[tuple[int, int, Trouble]] = []
    for event in evidence.history:
        match event:
            case Trouble() if event.kind in ("node", "stall", "cut", "rush", "database"):
                begun[event.kind, event.what] = event
            case Relief() if (event.kind, event.what) in begun:
                trouble = begun.pop((event.kind, event.what))
                spans.append((trouble.at_ms, event.at_ms, trouble))
            case _:
                pass
    return spans + [(trouble.at_ms, _FOREVER, trouble) for trouble in begun.values()]


def _all_out(setup: Setup, by_node: dict[str, list[Span]]) -> list[Span]:
    """The spans in which no node could do anything."""
    if not setup.nodes:
        return []
    edges = sorted({edge for spans in by_node.values() for span in spans for edge in span})
    out: list[Span] = []
    for began_ms, ended_ms in pairwise(edges):
        if all(any(a <= began_ms and ended_ms <= b for a, b in by_node[node]) for node in setup.nodes):
            out.append((began_ms, ended_ms))
    return out
