"""A token bucket in integers. Its user may go into debt, and is told how long to wait.

It has no clock, and keeps one instant: when it will be full again (the generic cell rate algorithm). A full bucket is
like a new one, and may be forgotten.
"""

from functools import cache
from typing import Final

_NS: Final = 1_000_000_000
NS_IN_MS: Final = 1_000_000


@cache
def _numbers(amount: int, burst: int, per_s: int) -> tuple[int, int]:
    """What buckets of one kind have in common: a node has some for each person. Every message charges several buckets,
    so that no division is left for then."""
    each_ns = per_s * _NS // amount
    return each_ns, burst * each_ns


class Bucket:
    """Lets through `amount` per `per_s` seconds over a long time, and `burst` at once. Its numbers are for whoever
    charges several at once (`server/limits/budgets.py`): a unit costs `each_ns`, and it is full at `full_at_ns`."""

    __slots__ = ("burst_ns", "each_ns", "full_at_ns")

    def __init__(self, amount: int, burst: int, *, per_s: int = 1) -> None:
        self.each_ns, self.burst_ns = _numbers(amount, burst, per_s)
        self.full_at_ns = 0

    def charge(self, now_ms: int, cost: int = 1) -> int:
        """Takes `cost`, even if that makes a debt. Returns how many milliseconds to wait before the next charge.

        A user who waits that long after each charge keeps to the rate. This holds for several users of one bucket too:
        each gets an instant of its own, in the order of the charges.
        """
        now_ns = now_ms * NS_IN_MS
        full_at_ns = self.full_at_ns
        if full_at_ns < now_ns:
            full_at_ns = now_ns
        self.full_at_ns = full_at_ns = full_at_ns + cost * self.each_ns
        debt_ns = full_at_ns - now_ns - self.burst_ns
        return -(-debt_ns // NS_IN_MS) if debt_ns > 0 else 0

    def debt_ms(self, now_ms: int) -> int:
        """Milliseconds until something may be taken; 0: now."""
        debt_ns = self.full_at_ns - now_ms * NS_IN_MS - self.burst_ns
        return -(-debt_ns // NS_IN_MS) if debt_ns > 0 else 0

    def is_full(self, now_ms: int) -> bool:
        """Whether the bucket is full, and so like a new one."""
        return self.full_at_ns <= now_ms * NS_IN_MS
