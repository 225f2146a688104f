"""Calls about marks and results: what waits for a person's mark, marking again, release, statistics, analytics."""

from collections.abc import Sequence
from typing import Literal, Unpack

from clients.python.calls import Calls, given, part
from clients.python.narrowing import FoundResults
from protocol.gradebooks import Layout
from protocol.rest.analytics import AttemptAnalytics, TestAnalytics
from protocol.rest.confirmations import Confirmation
from protocol.rest.gradebook import (
    RegradeBody,
    RegradeProgress,
    RegradeReply,
    ReleaseBody,
    ReleaseReply,
    ResultVersions,
    TestResults,
)
from protocol.rest.late import LateDecisionBody, LateList, LateReply
from protocol.rest.leaderboard import LeaderboardReply, StandBody, StandReply
from protocol.rest.marking import By, ClaimBody, ClaimReply, MarkingQueue, UnclaimBody, UnclaimReply
from protocol.rest.results import EssayList, MarkBody, Result
from protocol.rest.skills import SkillsOfPerson
from protocol.rest.statistics import TestStatistics


class MarkingCalls(Calls):
    """See above."""

    async def marking_queue(
        self,
        test_id: str,
        *,
        by: By | None = None,
        question_id: str | None = None,
        attempt_id: str | None = None,
        user_id: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> MarkingQueue:
        """The answers that wait for a person's mark, a page at a time."""
        query = given(by=by, question_id=question_id, attempt_id=attempt_id, user_id=user_id, after=after, limit=limit)
        return await self._call("GET", f"/tests/{part(test_id)}/marking-queue", MarkingQueue, query=query)

    async def claim(self, test_id: str, body: ClaimBody) -> ClaimReply:
        """Take the next answer in hand, so that nobody else marks it at the same time."""
        return await self._call("POST", f"/tests/{part(test_id)}/marking-queue/claim", ClaimReply, body)

    async def let_go(self, test_id: str, attempt_id: str, question_id: str) -> UnclaimReply:
        """Let go of an answer without a mark."""
        body = UnclaimBody(attempt_id=attempt_id, question_id=question_id)
        return await self._call("POST", f"/tests/{part(test_id)}/marking-queue/release", UnclaimReply, body)

    async def essays(self, attempt_id: str) -> EssayList:
        """The answers that a person has to mark."""
        return await self._on(attempt_id, "GET", "essays", EssayList)

    async def mark(
        self,
        attempt_id: str,
        question_id: str,
        *,
        score_mpt: int,
        max_mpt: int | None = None,
        remark: str = "",
        reason: str = "",
        command_id: str | None = None,
    ) -> Result:
        """Mark one answer by hand; the result as it stands then. With `max_mpt` it is refused where the question is
        worth something else."""
        body = MarkBody(command_id=command_id, score_mpt=score_mpt, max_mpt=max_mpt, remark=remark, reason=reason)
        return await self._on(attempt_id, "PUT", f"marks/{part(question_id)}", Result, body)

    async def late_answers(self, attempt_id: str) -> LateList:
        """What came after the end of an attempt, each answer beside what was submitted."""
        return await self._on(attempt_id, "GET", "late-answers", LateList)

    async def decide_late(
        self, attempt_id: str, late_id: str, *, accepted: Sequence[str], reason: str, command_id: str | None = None
    ) -> LateReply:
        """Let the late answers to these questions count, and reject the others of that piece."""
        body = LateDecisionBody(command_id=command_id, accepted=list(accepted), reason=reason)
        return await self._on(attempt_id, "POST", f"late-answers/{part(late_id)}/decision", LateReply, body)

    async def leaderboard(self, test_id: str, *, limit: int | None = None) -> LeaderboardReply:
        """Who stands on the leaderboard of a test, the best first."""
        return await self._call(
            "GET", f"/tests/{part(test_id)}/leaderboard", LeaderboardReply, query=given(limit=limit)
        )

    async def stand(self, attempt_id: str, body: StandBody) -> StandReply:
        """Stand on the leaderboard, or no longer; staff take somebody off it."""
        return await self._call("PUT", f"/test-attempts/{attempt_id}/leaderboard", StandReply, body)

    async def result_versions(self, attempt_id: str) -> ResultVersions:
        """Every result that an attempt has had, the oldest first."""
        return await self._on(attempt_id, "GET", "result-versions", ResultVersions)

    async def regrade(self, test_id: str, body: RegradeBody) -> RegradeReply:
        """Mark a test's ended attempts again by other keys, or say who would change."""
        return await self._call("POST", f"/tests/{part(test_id)}/regrades", RegradeReply, body)

    async def regrade_progress(self, test_id: str, regrade_id: str) -> RegradeProgress:
        """How far a regrade has come."""
        return await self._call("GET", f"/tests/{part(test_id)}/regrades/{part(regrade_id)}", RegradeProgress)

    async def test_results(self, test_id: str, **narrowed: Unpack[FoundResults]) -> TestResults:
        """What each candidate has in a test, a page at a time."""
        return await self._call("GET", f"/tests/{part(test_id)}/results", TestResults, query=given(**narrowed))

    async def release_results(self, test_id: str, *, released: bool = True, reason: str = "") -> ReleaseReply:
        """Show the results of a test to its candidates, or (`released` false) no longer."""
        body = ReleaseBody(released=released, reason=reason)
        return await self._call("POST", f"/tests/{part(test_id)}/release", ReleaseReply, body)

    async def gradebook(
        self, test_id: str, *, layout: Layout | None = None, mark: Literal["yes", "no"] | None = None
    ) -> str:
        """What each candidate has in a test, as CSV."""
        return await self._table(f"/tests/{part(test_id)}/gradebook.csv", given(layout=layout, mark=mark))

    async def safe_exam_browser(self, test_id: str) -> bytes:
        """The file of settings by which Safe Exam Browser opens the test."""
        return await self._file(f"/tests/{part(test_id)}/safe-exam-browser", None)

    async def gradebook_workbook(self, test_id: str) -> bytes:
        """The same as an XLSX file."""
        return await self._file(f"/tests/{part(test_id)}/gradebook.xlsx", None)

    async def gradebook_parquet(self, test_id: str) -> bytes:
        """The same as a Parquet file. Raises `Refused(not_installed)` where the server has no extra for it."""
        return await self._file(f"/tests/{part(test_id)}/gradebook.parquet", None)

    async def report(self, test_id: str, *, language: str | None = None) -> bytes:
        """How a test was sat, as a PDF. Raises `Refused(not_installed)` where the server has no extra for it."""
        return await self._file(f"/tests/{part(test_id)}/report.pdf", None, given(language=language))

    async def attempt_report(self, attempt_id: str, *, language: str | None = None) -> bytes:
        """How one attempt was sat, as a PDF."""
        return await self._file(f"/test-attempts/{part(attempt_id)}/report.pdf", None, given(language=language))

    async def analytics(
        self, test_id: str, *, form_id: str | None = None, version: int | None = None, group_id: str | None = None
    ) -> TestAnalytics:
        """How a test is sat, or one form or version of it, by everybody or by the members of a group."""
        query = given(form_id=form_id, version=version, group_id=group_id)
        return await self._call("GET", f"/tests/{part(test_id)}/analytics", TestAnalytics, query=query)

    async def attempt_analytics(self, attempt_id: str) -> AttemptAnalytics:
        """What one candidate did, question by question."""
        return await self._on(attempt_id, "GET", "analytics", AttemptAnalytics)

    async def statistics(
        self,
        test_id: str,
        *,
        form_id: str | None = None,
        version: int | None = None,
        goal_permille: int | None = None,
    ) -> TestStatistics:
        """Item statistics of a test, or of one form or version of it, and what its candidates can do, skill by
        skill."""
        query = given(form_id=form_id, version=version, goal_permille=goal_permille)
        return await self._call("GET", f"/tests/{part(test_id)}/statistics", TestStatistics, query=query)

    async def confirmation(self, attempt_id: str) -> Confirmation:
        """Signed: that the candidate sat the test, and what came of it, as far as she may see."""
        return await self._on(attempt_id, "GET", "confirmation", Confirmation)

    async def skills(self, user_id: str, *, goal_permille: int | None = None) -> SkillsOfPerson:
        """What a person can do, skill by skill, from her newest results in all tests."""
        return await self._call(
            "GET", f"/users/{part(user_id)}/skills", SkillsOfPerson, query=given(goal_permille=goal_permille)
        )

    async def statistics_table(self, test_id: str, *, form_id: str | None = None, version: int | None = None) -> str:
        """The same as CSV for spreadsheets."""
        return await self._table(f"/tests/{part(test_id)}/statistics.csv", given(form_id=form_id, version=version))
