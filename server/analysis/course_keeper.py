"""Folds the logs of attempts that have ended, and keeps what comes of it for reports: soon after the end, and never
while answers wait for the log."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import groupby, islice
from typing import Final

import msgspec

from protocol.analytics.typed import typed_questions
from server.analysis import cohort, folding
from server.analysis.analyst import Analyst
from storage.courses import Courses, Over
from storage.errors import StorageUnavailable
from storage.tests import Tests

log = logging.getLogger(__name__)

_BATCH: Final = 100
"""Attempts folded by one process, and read at once: some ten thousand records, a second of work."""


class CourseKeeper:
    """A queue of ended attempts: filled as they end on this node, and by reports that find some without a course.
    What is lost of it with a node, the next report notices again."""

    def __init__(self, courses: Courses, tests: Tests, analyst: Analyst, hurried: Callable[[], bool]) -> None:
        """`hurried`: whether the node has something to do that cannot wait."""
        self._courses = courses
        self._tests = tests
        self._analyst = analyst
        self._hurried = hurried
        # A dict keeps the order and each attempt once.
        self._due: dict[str, None] = {}

    @property
    def waiting(self) -> int:
        """Attempts that wait to be folded."""
        return len(self._due)

    def notice(self, *attempt_ids: str) -> None:
        """These have ended, and may have no course yet."""
        self._due.update(dict.fromkeys(attempt_ids))

    async def look(self) -> None:
        """Folds what is due, as long as nothing that cannot wait comes between."""
        while self._due and not self._hurried():
            batch = list(islice(self._due, _BATCH))
            await self.fold(batch)
            for attempt_id in batch:
                self._due.pop(attempt_id, None)

    async def fold(self, attempt_ids: Sequence[str]) -> None:
        """Folds these at once. One that can't be folded stops none of the others."""
        over = await self._courses.due(attempt_ids)
        over.sort(key=_test_of)
        for test, some in groupby(over, _test_of):
            await self._fold_what_can_be(*test, list(some))

    async def _fold_what_can_be(self, org_id: str, test_id: str, over: Sequence[Over]) -> None:
        try:
            await self._fold(org_id, test_id, over)
        except StorageUnavailable:
            raise
        except Exception:
            if len(over) > 1:
                for one in over:
                    await self._fold_what_can_be(org_id, test_id, [one])
                return
            log.exception("Attempt %s: no course is kept of it", over[0].attempt_id)

    async def _fold(self, org_id: str, test_id: str, over: Sequence[Over]) -> None:
        contents = await self._tests.contents(org_id, test_id, {one.test_version for one in over})
        typed = {version: sorted(typed_questions(content)) for version, content in contents.items()}
        order = msgspec.json.encode(folding.Order(typed))
        found = await self._analyst.ask(None, folding, order, _frames(over))
        places = {one.attempt_id: (one.ended_ms, one.lines[-1][0]) for one in over}
        folded = msgspec.msgpack.decode(found, type=list[folding.Folded])
        await self._courses.save([(one.attempt_id, *places[one.attempt_id], one.course) for one in folded])


def _test_of(one: Over) -> tuple[str, str]:
    return one.org_id, one.test_id


async def _frames(over: Sequence[Over]) -> AsyncIterator[bytes]:
    for one in over:
        yield cohort.frame((one.attempt_id, one.lines))
