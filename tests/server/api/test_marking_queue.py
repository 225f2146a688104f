"""The queue of answers that persons mark: who has which answer in hand, blind marking, and marks by two."""

import asyncio
from typing import Any

import pytest

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rules.second_marking import handle_of
from tests.server.api.test_regrades import applied, store
from tests.server.conftest import SELDOM_ON_POSTGRES, Pair
from tests.server.harness.exam import ANSWERS, TEST, exam
from tests.server.harness.running import Reply, RunningServer
from tests.server.harness.waiting import eventually

QUEUE = f"/tests/{TEST}/marking-queue"


async def written(server: RunningServer, *users: str, **rules: Any) -> list[str]:
    """Attempts of these candidates, each with an essay that waits, as they stand in the queue."""
    await server.make_test(essay=True, **rules)
    for user in users:
        await written_by(server, user)
    listed = (await server.call("GET", QUEUE, server.instructor)).ok()["answers"]
    return [one["attempt_id"] for one in listed]


async def handle(server: RunningServer, attempt_id: str) -> str:
    """The id by which whoever marks blind knows the attempt."""
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    return handle_of(live.committed.key)


async def written_by(server: RunningServer, user: str) -> str:
    attempt_id = await server.started(user, display_name=f"Name of {user}")
    path = f"/test-attempts/{attempt_id}"
    answers = [
        {"n": n, "question_id": question_id, "value": value, "client_at_ms": 0}
        for n, (question_id, value) in enumerate((ANSWERS | {"essay": f"Essay of {user}"}).items(), 1)
    ]
    (await server.call("POST", f"{path}/answers", server.service, {"answers": answers})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.node.marker.mark([attempt_id])
    return attempt_id


def marker(server: RunningServer, name: str) -> str:
    return server.token(Role.MARKER, name)


async def claim(server: RunningServer, name: str, **body: Any) -> Any:
    return (await server.call("POST", f"{QUEUE}/claim", marker(server, name), body)).ok()["task"]


async def give(server: RunningServer, name: str, attempt_id: str, score_mpt: int, remark: str = "") -> Reply:
    path = f"/test-attempts/{attempt_id}/marks/essay"
    return await server.call("PUT", path, marker(server, name), {"score_mpt": score_mpt, "remark": remark})


async def queue(server: RunningServer, name: str = "mia", query: str = "") -> Any:
    return (await server.call("GET", QUEUE + query, marker(server, name))).ok()


async def essay_mark(server: RunningServer, attempt_id: str) -> Any:
    result = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.instructor)).ok()
    return next(mark for mark in result["marks"] if mark["question_id"] == "essay")


async def test_an_answer_is_in_one_pair_of_hands(server: RunningServer) -> None:
    first, second = await written(server, "ada", "bob")
    listed = await queue(server)
    assert (listed["waiting"], listed["questions"]) == (2, [{"question_id": "essay", "waiting": 2}])
    assert [one["attempt_id"] for one in listed["answers"]] == [first, second]
    task = await claim(server, "mia")
    essay = f"Essay of {task['answer']['user_id']}"
    assert (task["answer"]["attempt_id"], task["parts"][0]["value"], task["max_mpt"]) == (first, essay, 5_000)
    assert (await claim(server, "mia"))["answer"]["attempt_id"] == first, "again it is the same one, for longer"
    assert (await claim(server, "tom"))["answer"]["attempt_id"] == second
    assert await claim(server, "eve") is None
    assert [(one["claimed"], one["yours"]) for one in (await queue(server))["answers"]] == [(True, True), (True, False)]
    assert (await give(server, "tom", first, 1_000)).code == Code.CLAIMED
    assert (await give(server, "mia", first, 5_001)).code == Code.WRONG_MARK
    (await give(server, "mia", first, 4_000, "Good")).ok()
    assert (await essay_mark(server, first))["marked_by"] == "mia"
    assert (await queue(server))["waiting"] == 1
    # Whoever goes away without a word has it for a quarter of an hour.
    server.pass_time(limits.MARKING_LEASE_MS)
    assert (await claim(server, "eve"))["answer"]["attempt_id"] == second
    body = {"attempt_id": second, "question_id": "essay"}
    released = await server.call("POST", f"{QUEUE}/release", marker(server, "tom"), body)
    assert released.ok() == {"released": False}, "it is in other hands by now"
    assert (await server.call("POST", f"{QUEUE}/release", marker(server, "eve"), body)).ok() == {"released": True}
    (await give(server, "tom", second, 1_000)).ok()
    assert (await queue(server))["answers"] == []


