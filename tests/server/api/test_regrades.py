"""Regrades: other keys for what was sat, tried first, then applied; and marks by hand that are corrected."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.api.test_results import mark, seen
from tests.server.conftest import SELDOM_ON_POSTGRES
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST, exam
from tests.server.harness.running import Reply, RunningServer
from tests.server.marking.test_marker import submitted
from tests.services.patience import PATIENCE_S

WRONG = "The key of the first question was wrong."


async def regrade(server: RunningServer, **body: Any) -> Reply:
    return await server.call("POST", f"/tests/{TEST}/regrades", server.instructor, {"reason": WRONG, **body})


async def applied(server: RunningServer, key_version: int, **body: Any) -> Any:
    """Applies it, and waits until every attempt has it in its log."""
    regrade_id = (await regrade(server, key_version=key_version, **body)).ok()["regrade_id"]
    async with asyncio.timeout(PATIENCE_S):
        while True:
            path = f"/tests/{TEST}/regrades/{regrade_id}"
            progress = (await server.call("GET", path, server.instructor)).ok()
            if progress["status"] == "done":
                return progress
            await asyncio.sleep(0.02)


async def versions(server: RunningServer, attempt_id: str) -> list[tuple[int, int, int, str, str | None]]:
    reply = await server.call("GET", f"/test-attempts/{attempt_id}/result-versions", server.instructor)
    fields = ("version", "key_version", "score_mpt", "reason", "changed_by")
    return [tuple(one[name] for name in fields) for one in reply.ok()["versions"]]


async def kinds_of(server: RunningServer, attempt_id: str) -> list[str]:
    reply = await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)
    return [entry["kind"] for entry in reply.ok()["entries"]]


def with_key(correct: str) -> dict[str, Any]:
    body = exam()
    body["questions"][0]["interactions"][0]["correct"] = correct
    return body


async def store(server: RunningServer, body: dict[str, Any]) -> int:
    version: int = (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()["version"]
    return version


async def test_a_regrade_is_tried_first_and_overwrites_nothing(server: RunningServer) -> None:
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    version = await store(server, with_key("c"))
    tried = (await regrade(server, key_version=version, dry_run=True)).ok()
    totals = {"attempts": 1, "changed": 1, "gain": 0, "lose": 1, "gained_mpt": 0, "lost_mpt": 1_000}
    assert tried["totals"] == totals | {"most_gained_mpt": 0, "most_lost_mpt": 1_000, "grades_changed": 0}
    assert (tried["regrade_id"], tried["next"]) == (None, None)
    (change,) = tried["changes"]
    assert (change["attempt_id"], change["user_id"]) == (attempt_id, "ada")
    assert (change["before_mpt"], change["after_mpt"]) == (SCORE_MPT, SCORE_MPT - 1_000)
    assert (await seen(server, attempt_id)).ok()["score_mpt"] == SCORE_MPT, "nothing was changed"

    progress = await applied(server, version)
    assert (progress["status"], progress["done"], progress["refused"], progress["by"]) == ("done", 1, 0, "grace")
    await server.node.marker.mark([attempt_id])
    result = (await seen(server, attempt_id)).ok()
    assert (result["score_mpt"], result["version"], result["reason"]) == (SCORE_MPT - 1_000, 2, ""), "not why, not who"
    assert await versions(server, attempt_id) == [
        (1, 1, SCORE_MPT, "", None),
        (2, version, SCORE_MPT - 1_000, WRONG, "grace"),
    ]
    await applied(server, version)
    await server.node.marker.mark([attempt_id])
    assert len(await versions(server, attempt_id)) == 2, "the same keys change nothing"
    assert (await regrade(server, key_version=version, dry_run=True)).ok()["changes"] == []
    await applied(server, 1)
    await server.node.marker.mark([attempt_id])
    assert [one[2] for one in await versions(server, attempt_id)] == [SCORE_MPT, SCORE_MPT - 1_000, SCORE_MPT]


async def test_a_regrade_that_is_asked_for_again_is_the_same_one(server: RunningServer) -> None:
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    version = await store(server, with_key("c"))
    asked: dict[str, Any] = {"regrade_id": "by-the-platform-1", "key_version": version}
    replies = await asyncio.gather(*(regrade(server, **asked) for _ in range(4)))
    assert {reply.ok()["regrade_id"] for reply in replies} == {"by-the-platform-1"}
    assert (await applied(server, **asked))["done"] == 1
    # What was sat since may ask other questions: the regrade was accepted before.
    body = exam()
    body["questions"][1]["body"] = "Something else?"
    await store(server, body)
    await server.started("bob")
    assert (await regrade(server, regrade_id="another", key_version=version)).code == Code.QUESTIONS_DIFFER
    assert (await regrade(server, **asked)).ok()["regrade_id"] == "by-the-platform-1"
    assert (await kinds_of(server, attempt_id)).count("regraded") == 1
    for other in ({"key_version": 1}, {"reason": "Another reason."}):
        assert (await regrade(server, **asked | other)).code == Code.COMMAND_REUSED
    path, other_token = f"/tests/{TEST}/regrades", server.token(Role.INSTRUCTOR, "gus")
    assert (await server.call("POST", path, other_token, {"reason": WRONG, **asked})).code == Code.COMMAND_REUSED
    assert (await regrade(server, regrade_id="a\nb", key_version=1)).code == Code.INVALID_ID


async def test_the_id_of_a_regrade_may_be_that_of_a_command(server: RunningServer) -> None:
    await server.make_test(essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    (await mark(server, attempt_id, "essay", score_mpt=4_000, command_id="twin")).ok()
    body = exam(essay=True)
    body["questions"][0]["interactions"][0]["correct"] = "c"
    await applied(server, await store(server, body), regrade_id="twin")
    assert "regraded" in await kinds_of(server, attempt_id)


async def test_marks_by_hand_stay(server: RunningServer) -> None:
    await server.make_test(essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    (await mark(server, attempt_id, "essay", score_mpt=4_000)).ok()
    body = exam(essay=True)
    body["questions"][0]["interactions"][0]["correct"] = "c"
    await applied(server, await store(server, body))
    await server.node.marker.mark([attempt_id])
    result = (await seen(server, attempt_id)).ok()
    assert (result["score_mpt"], result["complete"]) == (SCORE_MPT - 1_000 + 4_000, True)


@SELDOM_ON_POSTGRES
async def test_a_mark_by_hand_keeps_its_share_where_the_question_is_worth_other_points(
    either_server: RunningServer,
) -> None:
    server = either_server
    await server.make_test(essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    (await mark(server, attempt_id, "essay", score_mpt=4_000)).ok()
    for points_mpt, worth in ((10_000, 8_000), (3_333, 2_666), (0, 0), (5_000, 4_000)):
        body = exam(essay=True)
        body["questions"][-1]["interactions"][0]["points_mpt"] = points_mpt
        version = await store(server, body)
        tried = (await regrade(server, key_version=version, dry_run=True)).ok()["changes"]
        assert [(one["after_mpt"], one["after_max_mpt"]) for one in tried] == [(SCORE_MPT + worth, 7_000 + points_mpt)]
        await applied(server, version)
        await server.node.marker.mark([attempt_id])
        result = (await seen(server, attempt_id, token=server.instructor)).ok()
        essay = result["marks"][-1]
        assert (result["score_mpt"], essay["score_mpt"], essay["max_mpt"]) == (SCORE_MPT + worth, worth, points_mpt)
        assert essay["given"] == (None if points_mpt == 5_000 else {"score_mpt": 4_000, "max_mpt": 5_000})
        listed = (await server.call("GET", f"/test-attempts/{attempt_id}/essays", server.instructor)).ok()["essays"]
        assert [(one["score_mpt"], one["max_mpt"]) for one in listed] == [(worth, points_mpt)]


async def test_a_mark_is_out_of_what_the_question_is_worth_now(server: RunningServer) -> None:
    await server.make_test(essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    (await mark(server, attempt_id, "essay", score_mpt=4_000)).ok()
    body = exam(essay=True)
    body["questions"][-1]["interactions"][0]["points_mpt"] = 2_000
    await applied(server, await store(server, body))
    path = f"/test-attempts/{attempt_id}/marks/essay"
    for marks in ({"score_mpt": 3_000}, {"score_mpt": 1_500, "max_mpt": 5_000}):
        refused = await server.call("PUT", path, server.instructor, {"reason": "A page was overlooked.", **marks})
        assert refused.code == Code.WRONG_MARK, marks
    given: dict[str, Any] = {
        "score_mpt": 1_500,
        "max_mpt": 2_000,
        "command_id": "m",
        "reason": "A page was overlooked.",
    }
    corrected = (await server.call("PUT", path, server.instructor, given)).ok()
    assert (corrected["score_mpt"], corrected["max_mpt"]) == (SCORE_MPT + 1_500, SCORE_MPT + 2_000)
    await applied(server, 2)
    repeated = (await server.call("PUT", path, server.instructor, given)).ok()
    assert repeated["marks"][-1]["score_mpt"] == 3_750, "the same call is one mark, whatever it is worth by now"


async def test_a_question_that_was_worth_nothing_is_marked_when_it_is_worth_something(
    either_server: RunningServer,
) -> None:
    server = either_server
    body = exam(essay=True)
    body["questions"][-1]["interactions"][0]["points_mpt"] = 0
    await store(server, body)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    (await mark(server, attempt_id, "essay", score_mpt=0)).ok()
    assert (await seen(server, attempt_id)).ok()["complete"]
    await applied(server, await store(server, exam(essay=True)))
    await server.node.marker.mark([attempt_id])
    assert (await seen(server, attempt_id)).code == Code.NOT_READY
    # It is the first mark that says something, and no correction.
    path = f"/test-attempts/{attempt_id}/marks/essay"
    given = (await server.call("PUT", path, server.token(Role.MARKER, "mia"), {"score_mpt": 2_000})).ok()
    assert (given["complete"], given["score_mpt"], given["status"]) == (True, 2_000, "completed")


async def test_an_answer_that_was_changed_after_its_mark_waits_for_nobody_where_it_does_not_count(
    server: RunningServer,
) -> None:
    await server.make_test(essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    path = f"/test-attempts/{attempt_id}"
    (await mark(server, attempt_id, "essay", score_mpt=4_000)).ok()
    (await server.call("POST", f"{path}/reopen", server.instructor, {"left_ms": 60_000, "reason": "again"})).ok()
    changed = {"n": 10, "question_id": "essay", "value": "Another one.", "client_at_ms": 0}
    (await server.call("POST", f"{path}/answers", server.service, {"answers": [changed]})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "submitted")
    body = exam(essay=True)
    body["questions"][-1]["scored"] = False
    await applied(server, await store(server, body))
    await server.node.marker.mark([attempt_id])
    result = (await seen(server, attempt_id)).ok()
    assert (result["complete"], result["score_mpt"], result["max_mpt"]) == (True, SCORE_MPT, SCORE_MPT)
    assert (await server.call("GET", f"{path}/essays", server.instructor)).ok()["essays"] == []
    # It counts again, and the person who marked it has not read what it says now.
    await applied(server, 2)
    await server.node.marker.mark([attempt_id])
    (essay,) = (await server.call("GET", f"{path}/essays", server.instructor)).ok()["essays"]
    assert (essay["score_mpt"], essay["outdated_mpt"]) == (None, 4_000)


async def test_other_questions_are_refused_by_name(server: RunningServer) -> None:
    await submitted(server, ANSWERS)
    body = exam()
    body["questions"][1]["body"] = "Something else?"
    refused = await regrade(server, key_version=await store(server, body))
    assert refused.code == Code.QUESTIONS_DIFFER
    assert "asks question 'multiple' differently" in refused.body["detail"]
    body["questions"] = exam()["questions"][:-1]
    refused = await regrade(server, key_version=await store(server, body), dry_run=True)
    assert "'word'" in refused.body["detail"]
    assert (await regrade(server, key_version=99)).code == Code.NOT_FOUND
    assert (await regrade(server, key_version=1, reason="")).code == Code.OUT_OF_RANGE
    assert (await regrade(server, key_version=1, reason=" \u200b")).code == Code.REASON_REQUIRED
    body = exam()
    body["questions"][0]["interactions"][0]["points_mpt"] = 0
    tried = (await regrade(server, key_version=await store(server, body), dry_run=True)).ok()
    assert (tried["changes"][0]["after_mpt"], tried["changes"][0]["after_max_mpt"]) == (SCORE_MPT - 1_000,) * 2


async def test_who_may_regrade(server: RunningServer) -> None:
    body = {"key_version": 1, "reason": WRONG}
    for token, code in (
        (server.token(Role.MARKER, "mia"), Code.FORBIDDEN),
        (server.token(Role.INSTRUCTOR, "grace", branches=["south"]), Code.FORBIDDEN),
        (server.token(Role.INSTRUCTOR, "grace", org="elsewhere"), Code.NOT_FOUND),
    ):
        assert (await server.call("POST", f"/tests/{TEST}/regrades", token, body)).code == code
    assert (await server.call("GET", f"/tests/{TEST}/regrades/none", server.instructor)).code == Code.NOT_FOUND


async def test_a_reopened_attempt_takes_none_and_is_counted(server: RunningServer) -> None:
    sits, done = await server.started("bob"), await submitted(server, ANSWERS)
    await server.reaches(done, "completed")
    progress = await applied(server, await store(server, with_key("c")))
    assert (progress["done"], progress["refused"]) == (1, 0), "who sits is not among them"
    (await server.call("POST", f"/test-attempts/{sits}/complete", server.service, {})).ok()
    await server.reaches(sits, "completed")
    again = await applied(server, 2)
    assert (again["done"], again["refused"]) == (2, 0)


async def test_a_mark_by_hand_is_corrected_with_a_reason(server: RunningServer) -> None:
    await server.make_test(essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    (await mark(server, attempt_id, "essay", score_mpt=1_000)).ok()
    assert not (await seen(server, attempt_id)).ok()["corrected"], "the first marks that she is shown"
    assert (await mark(server, attempt_id, "essay", score_mpt=4_000)).code == Code.MARKS_FINAL
    body = {"score_mpt": 4_000, "reason": "A page was overlooked.", "remark": "Better."}
    path = f"/test-attempts/{attempt_id}/marks/essay"
    assert (await server.call("PUT", path, server.token(Role.MARKER, "mia"), body)).code == Code.FORBIDDEN
    corrected = (await server.call("PUT", path, server.instructor, body)).ok()
    assert (corrected["score_mpt"], corrected["status"]) == (SCORE_MPT + 4_000, "completed")
    assert (await versions(server, attempt_id))[-2:] == [
        (2, 2, SCORE_MPT + 1_000, "", "grace"),
        (3, 2, SCORE_MPT + 4_000, "A page was overlooked.", "grace"),
    ]
    shown = (await seen(server, attempt_id)).ok()
    assert (shown["score_mpt"], shown["marks"][-1]["remark"], shown["reason"]) == (SCORE_MPT + 4_000, "Better.", "")
    assert shown["corrected"]


async def test_the_totals_are_over_all_attempts_and_say_whose_grade_changes(
    either_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = either_server
    monkeypatch.setattr("server.api.regrades._PAGE", 2)
    grades = [{"label": "pass", "from_permille": 900}]
    await server.make_test(grades=grades)
    for user_id, single in (("ada", "b"), ("bob", "c"), ("cleo", "b"), ("dora", "a"), ("eve", "b")):
        attempt_id = await server.started(user_id)
        answers = [
            {"n": n, "question_id": question, "value": value, "client_at_ms": 0}
            for n, (question, value) in enumerate((ANSWERS | {"single": single}).items(), 1)
        ]
        (await server.call("POST", f"/test-attempts/{attempt_id}/answers", server.service, {"answers": answers})).ok()
        (await server.call("POST", f"/test-attempts/{attempt_id}/complete", server.service, {})).ok()
        await server.reaches(attempt_id, "completed")
    body = with_key("c")
    body["rules"]["grades"] = grades
    version = await store(server, body)
    first = (await regrade(server, key_version=version, dry_run=True)).ok()
    assert first["totals"] == {
        "attempts": 5,
        "changed": 4,
        "gain": 1,
        "lose": 3,
        "gained_mpt": 1_000,
        "lost_mpt": 3_000,
        "most_gained_mpt": 1_000,
        "most_lost_mpt": 1_000,
        "grades_changed": 4,
    }
    second = (await regrade(server, key_version=version, dry_run=True, after=first["next"])).ok()
    assert (second["totals"], second["next"]) == (first["totals"], None)
    changes = first["changes"] + second["changes"]
    assert [(one["user_id"], one["before_grade"], one["after_grade"]) for one in changes] == [
        ("ada", "pass", None),
        ("bob", None, "pass"),
        ("cleo", "pass", None),
        ("eve", "pass", None),
    ]


async def test_a_regrade_and_the_new_marks_are_told_to_the_platform(server: RunningServer) -> None:
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    await applied(server, await store(server, with_key("c")))
    await server.node.marker.mark([attempt_id])
    told = [(topic, said["attempt_id"]) for topic, said in await server.told()]
    assert told[-2:] == [("attempt.regraded", attempt_id), ("attempt.assessed", attempt_id)]
