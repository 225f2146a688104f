"""The server's clock, seen from here. Four instants of one beat:

    here    t0 ──────────────────▶               ┌─────▶ t3
    server             t1 (received) ── t2 (sent)┘

round trip = (t3 − t0) − (t2 − t1)      offset = server − here = ((t1 − t0) + (t2 − t3)) / 2

The offset is wrong by at most half the round trip, so the best recent round trip gives it. All in milliseconds; the
clock here is monotonic, which no user can change, and its zero means nothing.
"""

from collections import deque
from operator import attrgetter
from typing import Final, NamedTuple

_KEPT: Final = 8
"""Samples that compete. With a beat every 10 s an old one leaves after 80 s, so that the drift of a crystal shows."""

_DRIFT_MS: Final = 20
"""80 s of a bad crystal (200 parts in a million), and the rounding of four instants."""


class Sample(NamedTuple):
    """One measurement."""

    round_trip_ms: int
    offset_ms: int


_round_trip_ms: Final = attrgetter("round_trip_ms")


def _furthest_apart_ms(one: Sample, other: Sample) -> int:
    """How far two honest samples may disagree: half of each round trip, rounding, and some drift."""
    return (one.round_trip_ms + other.round_trip_ms) // 2 + _DRIFT_MS


class Clock:
    """The offset of the best of the last few round trips."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=_KEPT)

    def add(self, t0_ms: int, t1_ms: int, t2_ms: int, t3_ms: int) -> None:
        """One beat came back. A reply that seems to arrive before it was asked for is dropped: it proves nothing."""
        round_trip_ms = (t3_ms - t0_ms) - (t2_ms - t1_ms)
        if round_trip_ms < 0 or t3_ms < t0_ms:
            return
        sample = Sample(round_trip_ms, ((t1_ms - t0_ms) + (t2_ms - t3_ms)) // 2)
        best = self.best
        if best is not None and abs(sample.offset_ms - best.offset_ms) > _furthest_apart_ms(sample, best):
            # Both can't be true of the same two clocks: this machine slept, or the server's clock was set.
            self._samples.clear()
        self._samples.append(sample)

    @property
    def best(self) -> Sample | None:
        """The newest of the best samples, or nil before the first."""
        return min(reversed(self._samples), key=_round_trip_ms, default=None)

    def server_ms(self, now_ms: int) -> int | None:
        """The server's clock at the instant that is `now_ms` here; nil before the first sample."""
        best = self.best
        return None if best is None else now_ms + best.offset_ms