async def test_page_by_page_in_both_orders(server: RunningServer) -> None:
    attempts = await written(server, "ada", "bob", "cleo")
    for by in ("question", "candidate"):
        first = await queue(server, query=f"?by={by}&limit=2")
        second = await queue(server, query=f"?by={by}&limit=2&after={first['next']}")
        assert [one["attempt_id"] for one in first["answers"] + second["answers"]] == attempts
        assert second["next"] is None
    behind = (await claim(server, "mia"))["place"]
    assert (await claim(server, "mia", after=behind))["answer"]["attempt_id"] == attempts[1]
    assert (await claim(server, "tom", attempt_id=attempts[2]))["answer"]["attempt_id"] == attempts[2]
    assert await claim(server, "tom", question_id="single") is None
    assert (await server.call("GET", f"{QUEUE}?after=nothing", marker(server, "mia"))).code == Code.OUT_OF_RANGE
    assert (await server.call("GET", QUEUE, server.token())).code == Code.FORBIDDEN
    elsewhere = server.token(Role.MARKER, "mia", branches=["elsewhere"])
    assert (await server.call("GET", QUEUE, elsewhere)).ok()["waiting"] == 0
    assert (await server.call("POST", f"{QUEUE}/claim", elsewhere, {})).ok()["task"] is None


async def test_answers_are_found_by_question_and_by_candidate(server: RunningServer) -> None:
    first, second = await written(server, "ada", "bob")
    by_user = {one["user_id"]: one["attempt_id"] for one in (await queue(server))["answers"]}
    bob, ada = by_user["bob"], by_user["ada"]

    async def found(query: str) -> list[str]:
        return [one["attempt_id"] for one in (await queue(server, query=query))["answers"]]

    assert await found("?question_id=essay") == [first, second]
    assert await found("?question_id=other") == []
    assert await found("?user_id=bob") == await found(f"?attempt_id={bob.upper()}&by=candidate") == [bob]
    assert await found(f"?user_id=bob&attempt_id={ada}") == await found("?attempt_id=none") == []
    assert (await queue(server, query="?user_id=bob"))["waiting"] == 2, "all that wait are counted"
    assert (await claim(server, "mia", user_id="bob"))["answer"]["attempt_id"] == bob
    assert await claim(server, "tom", user_id="bob") is None
    assert await claim(server, "tom", attempt_id="none") is None


async def test_a_blind_marker_finds_no_answer_by_its_candidate(server: RunningServer) -> None:
    (attempt_id,) = await written(server, "ada", blind_marking=True)
    assert (await queue(server))["blind"]
    hers = await handle(server, attempt_id)
    assert [one["attempt_id"] for one in (await queue(server, query=f"?attempt_id={hers}"))["answers"]] == [hers]
    assert (await queue(server, query=f"?attempt_id={attempt_id}"))["answers"] == []
    for user in ("ada", "nobody"):
        listed = await server.call("GET", f"{QUEUE}?user_id={user}", marker(server, "mia"))
        taken = await server.call("POST", f"{QUEUE}/claim", marker(server, "mia"), {"user_id": user})
        assert {listed.code, taken.code} == {Code.FORBIDDEN}
    assert (await server.call("GET", f"{QUEUE}?user_id=ada", server.instructor)).ok()["answers"]


