"""How often one person may call over REST. A service speaks for many, and is not slowed down."""

from collections import OrderedDict
from typing import Final

from protocol.attempt.model import Role
from protocol.rate import Bucket
from server.clock import Clock
from server.principal import Principal

_KEPT: Final = 20_000
"""People whose last calls are remembered; whoever has not called for longest is forgotten first."""


class Throttle:
    """One bucket a person, as large as that of a socket."""

    def __init__(self, clock: Clock, per_second: int, burst: int) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def passes(self, principal: Principal) -> bool:
        """Whether the rate allows one more call."""
        if principal.role is Role.SERVICE:
            return True
        now_ms = self._clock.now_ms()
        key = (principal.org_id, principal.actor.id)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._per_second, self._burst, now_ms)
            while len(self._buckets) > _KEPT:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take(now_ms)
