"""The leaderboards of tests, worked out when somebody looks, and kept for some seconds."""

from collections.abc import Iterable, Sequence
from typing import Final

from protocol.content import Rules
from protocol.rules.grading import Outcome, standing
from protocol.rules.ranking import Contender, ranked
from server.analysis.course_keeper import CourseKeeper
from server.clock import Clock
from storage.courses import Courses
from storage.leaderboard import Leaderboards, Stand
from storage.results import Results

_KEPT_MS: Final = 5_000
_MOST_KEPT: Final = 64
_PAGE: Final = 200
"""Candidates whose results are read in one go, so that nobody waits for all."""

Board = Sequence[tuple[int, Contender]]


class Boards:
    """Of all tests. Whoever has left a board may stand on another node's for as long as it keeps that."""

    def __init__(
        self, clock: Clock, stands: Leaderboards, results: Results, courses: Courses, keeper: CourseKeeper
    ) -> None:
        self._clock = clock
        self._stands = stands
        self._results = results
        self._courses = courses
        self._keeper = keeper
        self._kept: dict[tuple[str, str], tuple[int, Rules, Board]] = {}
        self._begun: dict[tuple[str, str], object] = {}
        """Who works which board out, as long as nobody has come or left since."""

    async def of_test(self, org_id: str, test_id: str, rules: Rules) -> Board:
        """Everybody who stands there and has a result that counts, with her rank."""
        now_ms, key = self._clock.now_ms(), (org_id, test_id)
        kept = self._kept.get(key)
        if kept is not None and kept[1] == rules and 0 <= now_ms - kept[0] < _KEPT_MS:
            return kept[2]
        mine = self._begun[key] = object()
        try:
            board = await self._work_out(org_id, test_id, rules)
        finally:
            is_good = self._begun.get(key) is mine
            if is_good:
                del self._begun[key]
        if not is_good:
            return board
        self._kept.pop(key, None)
        self._kept[key] = (now_ms, rules, board)
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return board

    def changed(self, org_id: str, test_id: str) -> None:
        """Somebody came or left."""
        self._kept.pop((org_id, test_id), None)
        self._begun.pop((org_id, test_id), None)

    async def _work_out(self, org_id: str, test_id: str, rules: Rules) -> Board:
        stands = await self._stands.of_test(org_id, test_id)
        by_time = rules.leaderboard == "score_and_time"
        found: list[Contender] = []
        for start in range(0, len(stands), _PAGE):
            page = {one.user_id: one for one in stands[start : start + _PAGE]}
            attempts, job = await self._results.of_candidates(org_id, test_id, list(page))
            regrade = None if job is None else job.ordered
            outcomes = {user_id: standing(rules, sat, regrade).outcome for user_id, sat in attempts.items()}
            has = {user_id: outcome for user_id, outcome in outcomes.items() if outcome is not None}
            times = await self._times(has.values()) if by_time else {}
            found += [_contender(page[user_id], outcome, times) for user_id, outcome in has.items()]
        return ranked(found, by_time=by_time)

    async def _times(self, outcomes: Iterable[Outcome]) -> dict[str, int]:
        """Attempt → how long its clock ran."""
        attempt_ids = [one.attempt.attempt_id for one in outcomes if one.attempt is not None]
        await self._keeper.fold(attempt_ids)
        return await self._courses.ran(attempt_ids)


def _contender(stand: Stand, outcome: Outcome, times: dict[str, int]) -> Contender:
    attempt_id = None if outcome.attempt is None else outcome.attempt.attempt_id
    return Contender(
        user_id=stand.user_id,
        number=stand.number,
        name=stand.pseudonym,
        attempt_id=attempt_id,
        score_mpt=outcome.score_mpt,
        max_mpt=outcome.max_mpt,
        time_ms=times.get(attempt_id or ""),
    )
