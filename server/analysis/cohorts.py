"""How tests are sat, while they are: looks at all attempts of a test at once. Of those that go on a look remembers what
it has folded, so that the next one reads no more than what is new."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Final, NamedTuple

import msgspec

from protocol import limits
from protocol.analytics.cohort import CohortFigures
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.analytics import CandidateCourse
from server.analysis import cohort
from server.analysis.analyst import Analyst
from server.analysis.course_keeper import CourseKeeper
from server.clock import Clock
from storage.errors import StorageUnavailable
from storage.sittings import Counts, Place, Sittings, Stamp
from storage.statistics import Selection, Statistics
from storage.tests import Tests

log = logging.getLogger(__name__)

_PAGE: Final = 10
"""Attempts read at once: some thousand records."""
_ASK_AGAIN_MS: Final = 10_000
FRESH_MS: Final = 30_000
"""So old may be what one attempt is compared with."""
_FORGOTTEN_MS: Final = 900_000
"""A test that nobody has looked at for so long is forgotten."""
_MOST_KEPT: Final = 2 * limits.MAX_ANALYTICS_ATTEMPTS
"""Attempts of which something is remembered, some three kilobytes each. Of more than that the tests are forgotten that
were looked at longest ago."""


class Stood(NamedTuple):
    """What was folded of an attempt up to a place in its log; and where the attempt belongs."""

    place: Place
    standing: bytes
    branch_id: str | None
    test_version: int


class Look(NamedTuple):
    """What came of one look. `stood`: the attempts that go on."""

    at_ms: int
    took_ms: int
    counts: Counts
    attempts: int
    newer: int
    figures: CohortFigures
    stood: Mapping[str, Stood]

    def of(self, attempt_id: str) -> CandidateCourse | None:
        """One attempt among the others."""
        return next((one for one in self.figures.candidates if one.attempt_id == attempt_id), None)


_Seen = tuple[Stamp, Counts, list[int]]
"""What a look at all of a test depends on where nobody sits any more: its attempts, and the versions of the test."""


class _Remembered(NamedTuple):
    used_ms: int
    stood: Mapping[str, Stood]
    whole: Look | None
    seen: _Seen | None
    """What `whole` was worked out from, or more than it."""


class Cohorts:
    """Looks, and remembers."""

    def __init__(
        self,
        clock: Clock,
        sittings: Sittings,
        tests: Tests,
        statistics: Statistics,
        analyst: Analyst,
        course_keeper: CourseKeeper,
    ) -> None:
        self._clock = clock
        self._sittings = sittings
        self._tests = tests
        self._statistics = statistics
        self._analyst = analyst
        self._course_keeper = course_keeper
        self._aside = Analyst()
        """Of looks that nobody sits and waits for, so that a report does not wait for them."""
        self._remembered: dict[tuple[str, str], _Remembered] = {}
        self._looking: dict[tuple[str, str], asyncio.Task[Look | None]] = {}

    async def look(self, selection: Selection) -> Look:
        """At those attempts as they stand now. Raises `Refused` where there are too many, or where it takes several
        looks until their logs are known."""
        return await self._look(selection, self._analyst)

    async def _look(self, selection: Selection, analyst: Analyst) -> Look:
        began_ms = self._clock.now_ms()
        test = selection.org_id, selection.test_id
        before = self._remembered.get(test)
        known = dict(self.kept(*test))
        of_all = selection == Selection(*test)
        # Before anything is read: what comes meanwhile is in the figures, and makes the next look work them out again.
        stamp = await self._sittings.stamp(selection) if of_all else None
        counts = await self._sittings.counts(selection)
        await self._can_be_made(selection, counts)
        versions = await self._statistics.versions(selection)
        seen = None if stamp is None else (stamp, counts, versions)
        standing = None if before is None or seen is None or before.seen != seen else before.whole
        if standing is not None and not standing.figures.open:
            again = standing._replace(at_ms=began_ms, took_ms=self._clock.now_ms() - began_ms)
            self._remember(test, _Remembered(began_ms, again.stood, again, seen))
            return again
        contents = await self._tests.contents(selection.org_id, selection.test_id, versions)
        reading = _Reading(self._sittings, selection, known)
        order = msgspec.json.encode(cohort.Order(contents, began_ms))
        found = await analyst.ask(selection.org_id, cohort, order, reading.frames())
        told = msgspec.msgpack.decode(found, type=cohort.Figures)
        stood = {
            attempt_id: Stood(reading.places[attempt_id], standing, *reading.belongs[attempt_id])
            for attempt_id, standing in told.standings.items()
        }
        now_ms = self._clock.now_ms()
        look = Look(began_ms, now_ms - began_ms, counts, told.attempts, told.newer, told.cohort, stood)
        if of_all and not reading.broke_off:
            self._remember(test, _Remembered(now_ms, stood, look, seen))
        else:
            whole, seen = (None, None) if before is None else (before.whole, before.seen)
            self._remember(test, _Remembered(now_ms, known | stood, whole, seen))
        if reading.broke_off:
            detail = "The logs of those who are sitting are just being read. Please ask again in a moment."
            raise Refused(refuse(Code.NOT_READY, detail), _ASK_AGAIN_MS)
        return look

    def kept(self, org_id: str, test_id: str) -> Mapping[str, Stood]:
        """What is remembered of a test."""
        known = self._remembered.get((org_id, test_id))
        return {} if known is None else known.stood

    async def recent(self, org_id: str, test_id: str, wait_s: float | None = None) -> Look | None:
        """A look at all of the test, at most `FRESH_MS` old. Where it is not there after `wait_s`: the one before, if
        there was one. None: there can be none now."""
        test = org_id, test_id
        known = self._remembered.get(test)
        before = None if known is None else known.whole
        if before is not None and self._clock.now_ms() - before.at_ms < FRESH_MS:
            return before
        task = self._looking.get(test)
        if task is None:
            task = asyncio.create_task(self._look_aside(Selection(*test)), name="look at a test that is sat")
            self._looking[test] = task
            task.add_done_callback(lambda task: self._looked(test, task))
        done, _ = await asyncio.wait([task], timeout=wait_s)
        return task.result() if done else before

    async def stop(self) -> None:
        """Ends the looks that nobody waits for."""
        looking = list(self._looking.values())
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)

    def _looked(self, test: tuple[str, str], task: "asyncio.Task[Look | None]") -> None:
        del self._looking[test]
        if not task.cancelled():
            task.exception()  # has been looked at, even if whoever waited has gone

    async def _look_aside(self, selection: Selection) -> Look | None:
        """One test that can't be looked at stops none of the others, and none of its attempts."""
        try:
            return await self._look(selection, self._aside)
        except Refused:
            return None
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("Test %s: how it is sat can't be worked out", selection.test_id)
            return None

    async def _can_be_made(self, selection: Selection, counts: Counts) -> None:
        """Raises `Refused` where there are too many, or the courses of too many who have ended are not kept yet. These
        are noticed, so that they will be."""
        if counts.begun > limits.MAX_ANALYTICS_ATTEMPTS:
            most = f"{limits.MAX_ANALYTICS_ATTEMPTS:,}"
            raise Refused(refuse(Code.TOO_LARGE, f"Analytics are made of at most {most} attempts: ask for one form."))
        lacking = await self._sittings.lacking(selection, limits.MAX_ANALYTICS_ATTEMPTS)
        self._course_keeper.notice(*lacking)
        if len(lacking) > limits.MAX_FOLDED_AT_ONCE:
            detail = (
                f"The figures of {len(lacking):,} attempts are just being worked out. Please ask again in a minute."
            )
            raise Refused(refuse(Code.NOT_READY, detail), _ASK_AGAIN_MS)

    def _remember(self, test: tuple[str, str], what: _Remembered) -> None:
        """As the newest. Forgets what nobody looks at, and what would be too much."""
        self._remembered.pop(test, None)
        self._remembered[test] = what
        total = sum(len(one.stood) for one in self._remembered.values())
        for other, one in list(self._remembered.items()):
            if what.used_ms - one.used_ms > _FORGOTTEN_MS or (total > _MOST_KEPT and other != test):
                total -= len(one.stood)
                del self._remembered[other]


