"""Tells other systems how the attempts that go on stand among the others, where somebody wants to hear it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from protocol.events.happened import Happened
from protocol.events.progress import ANALYTICS, AnalyticsEvent, analytics
from protocol.events.topics import takes
from protocol.rest.analytics import CandidateCourse
from server.analysis.cohorts import FRESH_MS, Cohorts, Look, Stood
from server.clock import Clock
from storage.events import Events
from storage.nodes import Nodes
from storage.sittings import Sittings
from storage.subscriptions import Subscriptions

EVERY_S: Final = FRESH_MS / 1_000
_TIMES_AS_LONG: Final = 10
"""So many times as long as a look takes it rests: a tenth of a process at most."""
_AT_ONCE: Final = 100
"""Events numbered in one transaction, so that nobody waits for it."""
_WAIT_S: Final = 0.05
_MOST_WAITS: Final = 40


class LiveAnalytics:
    """Every node has one; the one whose name comes first is at work. What it tells, the next one tells under the same
    ids."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        nodes: Nodes,
        subscriptions: Subscriptions,
        sittings: Sittings,
        cohorts: Cohorts,
        events: Events,
        hurried: Callable[[], bool],
    ) -> None:
        """`hurried`: whether the node has something to do that cannot wait."""
        self._name = name
        self._clock = clock
        self._nodes = nodes
        self._subscriptions = subscriptions
        self._sittings = sittings
        self._cohorts = cohorts
        self._events = events
        self._hurried = hurried
        self._rests_until_ms: dict[tuple[str, str], int] = {}
        self._told: dict[tuple[str, str], Mapping[str, int]] = {}
        """By test: attempt → the record up to which it was told."""

    async def look(self) -> None:
        """Looks at each test that is sat, and tells of the attempts that have changed since."""
        orgs = {one.org_id for one in await self._subscriptions.all() if takes(one.topics, ANALYTICS)}
        if not orgs or min(await self._nodes.living(), default=self._name) != self._name:
            self._told.clear()
            return
        sat = await self._sittings.sat_now(sorted(orgs))
        for gone in self._told.keys() - set(sat):
            del self._told[gone]
            del self._rests_until_ms[gone]
        for test in sat:
            if self._clock.now_ms() < self._rests_until_ms.get(test, 0):
                continue
            await self._calm()
            look = await self._cohorts.recent(*test)
            if look is not None:
                self._rests_until_ms[test] = look.at_ms + _TIMES_AS_LONG * look.took_ms
                await self._tell(test, look)

    async def _tell(self, test: tuple[str, str], look: Look) -> None:
        known = self._told.get(test, {})
        changed = [one for one in _events(test, look) if known.get(one.lane) != look.stood[one.lane].place.seq]
        for start in range(0, len(changed), _AT_ONCE):
            await self._calm()
            await self._events.tell(test[0], changed[start : start + _AT_ONCE], self._clock.now_ms())
        self._told[test] = {attempt_id: one.place.seq for attempt_id, one in look.stood.items()}

    async def _calm(self) -> None:
        """Returns when no answer waits for the log, and after some seconds in any case."""
        for _ in range(_MOST_WAITS):
            if not self._hurried():
                return
            await asyncio.sleep(_WAIT_S)


def _events(test: tuple[str, str], look: Look) -> Iterator[Happened]:
    for one in look.figures.candidates:
        stood = look.stood.get(one.attempt_id)
        if stood is not None:
            yield analytics(_said(test, look, one, stood))


def _said(test: tuple[str, str], look: Look, one: CandidateCourse, stood: Stood) -> AnalyticsEvent:
    return AnalyticsEvent(
        attempt_id=one.attempt_id,
        org_id=test[0],
        branch_id=stood.branch_id,
        test_id=test[1],
        test_version=stood.test_version,
        user_id=one.user_id,
        attempt_number=one.attempt_number,
        seq=stood.place.seq,
        at_ms=look.at_ms,
        attempts=look.attempts,
        questions=one.questions,
        answered=one.answered,
        changes=one.changes,
        ran_ms=one.ran_ms,
        idle_ms=one.idle_ms,
        idle_spans=one.idle_spans,
        losses=one.losses,
        away_ms=one.away_ms,
        rapid=one.rapid,
        effort_ppm=one.effort_ppm,
        pace_ppm=one.pace_ppm,
        left_ms=one.left_ms,
        stuck=one.stuck,
    )
