"""How fast to send: a bucket a little smaller than the server's, which reads nobody faster than its rate.

What is sent faster waits in the network, where no beat can overtake it.
"""

from typing import Final

from protocol import limits

_MARGIN_PERCENT: Final = 80
"""The network may press messages together, and heartbeats go past this bucket."""


class Pace:
    """A token bucket: one token per message."""

    def __init__(
        self,
        per_second: int = limits.RATE_PER_SECOND * _MARGIN_PERCENT // 100,
        burst: int = limits.RATE_BURST * _MARGIN_PERCENT // 100,
    ) -> None:
        self._per_second = per_second
        self._full = burst * 1_000
        # In thousandths of a token: `per_second` tokens a second are as many thousandths in a millisecond.
        self._level = self._full
        self._at_ms: int | None = None

    def take(self, now_ms: int) -> bool:
        """One message may go now."""
        if self._at_ms is not None and now_ms > self._at_ms:
            self._level = min(self._full, self._level + (now_ms - self._at_ms) * self._per_second)
        if self._at_ms is None or now_ms > self._at_ms:
            self._at_ms = now_ms
        if self._level < 1_000:
            return False
        self._level -= 1_000
        return True

    def wait_ms(self) -> int:
        """From the last `take`: how long until there is a token. At least 1."""
        return max(1, -((self._level - 1_000) // self._per_second))
