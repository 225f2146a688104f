"""Acts on many attempts and regrades: what was not done exactly once, and marks that are lost, are found."""

import re

import pytest
from msgspec.structs import replace

from loadtest.checker import Database, Violation, check
from loadtest.checker.database import BulkAct, Regrade, ResultVersion, Target
from protocol.attempt.facts import Answered, Assessed, Extended, HandMarked, Regraded, Reopened
from protocol.messages.operations import Submit
from protocol.rules.bulk import command_id_of
from tests.loadtest.checker.story import ADA, ATTEMPT, GRACE, Story, exam, handed_in

ACT = BulkAct(
    org_id="org",
    bulk_id="all-1",
    command="extend",
    total=1,
    done=1,
    refused=0,
    ended=True,
    targets=[Target(attempt_id=ATTEMPT, outcome="done")],
)


def given(act: BulkAct, times: int) -> list[Violation]:
    """What is found, if the command of the act is so often in the log."""
    story = exam()
    for _ in range(times):
        story.state_fact(Extended(60_000, command_id_of(act.bulk_id, ATTEMPT), ""), GRACE)
    story.operate(Submit(1, 0))
    story.complete()
    return check(story.history, Database(attempts=[story.kept()], acts=[act]))


def answered(outcome: str | None) -> BulkAct:
    return replace(
        ACT,
        done=int(outcome == "done"),
        refused=int(outcome == "refused"),
        targets=[Target(attempt_id=ATTEMPT, outcome=outcome)],
    )


@pytest.mark.parametrize(
    ("outcome", "times", "wrong"),
    [
        ("done", 1, False),
        ("refused", 0, False),
        ("done", 0, True),
        ("done", 2, True),
        ("refused", 1, True),
        (None, 0, True),
        (None, 1, True),
    ],
)
def test_an_attempt_that_is_not_answered_exactly_once_is_found(outcome: str | None, times: int, wrong: bool) -> None:
    found = given(answered(outcome), times)
    assert {one.invariant for one in found} - {"I4"} == ({"I14"} if wrong else set())


@pytest.mark.parametrize("act", [replace(ACT, ended=False), replace(ACT, total=2), replace(ACT, done=0, refused=1)])
def test_an_act_that_does_not_end_or_counts_wrong_is_found(act: BulkAct) -> None:
    assert [one.invariant for one in given(act, 1)] == ["I14"]


@pytest.mark.parametrize(
    ("granted", "wrong"), [({"ada": 1}, False), ({}, True), ({"ada": 2}, True), ({"ada": 1, "ben": 1}, True)]
)
def test_further_attempts_that_are_not_granted_exactly_once_are_found(granted: dict[str, int], wrong: bool) -> None:
    found = given(replace(ACT, command="grant_attempt", granted=granted), 0)
    assert [one.invariant for one in found] == (["I14"] if wrong else [])


def test_a_command_that_no_act_has_given_is_found() -> None:
    assert {one.invariant for one in given(replace(ACT, targets=[], total=0, done=0), 1)} == {"I1"}


# ── regrades ───────────────────────────────────────────────────────────────────────────────────────────────────


def version(number: int, seq: int, key_version: int, score_mpt: int, **by_hand: int) -> ResultVersion:
    return ResultVersion(
        version=number, seq=seq, key_version=key_version, score_mpt=score_mpt, max_mpt=6_000, by_hand=by_hand
    )


def regraded(times: int = 1) -> tuple[Story, Regrade, list[ResultVersion]]:
    """Handed in and marked; then marked again by the keys of version 2."""
    story = handed_in()
    quiet = story.history.pop()
    first = version(1, story.attempt.seq - 1, 1, 1_000)
    story.later(1_000)
    asked_ms = story.now_ms
    regrade = Regrade(
        org_id="org", regrade_id="r", test_id="test", key_version=2, created_at_ms=asked_ms, ended_at_ms=None
    )
    for _ in range(times):
        story.state_fact(Regraded(2, regrade.command_id, "a wrong key"), GRACE)
    second = version(2, story.attempt.seq, 2, 2_000)
    story.state_fact(Assessed(2_000, 6_000, 0))
    story.later(1_000)
    story.history.append(replace(quiet, at_ms=story.now_ms + 60_000))
    return story, replace(regrade, ended_at_ms=story.now_ms), [first, second]


def found(story: Story, regrade: Regrade, versions: list[ResultVersion]) -> list[str]:
    attempt = replace(story.kept(), versions=versions)
    violations = check(story.history, Database(attempts=[attempt], regrades=[regrade]))
    return [one.what for one in violations if one.invariant == "I15"]


def test_a_regrade_that_is_as_it_should_be_passes() -> None:
    assert found(*regraded()) == []


def test_a_regrade_in_a_log_twice_is_found() -> None:
    (what,) = found(*regraded(times=2))
    assert re.fullmatch(r"the regrade of command regrade-[0-9a-f]{32} is in the log 2 times", what)


def test_a_regrade_that_leaves_somebody_out_is_found() -> None:
    story, regrade, versions = regraded()
    assert found(story, replace(regrade, regrade_id="other", key_version=7), versions) == [
        "the regrade other has left it out"
    ]
    assert found(story, replace(regrade, regrade_id="other", key_version=2), versions) == []


def test_whoever_is_reopened_meanwhile_is_left_out_by_right() -> None:
    story, regrade, versions = regraded()
    story.state_fact(Reopened(60_000, "o", ""), GRACE)
    other = replace(regrade, regrade_id="other", key_version=7, ended_at_ms=story.now_ms)
    assert found(story, other, versions) == []


def test_a_regrade_that_never_ends_is_found() -> None:
    story, regrade, versions = regraded()
    assert found(story, replace(regrade, ended_at_ms=None), versions) == ["the regrade has not ended"]


def test_a_version_that_is_lost_changed_or_marked_by_other_keys_is_found() -> None:
    story, regrade, (first, second) = regraded()
    assert any("and no version of its result has" in what for what in found(story, regrade, [first]))
    assert "the versions of its result are [2]" in found(story, regrade, [second])
    assert any(
        "and no version of its result has" in what
        for what in found(story, regrade, [replace(first, score_mpt=1), second])
    )
    assert any(
        "marked by the keys 3, not 2" in what for what in found(story, regrade, [first, replace(second, key_version=3)])
    )


@pytest.mark.parametrize(("by_hand", "changed", "wrong"), [(500, False, False), (0, False, True), (0, True, False)])
def test_a_mark_by_a_person_that_is_lost_is_found(by_hand: int, changed: bool, wrong: bool) -> None:
    story, regrade, (first, second) = regraded()
    story.state_fact(HandMarked("essay", 500, 5_000, "", "m", ""), GRACE)
    if changed:
        story.state_fact(Answered(story.n + 1, "essay", "other", None, 1), ADA)
    third = version(3, story.attempt.seq, 2, 2_500, essay=by_hand)
    story.state_fact(Assessed(2_500, 6_000, 0))
    assert (
        any(
            "lacks the mark that a person gave for essay" in what
            for what in found(story, regrade, [first, second, third])
        )
        is wrong
    )