async def test_a_marker_who_is_blind_learns_no_name(server: RunningServer) -> None:
    (attempt_id,) = await written(server, "ada", blind_marking=True)
    hers = await handle(server, attempt_id)
    replies = [
        await server.call("GET", QUEUE, marker(server, "mia")),
        await server.call("POST", f"{QUEUE}/claim", marker(server, "mia"), {}),
        await server.call("GET", f"/test-attempts/{hers}/essays", marker(server, "mia")),
        await give(server, "mia", hers, 4_000),
    ]
    for reply in replies:
        reply.ok()
        for word in (b'"ada"', b"Name of ada"):
            assert word not in reply.raw
    again = await written_by(server, "bob")
    seen = (await server.call("GET", QUEUE, server.instructor)).ok()["answers"]
    assert [(one["attempt_id"], one["candidate"], one["user_id"]) for one in seen] == [(again, "Name of bob", "bob")]


async def test_a_blind_marker_learns_nothing_of_the_order_and_the_time_of_attempts(server: RunningServer) -> None:
    """Ids of attempts are made in the order in which people came, and say when. She knows attempts by handles, in the
    order of which the queue stands; neither the instants nor the numbers of answers are told to her."""
    attempts = await written(server, *(f"user-{number}" for number in range(6)), blind_marking=True)
    handles = [await handle(server, attempt_id) for attempt_id in attempts]
    listed = await queue(server)
    assert [one["attempt_id"] for one in listed["answers"]] == handles == sorted(handles)
    raw = [(await server.call("GET", QUEUE, marker(server, "mia"))).raw]
    hers = handles[0]
    claimed = await server.call("POST", f"{QUEUE}/claim", marker(server, "mia"), {"attempt_id": hers})
    answers = await server.call("GET", f"/test-attempts/{hers}/answers", marker(server, "mia"))
    assert {(one["n"], one["saved_at_ms"]) for one in answers.ok()["answers"]} == {(0, 0)}
    assert claimed.ok()["task"]["place"] == f"{hers}/essay"
    paper = await server.call("GET", f"/test-attempts/{hers}/paper", marker(server, "mia"))
    raw += [claimed.raw, answers.raw, paper.raw, (await give(server, "mia", hers, 4_000)).raw]
    body = {"attempt_id": hers, "question_id": "essay"}
    (await server.call("POST", f"{QUEUE}/release", marker(server, "mia"), body)).ok()
    assert not [one for one in attempts for reply in raw if one.encode() in reply]
    for attempt_id in attempts:
        for call in ("paper", "answers", "essays"):
            reply = await server.call("GET", f"/test-attempts/{attempt_id}/{call}", marker(server, "mia"))
            assert reply.code == Code.NOT_FOUND, "nor does an id that somebody has told her open anything"
        assert (await give(server, "mia", attempt_id, 1_000)).code == Code.NOT_FOUND
    assert (await server.call("GET", f"/test-attempts/{hers}/answers", server.instructor)).code == Code.NOT_FOUND


async def test_two_who_agree_come_to_the_mean(server: RunningServer) -> None:
    (attempt_id,) = await written(server, "ada", second_marking_permille=1_000, max_attempts=None)
    assert (await give(server, "mia", attempt_id, 4_000, "Good")).ok()["complete"] is False
    assert (await queue(server))["answers"][0]["stage"] == "second"
    assert await claim(server, "mia") is None, "nobody confirms herself"
    task = await claim(server, "tom")
    assert (task["answer"]["stage"], task["given"]) == ("second", []), "he does not see her mark"
    (await give(server, "tom", attempt_id, 4_500, "Well said")).ok()
    mark = await essay_mark(server, attempt_id)
    assert (mark["score_mpt"], mark["remark"]) == (4_250, "Good\nWell said")
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.instructor)).ok()["entries"]
    (reason,) = [entry["fact"]["reason"] for entry in log if entry["kind"] == "hand_marked"]
    assert reason == "(marked by two: mia: 4, tom: 4.5)"


