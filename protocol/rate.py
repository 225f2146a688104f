"""A token bucket, in integers and without a clock of its own."""


class Bucket:
    """Lets `per_second` through for long, and `burst` at once."""

    __slots__ = ("_at_ms", "_burst", "_left", "_per_second")

    def __init__(self, per_second: int, burst: int, now_ms: int) -> None:
        self._per_second = per_second
        self._burst = burst * 1000
        self._left = self._burst
        self._at_ms = now_ms

    def take(self, now_ms: int) -> bool:
        """Whether one more may pass now."""
        if now_ms > self._at_ms:
            self._left = min(self._burst, self._left + (now_ms - self._at_ms) * self._per_second)
            self._at_ms = now_ms
        if self._left < 1000:
            return False
        self._left -= 1000
        return True
