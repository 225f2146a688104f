"""What a node says of itself at `/metrics`, as far as a drill watches it."""

import re
from typing import Final

LOOP_LAG: Final = "loop lag ms"
JOURNAL_QUEUE: Final = "journal queue"
OUTBOX: Final = "outbox"
RELAY_QUEUE: Final = "relay queue"

_GAUGES: Final = {
    "pencilsdown_journal_queue_records": JOURNAL_QUEUE,
    "pencilsdown_outbound_messages_max": OUTBOX,
    "pencilsdown_relay_queue_messages": RELAY_QUEUE,
}
_GAUGE: Final = re.compile(r"^(\w+) ([0-9.e+-]+)$", re.MULTILINE)
_BUCKET: Final = re.compile(r'^pencilsdown_loop_lag_seconds_bucket\{le="([^"]+)"\} ([0-9.e+-]+)$', re.MULTILINE)
_SUM: Final = re.compile(r"^pencilsdown_loop_lag_seconds_sum ([0-9.e+-]+)$", re.MULTILINE)


class Figures:
    """Reads one node's page again and again. The loop's lag is the worst since the last time, as exactly as the
    histogram tells: rounded up to the bound of its bucket, or, beyond the last of them, all the time that was lost."""

    def __init__(self) -> None:
        self._buckets: dict[str, float] = {}
        self._sum_s = 0.0

    def read(self, text: str) -> dict[str, int]:
        """Name → value."""
        found = {_GAUGES[name]: int(float(value)) for name, value in _GAUGE.findall(text) if name in _GAUGES}
        lag_ms = self._worst_lag_ms(text)
        return found if lag_ms is None else found | {LOOP_LAG: lag_ms}

    def _worst_lag_ms(self, text: str) -> int | None:
        buckets = {bound: float(count) for bound, count in _BUCKET.findall(text)}
        total = _SUM.search(text)
        if not buckets or total is None:
            return None
        before, sum_before_s = self._buckets, self._sum_s
        if buckets["+Inf"] < before.get("+Inf", 0.0):
            # It was started anew, and counts from nothing.
            before, sum_before_s = {}, 0.0
        self._buckets, self._sum_s = buckets, float(total[1])
        new = {bound: count - before.get(bound, 0.0) for bound, count in buckets.items()}
        if not new["+Inf"]:
            return None
        # The counts are cumulative: the first bound that has them all holds the worst.
        bound = next(bound for bound, count in new.items() if count == new["+Inf"])
        return round((self._sum_s - sum_before_s if bound == "+Inf" else float(bound)) * 1_000)