async def test_a_mark_by_two_that_is_sent_again_is_the_same_one(server: RunningServer) -> None:
    """The reply to it may have been lost."""
    (attempt_id,) = await written(server, "ada", second_marking_permille=1_000)
    path = f"/test-attempts/{attempt_id}/marks/essay"
    (await give(server, "mia", attempt_id, 4_000)).ok()
    for _ in range(2):
        body = {"score_mpt": 4_500, "command_id": "tom-1"}
        assert (await server.call("PUT", path, marker(server, "tom"), body)).ok()["complete"]
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.instructor)).ok()["entries"]
    assert [entry["kind"] for entry in log].count("hand_marked") == 1


@SELDOM_ON_POSTGRES
async def test_one_marker_alone_overrules_no_mark_by_two(either_server: RunningServer) -> None:
    server = either_server
    body = exam(essay=True, second_marking_permille=1_000)
    body["questions"].append(body["questions"][-1] | {"question_id": "other"})
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    attempt_id = await server.started()
    answers = [
        {"n": n, "question_id": question_id, "value": "Because.", "client_at_ms": 0}
        for n, question_id in enumerate(("essay", "other"), 1)
    ]
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/answers", server.service, {"answers": answers})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    # Whoever is quicker than the marker is not spared the second mark either.
    assert (await give(server, "mia", attempt_id, 4_000)).ok()["complete"] is False
    (await give(server, "tom", attempt_id, 4_500)).ok()
    assert (await essay_mark(server, attempt_id))["score_mpt"] == 4_250
    refused = await give(server, "mia", attempt_id, 1_000)
    assert (refused.code, refused.body["detail"][:11]) == (Code.FORBIDDEN, "Two persons")
    by_grace = {"score_mpt": 1_000}
    assert (await server.call("PUT", f"{path}/marks/essay", server.instructor, by_grace)).code == Code.MARKS_FINAL
    corrected = by_grace | {"reason": "A page was overlooked."}
    (await server.call("PUT", f"{path}/marks/essay", server.instructor, corrected)).ok()
    assert (await essay_mark(server, attempt_id))["score_mpt"] == 1_000


@SELDOM_ON_POSTGRES
async def test_a_first_mark_out_of_other_points_is_given_again(either_server: RunningServer) -> None:
    server = either_server
    (attempt_id,) = await written(server, "ada", second_marking_permille=1_000)
    (await give(server, "mia", attempt_id, 4_000)).ok()
    body = exam(essay=True, second_marking_permille=1_000)
    body["questions"][-1]["interactions"][0]["points_mpt"] = 10_000
    await applied(server, await store(server, body))
    await server.node.marker.mark([attempt_id])
    task = await claim(server, "tom")
    assert (task["answer"]["stage"], task["answer"]["returned"], task["max_mpt"]) == ("first", True, 10_000)
    (await give(server, "tom", attempt_id, 8_000)).ok()
    (await give(server, "mia", attempt_id, 8_500)).ok()
    assert (await essay_mark(server, attempt_id))["score_mpt"] == 8_250


async def test_a_third_one_decides_where_two_differ(server: RunningServer) -> None:
    (attempt_id,) = await written(server, "ada", second_marking_permille=1_000, marking_tolerance_permille=100)
    (await give(server, "mia", attempt_id, 1_000, "Weak")).ok()
    (await give(server, "mia", attempt_id, 1_500, "Weak")).ok()
    (await give(server, "tom", attempt_id, 4_000, "Strong")).ok()
    assert (await queue(server))["answers"][0]["stage"] == "decision"
    assert await claim(server, "tom") is None
    refused = await give(server, "tom", attempt_id, 2_000)
    assert (refused.code, refused.body["detail"]) == (
        Code.FORBIDDEN,
        "The two markers differ by too much: somebody else decides.",
    )
    task = await claim(server, "eve")
    assert [(one["score_mpt"], one["remark"]) for one in task["given"]] == [(1_500, "Weak"), (4_000, "Strong")]
    result = (await give(server, "eve", attempt_id, 3_000, "In between")).ok()
    assert (result["complete"], result["score_mpt"]) == (True, 3_000)
    assert (await queue(server))["waiting"] == 0


