"""Many latencies in little memory: counts in buckets that grow by a fixed ratio, so every figure is right to 2 %."""

import math
from array import array
from typing import Final

_FLOOR_MS: Final = 0.01
"""Everything below counts as this."""

_RATIO: Final = 1.02
_LOG_RATIO: Final = math.log(_RATIO)
_BUCKETS: Final = 1_000
"""1.02 to the power of 1,000 is 4 × 10^8: from 10 µs to more than an hour."""


class Latency:
    """Milliseconds in, percentiles out."""

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * _BUCKETS))
        self.count = 0
        self.max_ms = 0.0

    def add(self, latency_ms: float) -> None:
        """One measurement."""
        bucket = int(math.log(latency_ms / _FLOOR_MS) / _LOG_RATIO) if latency_ms > _FLOOR_MS else 0
        self._counts[min(bucket, _BUCKETS - 1)] += 1
        self.count += 1
        self.max_ms = max(self.max_ms, latency_ms)

    def percentile_ms(self, percent: float) -> float:
        """The latency that so many percent do not exceed; 0 without any measurement."""
        if not self.count:
            return 0.0
        rank = max(1, math.ceil(self.count * percent / 100))
        passed = 0
        for bucket, count in enumerate(self._counts):
            passed += count
            if passed >= rank:
                return round(min(self.max_ms, _FLOOR_MS * _RATIO ** (bucket + 1)), 3)
        return self.max_ms