class _Reading:
    """Reads the attempts for one look. `broke_off`: there were more new records than one look reads."""

    def __init__(self, sittings: Sittings, selection: Selection, known: Mapping[str, Stood]) -> None:
        self._sittings = sittings
        self._selection = selection
        self._known = known
        self.places: dict[str, Place] = {}
        self.belongs: dict[str, tuple[str | None, int]] = {}
        self.broke_off = False

    async def frames(self) -> AsyncIterator[bytes]:
        """Each attempt, as `cohort` reads it."""
        known = {attempt_id: one.place for attempt_id, one in self._known.items()}
        after: str | None = None
        lines = 0
        while page := await self._sittings.page(self._selection, after, _PAGE, known):
            for one in page:
                lines += len(one.lines)
                if one.place is not None:
                    self.places[one.attempt_id] = one.place
                    self.belongs[one.attempt_id] = one.branch_id, one.test_version
                standing = self._known[one.attempt_id].standing if one.after else None
                who = (one.attempt_id, one.user_id, one.name, one.attempt_number, one.status)
                yield cohort.frame(cohort.Seen(*who, one.result, one.course, one.lines, standing))
            after = page[-1].attempt_id
            if lines > limits.MAX_ANALYTICS_RECORDS:
                self.broke_off = True
                return