async def test_a_changed_answer_comes_back_and_says_so(either_server: RunningServer) -> None:
    server = either_server
    (attempt_id,) = await written(server, "ada", second_marking_permille=1_000, marking_tolerance_permille=1_000)
    (await give(server, "mia", attempt_id, 4_000)).ok()

    async def reopened(value: str, n: int) -> None:
        path = f"/test-attempts/{attempt_id}"
        (await server.call("POST", f"{path}/reopen", server.instructor, {"left_ms": 60_000, "reason": "x"})).ok()
        assert (await queue(server))["waiting"] == 0, "she sits it"
        answer = {"n": n, "question_id": "essay", "value": value, "client_at_ms": 0}
        (await server.call("POST", f"{path}/answers", server.service, {"answers": [answer]})).ok()
        (await server.call("POST", f"{path}/complete", server.service, {})).ok()
        await eventually(lambda: server.node.marker.waiting == 0)
        await server.node.marker.mark([attempt_id])

    await reopened("Another essay", 10)
    task = await claim(server, "mia")
    assert (task["parts"][0]["value"], task["answer"]["stage"], task["answer"]["returned"]) == (
        "Another essay",
        "first",
        True,
    )
    (await give(server, "mia", attempt_id, 2_000)).ok()
    (await give(server, "tom", attempt_id, 3_000)).ok()
    assert (await essay_mark(server, attempt_id))["score_mpt"] == 2_500
    await reopened("A third essay", 20)
    task = await claim(server, "mia")
    assert (task["answer"]["stage"], task["answer"]["returned"], task["outdated_mpt"]) == ("first", True, 2_500)


