"""Admission control: above the limit newcomers wait; candidates who sit never do."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.marks import mark
from server.metrics.tally import Tally
from server.pacing.loop_lag import LoopLag

RESERVED_FILES: Final = 256
"""Descriptors that are not for candidates: database, Redis, logs, instructors, REST calls."""
_MOST_HALF_OPEN: Final = 4_096
_MOST_UNREAD: Final = 16_384
_MOST_LAG_S: Final = 0.5
"""Average lateness of the loop. Each ack is late by as much, and the clocks on the pages begin to stutter."""
_MOST_QUEUED: Final = 10_000
"""Records that wait for the database: five of the largest commits."""


class Capacity:
    """Counts the candidates who sit at this node. `most` 0: the number of sockets that the process may open, less a
    reserve."""

    def __init__(self, most: int, lag: LoopLag, queued: Callable[[], int], tally: Tally) -> None:
        self.most = most or max(1, open_files() - RESERVED_FILES)
        self._lag = lag
        self._queued = queued
        self._tally = tally
        self._seated: set[str] = set()
        self._entering = 0

    @property
    def sitting(self) -> int:
        return len(self._seated)

    @property
    def busy(self) -> bool:
        """Whether the node can't keep up with its present work."""
        return self._lag.average_s > _MOST_LAG_S or self._queued() > _MOST_QUEUED

    @property
    def overloaded(self) -> bool:
        """Whether new admissions are put off."""
        return len(self._seated) + self._entering >= self.most or self.busy

    def check(self) -> None:
        """Raises `Refused` while new admissions are put off."""
        if self.overloaded:
            mark("capacity: a newcomer is put off")
            self._tally.put_off += 1
            raise Refused(refuse(Code.OVERLOADED))

    @contextmanager
    def entering(self) -> Iterator[None]:
        """Keeps a place for a newcomer until her attempt runs. Raises `Refused` if there is no place."""
        self.check()
        self._entering += 1
        try:
            yield
        finally:
            self._entering -= 1

    def seat(self, attempt_id: str) -> None:
        self._seated.add(attempt_id)

    def unseat(self, attempt_id: str) -> None:
        self._seated.discard(attempt_id)


def most_half_open() -> int:
    """How many sockets may be open without a hello. A few thousand come at once after a network failure; the other
    descriptors are kept for candidates who sit."""
    return min(_MOST_HALF_OPEN, max(2, open_files() // 8))


def most_unread() -> int:
    """How many connections may wait until their first bytes are read: a whole room that comes within a second. Where
    descriptors are few, as for HTTP connections."""
    return min(_MOST_UNREAD, most_http() * 2)


def most_http() -> int:
    """How many HTTP connections may be open: a quarter of the process's descriptors, and the rest for sockets."""
    return max(4, open_files() // 4)


def open_files() -> int:
    """How many descriptors this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_048_576 if soft == resource.RLIM_INFINITY else soft


def raise_open_files() -> None:
    """Takes as many descriptors as the process is allowed: a socket is one, and 1,024 are soon gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
