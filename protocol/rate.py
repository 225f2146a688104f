"""A token bucket in integers, without a clock of its own, that lets its user go into debt and says how long to wait.

It keeps one instant: when it will be full again (the generic cell rate algorithm). So a bucket that is full is like a
new one, and may be forgotten.
"""

from typing import Final

_US: Final = 1_000_000


class Bucket:
    """Lets `amount` through in each `per_s` seconds for long, and `burst` at once."""

    __slots__ = ("_amount", "_burst_us", "_full_at_us", "_per_us")

    def __init__(self, amount: int, burst: int, *, per_s: int = 1) -> None:
        self._amount = amount
        self._per_us = per_s * _US
        self._burst_us = burst * self._per_us // amount
        self._full_at_us = 0

    def charge(self, now_ms: int, cost: int = 1) -> int:
        """Takes it, whether it is there or not; returns in how many milliseconds the next may be taken.

        Whoever waits that long after each charge keeps to the rate, also where several share the bucket: each has an
        instant of its own, in the order of their charges.
        """
        now_us = now_ms * 1000
        full_at_us = self._full_at_us
        if full_at_us < now_us:
            full_at_us = now_us
        self._full_at_us = full_at_us = full_at_us + cost * self._per_us // self._amount
        debt_us = full_at_us - now_us - self._burst_us
        return -(-debt_us // 1000) if debt_us > 0 else 0

    def debt_ms(self, now_ms: int) -> int:
        """In how many milliseconds something may be taken; 0: now."""
        debt_us = self._full_at_us - now_ms * 1000 - self._burst_us
        return -(-debt_us // 1000) if debt_us > 0 else 0

    def is_full(self, now_ms: int) -> bool:
        """Whether it is like a new one."""
        return self._full_at_us <= now_ms * 1000