@pytest.mark.postgres
async def test_two_nodes_never_give_the_same_answer_to_two(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    attempts = await written(one, *(f"user-{number}" for number in range(6)))
    names = [f"marker-{number}" for number in range(8)]
    tasks = await asyncio.gather(*(claim((one, two)[at % 2], name) for at, name in enumerate(names)))
    given = [task["answer"]["attempt_id"] for task in tasks if task is not None]
    assert sorted(given) == sorted(set(given))
    # Whoever looked while others chose may have to look again; nothing is left over in the end.
    rest = [await claim(two, name) for name, task in zip(names, tasks, strict=True) if task is None]
    given += [task["answer"]["attempt_id"] for task in rest if task is not None]
    assert sorted(given) == sorted(attempts)


RUBRIC = [
    {"name": "Argument", "levels": [{"points_mpt": 0, "says": "None."}, {"points_mpt": 3_000, "says": "Sound."}]},
    {"name": "Style", "levels": [{"points_mpt": 0, "says": "Muddled."}, {"points_mpt": 2_000, "says": "Clear."}]},
]


def judged(argument: int, style: int) -> dict[str, Any]:
    criteria = [{"name": "Argument", "score_mpt": argument}, {"name": "Style", "score_mpt": style}]
    return {"score_mpt": argument + style, "criteria": criteria}


async def judged_by(server: RunningServer, name: str, attempt_id: str, body: dict[str, Any]) -> Reply:
    return await server.call("PUT", f"/test-attempts/{attempt_id}/marks/essay", marker(server, name), body)


async def with_rubric(server: RunningServer, **rules: Any) -> str:
    body = exam(essay=True, **rules)
    body["questions"][-1]["rubric"] = RUBRIC
    await store(server, body)
    return await written_by(server, "ada")


async def test_a_rubric_goes_from_the_author_over_the_marker_to_the_candidate(server: RunningServer) -> None:
    attempt_id = await with_rubric(server, shows="feedback", closes_at_ms=None)
    assert (await claim(server, "mia"))["rubric"] == RUBRIC
    for body in (judged(3_000, 1_000), judged(3_000, 2_000) | {"score_mpt": 4_000}):
        assert (await judged_by(server, "mia", attempt_id, body)).code == Code.WRONG_MARK
    (await judged_by(server, "mia", attempt_id, judged(3_000, 0))).ok()
    told = [
        {"name": "Argument", "score_mpt": 3_000, "max_mpt": 3_000, "says": "Sound."},
        {"name": "Style", "score_mpt": 0, "max_mpt": 2_000, "says": "Muddled."},
    ]
    assert (await essay_mark(server, attempt_id))["criteria"] == told
    essays = (await server.call("GET", f"/test-attempts/{attempt_id}/essays", server.instructor)).ok()["essays"]
    assert (essays[0]["rubric"], essays[0]["criteria"]) == (RUBRIC, judged(3_000, 0)["criteria"])
    path = f"/test-attempts/{attempt_id}/result"
    candidate = server.token(Role.CANDIDATE, "ada")
    hers = (await server.call("GET", path, candidate)).ok()["marks"][-1]
    assert (hers["criteria"], hers["marked_by"]) == (told, None)
    # Where the test shows marks and no feedback she reads the points, and none of the author's words.
    body = exam(essay=True, shows="questions", closes_at_ms=None)
    body["questions"][-1]["rubric"] = RUBRIC
    await store(server, body)
    hers = (await server.call("GET", path, candidate)).ok()["marks"][-1]
    assert hers["criteria"] == [one | {"says": None} for one in told]


async def test_whoever_corrects_a_mark_out_of_other_points_chooses_levels_anew(server: RunningServer) -> None:
    attempt_id = await with_rubric(server)
    (await judged_by(server, "mia", attempt_id, judged(3_000, 0))).ok()
    body = exam(essay=True)
    body["questions"][-1]["interactions"][0]["points_mpt"] = 8_000
    more = {"points_mpt": 6_000, "says": "Sound and new."}
    body["questions"][-1]["rubric"] = [RUBRIC[0] | {"levels": [*RUBRIC[0]["levels"], more]}, RUBRIC[1]]
    await applied(server, await store(server, body))
    (essay,) = (await server.call("GET", f"/test-attempts/{attempt_id}/essays", server.instructor)).ok()["essays"]
    assert (essay["score_mpt"], essay["criteria"]) == (4_800, []), "its levels come to 3,000"


async def test_two_markers_judge_by_a_rubric(server: RunningServer) -> None:
    attempt_id = await with_rubric(server, second_marking_permille=1_000, marking_tolerance_permille=400)
    (await judged_by(server, "mia", attempt_id, judged(3_000, 0))).ok()
    (await judged_by(server, "tom", attempt_id, judged(3_000, 2_000))).ok()
    mark = await essay_mark(server, attempt_id)
    assert (mark["score_mpt"], [one["score_mpt"] for one in mark["criteria"]]) == (4_000, [3_000, 1_000])
    other_id = await written_by(server, "bob")
    (await judged_by(server, "mia", other_id, judged(0, 0))).ok()
    (await judged_by(server, "tom", other_id, judged(3_000, 2_000))).ok()
    task = await claim(server, "eve", attempt_id=other_id)
    assert [one["criteria"] for one in task["given"]] == [judged(0, 0)["criteria"], judged(3_000, 2_000)["criteria"]]
    (await judged_by(server, "eve", other_id, judged(3_000, 0))).ok()
    assert [one["score_mpt"] for one in (await essay_mark(server, other_id))["criteria"]] == [3_000, 0]
