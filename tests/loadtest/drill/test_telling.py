"""What staff are told when a day is over is held against the database."""

from msgspec.structs import replace

from loadtest.checker import Database, Violation
from loadtest.checker.database import BulkAct, Regrade, ResultVersion, Target
from loadtest.drill.telling import ToldOfAttempt, ToldOfWork, differ
from protocol.attempt import view
from tests.loadtest.checker.story import ATTEMPT, handed_in

STORY = handed_in()
VERSION = ResultVersion(version=1, seq=5, key_version=2, score_mpt=1_000, max_mpt=6_000, by_hand={})
KEPT = replace(STORY.kept(), versions=[VERSION])
ACT = BulkAct(
    org_id="org",
    bulk_id="act",
    command="message",
    total=2,
    done=1,
    refused=1,
    ended=True,
    targets=[Target(attempt_id=ATTEMPT, outcome="done"), Target(attempt_id="other", outcome="refused")],
)
REGRADE = Regrade(
    org_id="org",
    regrade_id="again",
    test_id="test",
    key_version=1,
    created_at_ms=STORY.now_ms,
    ended_at_ms=STORY.now_ms,
)
DATABASE = Database(attempts=[KEPT], acts=[ACT], regrades=[REGRADE])
TOLD = ToldOfAttempt(
    view.state(STORY.attempt), {}, [(record.seq, record.hash) for record in KEPT.records], [(1, 2, 1_000)]
)
WORK = ToldOfWork("org", {"act": {ATTEMPT: "done", "other": "refused"}}, {"again": "done"})


def found(told: ToldOfAttempt = TOLD, work: ToldOfWork = WORK, database: Database = DATABASE) -> list[str]:
    violations: list[Violation] = list(differ({ATTEMPT: told}, [work], database))
    return [violation.invariant for violation in violations]


def test_what_staff_are_told_rightly_passes() -> None:
    assert found() == []
    assert found(told=TOLD._replace(log=TOLD.log[:-1], versions=[])) == []


def test_another_log_or_result_than_the_databases_is_found() -> None:
    assert found(told=TOLD._replace(log=TOLD.log[1:])) == ["I9"]
    assert found(told=TOLD._replace(versions=[(1, 2, 500)])) == ["I15"]
    assert found(told=TOLD._replace(versions=[(1, 1, 1_000)])) == ["I15"]


def test_other_answers_to_an_act_than_the_databases_are_found() -> None:
    assert found(work=WORK._replace(acts={"act": {ATTEMPT: "done", "other": "waiting"}})) == ["I14"]
    assert found(work=WORK._replace(acts={"act": {ATTEMPT: "done"}})) == ["I14"]


def test_an_act_or_a_regrade_that_was_accepted_and_is_lost_is_found() -> None:
    assert found(database=replace(DATABASE, acts=[])) == ["I14"]
    assert found(work=WORK._replace(acts={"act": {}}), database=replace(DATABASE, acts=[])) == ["I14"]
    assert found(database=replace(DATABASE, regrades=[])) == ["I15"]
    assert found(work=WORK._replace(regrades={"again": "unknown"}), database=replace(DATABASE, regrades=[])) == ["I15"]


def test_a_regrade_that_is_said_to_be_done_and_is_not_is_found() -> None:
    running = replace(DATABASE, regrades=[replace(REGRADE, ended_at_ms=None)])
    assert found(database=running) == ["I15"]
    assert found(work=WORK._replace(regrades={"again": "running"}), database=running) == []
