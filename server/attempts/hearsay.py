"""What other nodes have said of a log, until it has been looked for there."""

from collections.abc import Sequence
from typing import Final

from protocol.marks import mark

DEAF_MS: Final = 3_000
"""If another node announced records and the log did not have them, ignore further announcements for so long. Positions
are compared as often anyway."""
_MOST_TRACES: Final = 64

HeardTraces = list[tuple[Sequence[str], int]]
"""(`traceparents` of the commands behind announced records, when they were heard of)."""


class Hearsay:
    """Each announcement leads to one read of the log at most. If the log has nothing of it, this attempt ignores
    announcements for a while."""

    __slots__ = ("_deaf_until_ms", "_seq", "_sought_seq", "traces")

    def __init__(self) -> None:
        self._seq = 0
        self._sought_seq = 0
        self._deaf_until_ms = 0
        self.traces: HeardTraces = []

    def hear(self, seq: int, traceparents: Sequence[str], now_ns: int, *, traced: bool) -> None:
        """The log is said to have record `seq`."""
        self._seq = max(self._seq, seq)
        if traced and len(self.traces) < _MOST_TRACES:
            self.traces.append((traceparents, now_ns))

    def weigh(self, committed_seq: int, now_ms: int) -> str | None:
        """What has become of what was heard, now that the log has been read up to `committed_seq`: `done`, or `in
        vain` (not to be looked for, since it was not there the last time); None: it is to be looked for now."""
        heard_seq, self._seq = self._seq, 0
        found = self._sought_seq <= committed_seq
        self._sought_seq = 0
        if not found:
            mark("live: announced, and not in the log")
            self._deaf_until_ms = now_ms + DEAF_MS
        if heard_seq <= committed_seq:
            return "done" if found else "in vain"
        if now_ms < self._deaf_until_ms:
            return "in vain"
        self._sought_seq = heard_seq
        return None

    def take_traces(self) -> HeardTraces:
        traces, self.traces = self.traces, []
        return traces
