"""What a candidate sees of her paper and her result, and when."""

from typing import Any

import pytest

from protocol.codes import Code
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST, exam
from tests.server.harness.running import HOUR_MS, Reply, RunningServer
from tests.server.marking.test_marker import submitted


async def seen(server: RunningServer, attempt_id: str, what: str = "result", token: str | None = None) -> Reply:
    return await server.call("GET", f"/test-attempts/{attempt_id}/{what}", token or server.token())


async def mark(server: RunningServer, attempt_id: str, question_id: str, **body: Any) -> Reply:
    return await server.call("PUT", f"/test-attempts/{attempt_id}/marks/{question_id}", server.instructor, body)


async def test_a_candidate_sees_nothing_of_a_result_that_is_not_complete(server: RunningServer) -> None:
    await server.make_test("essays", essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."}, "essays")
    (await mark(server, attempt_id, "single", score_mpt=0, remark="a draft: copied?")).ok()
    refused = await seen(server, attempt_id)
    assert (refused.code, refused.body["retry"]) == (Code.NOT_READY, "later")
    assert b"draft" not in refused.raw
    assert (await seen(server, attempt_id, token=server.instructor)).ok()["marks"][0]["remark"] == "a draft: copied?"
    (await mark(server, attempt_id, "essay", score_mpt=4_500, remark="Well said")).ok()
    result = (await seen(server, attempt_id)).ok()
    assert (result["complete"], result["score_mpt"]) == (True, SCORE_MPT - 1_000 + 4_500)
    assert {one["marked_by"] for one in result["marks"]} == {None}, "who marked is nobody's business"
    assert [one["remark"] for one in result["marks"] if one["remark"]] == ["a draft: copied?", "Well said"]
    by = [one["marked_by"] for one in (await seen(server, attempt_id, token=server.instructor)).ok()["marks"]]
    assert by.count("grace") == 2


async def test_the_marks_of_single_questions_come_when_nobody_sits_any_more(server: RunningServer) -> None:
    closes_at_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test("window", closes_at_ms=closes_at_ms, grace_ms=2_000)
    attempt_id = await submitted(server, ANSWERS, "window")
    await server.reaches(attempt_id, "completed")
    early = (await seen(server, attempt_id)).ok()
    assert (early["score_mpt"], early["marks"], early["marks_from_ms"]) == (SCORE_MPT, [], closes_at_ms + 2_000)
    slow = await server.started("bob", test_id="window")
    (await server.call("POST", f"/test-attempts/{slow}/extend", server.service, {"add_ms": HOUR_MS})).ok()
    server.pass_time(HOUR_MS + 2_000)
    still = (await seen(server, attempt_id)).ok()
    assert (still["score_mpt"], still["marks"]) == (SCORE_MPT, []), "Bob has been given more time"
    assert still["marks_from_ms"] > server.clock.now_ms()
    (await server.call("POST", f"/test-attempts/{slow}/complete", server.service, {})).ok()
    await server.reaches(slow, "completed")
    server.pass_time(5_000)
    late = (await seen(server, attempt_id)).ok()
    assert (len(late["marks"]), late["marks_from_ms"]) == (len(ANSWERS), None)


async def test_without_a_window_they_come_with_the_result_also_while_she_sits_a_further_attempt(
    server: RunningServer,
) -> None:
    """Who is to learn nothing for her next attempt has `shows: score`, or a window."""
    await server.make_test(max_attempts=2)
    first = await submitted(server, ANSWERS)
    await server.reaches(first, "completed")
    await server.started()
    assert len((await seen(server, first)).ok()["marks"]) == len(ANSWERS)
    await server.make_test(max_attempts=2, shows="score")
    assert (await seen(server, first)).ok()["marks"] == []


async def test_a_person_may_mark_below_zero_where_the_question_takes_points_away(server: RunningServer) -> None:
    body = exam(essay=True)
    body["questions"][0]["interactions"][0]["wrong_mpt"] = 500
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    (await mark(server, attempt_id, "single", score_mpt=-500, remark="Copied")).ok()
    for question_id, least in (("single", -500), ("fact", 0), ("essay", 0)):
        refused = await mark(server, attempt_id, question_id, score_mpt=least - 1)
        assert refused.code == Code.WRONG_MARK
        assert f"between {least} and" in refused.body["detail"]
    result = (await mark(server, attempt_id, "essay", score_mpt=0)).ok()
    assert (result["score_mpt"], result["marks"][0]["score_mpt"]) == (SCORE_MPT - 1_500, -500)
    assert (await mark(server, attempt_id, "nowhere", score_mpt=0, reason="x")).code == Code.UNKNOWN_QUESTION


@pytest.mark.parametrize("who", ["user", "group"])
async def test_whoever_has_a_later_window_of_her_own_is_waited_for(server: RunningServer, who: str) -> None:
    """Also before she has an attempt: the marks of questions would tell her the answers."""
    closes_at_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test("window", closes_at_ms=closes_at_ms, grace_ms=2_000)
    attempt_id = await submitted(server, ANSWERS, "window")
    await server.reaches(attempt_id, "completed")
    later_ms = closes_at_ms + 2 * HOUR_MS
    (await server.call("PUT", "/people/bob", server.service, {"name": "Bob"})).ok()
    (await server.call("PUT", "/groups/late", server.service, {"title": "Late"})).ok()
    for user in ("bob", "ada"):
        (await server.call("PUT", f"/groups/late/members/{user}", server.service)).ok()
    path = f"/tests/window/overrides/{'users/bob' if who == 'user' else 'groups/late'}"
    (await server.call("PUT", path, server.instructor, {"override": {"closes_at_ms": later_ms}})).ok()

    async def shown() -> tuple[int, int | None]:
        server.pass_time(5_000)
        result = (await seen(server, attempt_id)).ok()
        return len(result["marks"]), result["marks_from_ms"]

    server.pass_time(HOUR_MS + 10_000)
    assert await shown() == (0, later_ms + 2_000)
    bobs = await server.make_attempt("bob", test_id="window")
    assert await shown() == (0, later_ms + 2_000)
    (await server.call("POST", f"/test-attempts/{bobs}/start", server.service, {})).ok()
    (marks, from_ms) = await shown()
    assert marks == 0
    assert from_ms is not None
    assert from_ms < later_ms, "his time ends before his window"
    (await server.call("POST", f"/test-attempts/{bobs}/complete", server.service, {})).ok()
    await server.reaches(bobs, "completed")
    assert await shown() == (len(ANSWERS), None)


async def test_nobody_waits_for_whoever_never_comes_or_may_come_at_any_time(server: RunningServer) -> None:
    closes_at_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test("window", closes_at_ms=closes_at_ms)
    attempt_id = await submitted(server, ANSWERS, "window")
    await server.reaches(attempt_id, "completed")
    for user, override in (("bob", {"closes_at_ms": closes_at_ms + HOUR_MS}), ("cy", {"never_closes": True})):
        (await server.call("PUT", f"/people/{user}", server.service, {"name": user})).ok()
        path = f"/tests/window/overrides/users/{user}"
        (await server.call("PUT", path, server.instructor, {"override": override})).ok()
    server.pass_time(2 * HOUR_MS + 10_000)
    assert len((await seen(server, attempt_id)).ok()["marks"]) == len(ANSWERS)


async def test_what_the_test_shows_now_counts_for_those_who_are_done(server: RunningServer) -> None:
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    assert (await seen(server, attempt_id)).ok()["marks"]
    await server.make_test(shows="reference")
    assert (await seen(server, attempt_id)).code == Code.RESULT_HIDDEN
    assert (await seen(server, attempt_id, token=server.service)).ok()["marks"], "staff see it"
    await server.make_test(closes_at_ms=server.clock.now_ms() + HOUR_MS)
    assert (await seen(server, attempt_id)).ok()["marks"] == [], "it is open again for others"


@pytest.mark.parametrize(
    ("how", "code"), [("complete", Code.ALREADY_SUBMITTED), ("end", Code.DEADLINE_PASSED), ("cancel", Code.CANCELLED)]
)
async def test_after_the_end_a_candidate_sees_no_question(server: RunningServer, how: str, code: Code) -> None:
    attempt_id = await server.started()
    assert (await seen(server, attempt_id, "paper")).status == 200
    body = {} if how == "complete" else {"reason": "room needed"}
    token = server.service if how == "complete" else server.instructor
    (await server.call("POST", f"/test-attempts/{attempt_id}/{how}", token, body)).ok()
    if how == "end":
        await server.advance(60_000)
        await server.reaches(attempt_id, "completed")
    attempt_token = server.token(attempt_id=attempt_id)
    for one in (server.token(), attempt_token):
        refused = await seen(server, attempt_id, "paper", one)
        assert (refused.status, refused.code) == (409, code)
    arrival = {"client": "test", "device": "phone", "connect_n": 1, "takeover": True, "seen_seq": 0}
    back = (await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), arrival)).ok()
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        welcome = await socket.until("welcome")
    assert {welcome["instructions"], back["instructions"]} == {""}, "they may quote the exam"
    assert (await seen(server, attempt_id, "paper", server.instructor)).status == 200, "staff still do"


async def test_who_is_let_in_again_sees_the_questions_again(server: RunningServer) -> None:
    attempt_id = await submitted(server, {"fact": "true"})
    await server.reaches(attempt_id, "completed")
    body = {"left_ms": 60_000, "reason": "go on"}
    (await server.call("POST", f"/test-attempts/{attempt_id}/reopen", server.instructor, body)).ok()
    assert (await seen(server, attempt_id, "paper")).status == 200
