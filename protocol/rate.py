"""A token bucket in integers. Its user may go into debt, and is told how long to wait.

It has no clock, and keeps one instant: when it will be full again (the generic cell rate algorithm). A full bucket is
like a new one, and may be forgotten.
"""

from typing import Final

_US: Final = 1_000_000


class Bucket:
    """Lets through `amount` per `per_s` seconds over a long time, and `burst` at once."""

    __slots__ = ("_amount", "_burst_us", "_full_at_us", "_per_us")

    def __init__(self, amount: int, burst: int, *, per_s: int = 1) -> None:
        self._amount = amount
        self._per_us = per_s * _US
        self._burst_us = burst * self._per_us // amount
        self._full_at_us = 0

    def charge(self, now_ms: int, cost: int = 1) -> int:
        """Takes `cost`, even if that makes a debt. Returns how many milliseconds to wait before the next charge.

        A user who waits that long after each charge keeps to the rate. This holds for several users of one bucket too:
        each gets an instant of its own, in the order of the charges.
        """
        now_us = now_ms * 1000
        full_at_us = self._full_at_us
        if full_at_us < now_us:
            full_at_us = now_us
        self._full_at_us = full_at_us = full_at_us + cost * self._per_us // self._amount
        debt_us = full_at_us - now_us - self._burst_us
        return -(-debt_us // 1000) if debt_us > 0 else 0

    def debt_ms(self, now_ms: int) -> int:
        """Milliseconds until something may be taken; 0: now."""
        debt_us = self._full_at_us - now_ms * 1000 - self._burst_us
        return -(-debt_us // 1000) if debt_us > 0 else 0

    def is_full(self, now_ms: int) -> bool:
        """Whether the bucket is full, and so like a new one."""
        return self._full_at_us <= now_ms * 1000
