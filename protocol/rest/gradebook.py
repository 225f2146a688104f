"""Bodies of the REST API about the results of a whole test, JSON."""

from typing import Annotated, Literal

from msgspec import Meta

from protocol.content import Counts, Leaderboard, Release, Shows
from protocol.messages.base import Id, Int, SomeText, Text
from protocol.messages.monitor import FormalWarning
from protocol.rest.body import Body
from protocol.rest.results import Result

Reason = SomeText


class AttemptResult(Body, frozen=True, kw_only=True):
    """One attempt of a candidate with its newest marks. Without marks, `version` is 0. `key_version` is the version of
    the test by whose keys it was marked. `warnings` are the formal ones that she was given in it, the oldest first."""

    attempt_id: str
    attempt_number: Int
    status: str
    version: Int
    key_version: Int | None
    complete: bool
    score_mpt: Int
    max_mpt: Int
    awaiting_marks: Int
    warnings: list[FormalWarning]


class CandidateResult(Body, frozen=True, kw_only=True):
    """What a candidate has in a test, by its rule for several attempts. `waiting` of them have ended and wait for
    marks, also for those of a regrade: until these are made nothing counts, since any of them may be the one that does.
    `counting_attempt_id` is nil then, where none is complete, and where the average counts. `score_mpt` is nil where
    nothing counts yet. An average is rounded down to a thousandth of a point; its grade is that of the exact one."""

    user_id: str
    name: str
    attempts: list[AttemptResult]
    waiting: Int
    counting_attempt_id: str | None
    score_mpt: Int | None
    max_mpt: Int | None
    grade: str | None


class GradeBoundary(Body, frozen=True, kw_only=True):
    """A grade, from so many thousandths of the points on."""

    label: str
    from_permille: Int


class TestResults(Body, frozen=True, kw_only=True):
    """The results of a test, a candidate a line, in the order of their ids; `next` continues the list. `counts`,
    `release`, `shows`, `grades` and `leaderboard` are the newest rules of the test: which of several attempts counts,
    when candidates see their results, and how much of them. `released_at_ms`: when staff released the results; nil:
    they have not. `regrade_id`: the regrade that is under way; nil: none is."""

    __test__ = False

    test_id: str
    counts: Counts
    release: Release
    shows: Shows
    grades: list[GradeBoundary]
    released_at_ms: Int | None
    regrade_id: str | None
    candidates: list[CandidateResult]
    next: str | None
    leaderboard: Leaderboard = "off"


class ResultVersions(Body, frozen=True, kw_only=True):
    """Every result that an attempt has had, the oldest first."""

    attempt_id: str
    versions: list[Result]


class ReleaseBody(Body, frozen=True, kw_only=True):
    """Show the results of the test to its candidates, or (`released` false) no longer."""

    released: bool = True
    reason: Text = ""


class ReleaseReply(Body, frozen=True, kw_only=True):
    """Since when the results are released; nil: they are not. They are shown only where the test says `by_staff`."""

    test_id: str
    released_at_ms: Int | None


class RegradeBody(Body, frozen=True, kw_only=True):
    """Mark the ended attempts of a test again with the keys of one of its versions. With `dry_run` nothing is changed:
    the reply says what it would come to, and who would change, a page at a time from the attempt after `after` on. The
    same `regrade_id` again is the same regrade; nil: the server makes one. Whoever began before, and hands in later, is
    marked by these keys too.

    `seen` is what a dry run has said: where the regrade would come to something else by now for the attempts that had
    ended then, it is refused. While a regrade of the test goes on, one by the same keys is that one, and one by others
    is refused."""

    regrade_id: Id | None = None
    key_version: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    reason: Reason
    dry_run: bool = False
    after: Id | None = None
    seen: Id | None = None


class MarkChange(Body, frozen=True, kw_only=True):
    """The score of one attempt before and after, and its grade by the test's newest boundaries; that is nil where marks
    are missing, or no boundary is reached."""

    attempt_id: str
    user_id: str
    before_mpt: Int
    after_mpt: Int
    before_max_mpt: Int
    after_max_mpt: Int
    before_grade: str | None
    after_grade: str | None


class RegradeTotals(Body, frozen=True, kw_only=True):
    """What a regrade would come to, over all `attempts` that have marks: in how many the score or what can be reached
    changes, how many gain points and lose points, all together and at most, and in how many the grade changes."""

    attempts: Int
    changed: Int
    gain: Int
    lose: Int
    gained_mpt: Int
    lost_mpt: Int
    most_gained_mpt: Int
    most_lost_mpt: Int
    grades_changed: Int


class RegradeReply(Body, frozen=True, kw_only=True):
    """Of a dry run: the totals, a page of the attempts that change, which `next` continues, and `seen`, which stands
    for all of it. Of a regrade: its id, under which its progress can be read."""

    regrade_id: str | None
    seen: str | None
    totals: RegradeTotals | None
    changes: list[MarkChange]
    next: str | None


class RegradeProgress(Body, frozen=True, kw_only=True):
    """How far a regrade has come: `done` attempts have it in their logs, `refused` could not take it (the attempt was
    reopened, cancelled or erased meanwhile)."""

    regrade_id: str
    test_id: str
    key_version: Int
    reason: str
    by: str
    status: Literal["running", "done"]
    done: Int
    refused: Int
    created_at_ms: Int
    ended_at_ms: Int | None
