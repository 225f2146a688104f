"""A candidate who can only use REST finishes by REST alone."""

import asyncio
from typing import Any

from protocol.codes import Code
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST
from tests.server.harness.running import RunningServer


async def test_a_sitting_without_a_socket(server: RunningServer) -> None:
    token = server.token(name="Ada")
    made = (await server.call("POST", "/test-attempts", token, {"test_id": TEST})).ok()
    path = f"/test-attempts/{made['attempt_id']}"

    async def call(method: str, verb: str, body: Any) -> Any:
        if verb not in ("resume", "result"):
            body = await server.with_connection(f"{path}/{verb}", token, body)
        return (await server.call(method, f"{path}/{verb}", token, body)).ok()

    assert (await call("POST", "resume", server.arrival()))["last_n"] == 0
    await call("POST", "start", {"client_at_ms": 5})
    assert (await call("POST", "start", {}))["state"]["status"] == "in_progress"
    answers = [
        {"n": n, "question_id": question_id, "value": value, "client_at_ms": 0}
        for n, (question_id, value) in enumerate(ANSWERS.items(), 1)
    ]
    first = await call("POST", "answers", {"answers": answers})
    assert first["acked"] == [1, 2, 3, 4, 5]
    again = await call("POST", "answers", {"answers": answers})
    assert (again["acked"], again["seq"]) == (first["acked"], first["seq"]), "one record each"
    await call("PUT", "heartbeat", {"t0_ms": 1})
    ended = await call("POST", "complete", {"n": 6})
    assert (ended["acked"], ended["state"]["status"]) == ([6], "submitted")
    assert (await call("POST", "complete", {"n": 6}))["state"]["reference"] == ended["state"]["reference"]
    await server.reaches(made["attempt_id"], "completed")
    assert (await call("GET", "result", None))["score_mpt"] == SCORE_MPT


async def test_post_does_what_put_does(server: RunningServer) -> None:
    """Some filters between a candidate and the server block `PUT`; nobody may lose an answer by that."""
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    message = {"command_id": "m", "text": "Hello"}
    (await server.call("POST", f"{path}/messages", server.instructor, message)).ok()
    bodies: dict[str, dict[str, Any]] = {
        "progress": {"n": 1, "question_index": 1, "client_at_ms": 0},
        "flags": {"n": 2, "question_id": "fact", "flagged": True, "client_at_ms": 0},
        "receipts": {"n": 3, "message_id": "m", "seen": True, "client_at_ms": 0},
    }
    for verb, body in bodies.items():
        posted = (await server.act("POST", f"{path}/{verb}", server.token(), body)).ok()
        put = (await server.act("PUT", f"{path}/{verb}", server.token(), body)).ok()
        assert (posted["acked"], put["acked"], put["seq"]) == ([body["n"]], [body["n"]], posted["seq"])
    beat = (await server.act("POST", f"{path}/heartbeat", server.token(), {"t0_ms": 1})).ok()
    assert (beat["t0_ms"], beat["unseen"]) == (1, [])


async def test_each_answer_is_saved_or_refused_by_itself(server: RunningServer) -> None:
    attempt_id = await server.started()

    def one(n: int, question_id: str, value: Any) -> dict[str, Any]:
        return {"n": n, "question_id": question_id, "value": value, "client_at_ms": 0}

    body = {
        "answers": [
            one(1, "single", "a"),
            one(2, "single", "z"),
            one(3, "nowhere", "a"),
            one(4, "multiple", "a"),
            one(5, "word", "x" * 21),
            one(6, "fact", "true"),
            one(1, "single", "b"),
            one(100, "fact", "false"),
        ]
    }
    reply = (await server.act("POST", f"/test-attempts/{attempt_id}/answers", server.token(), body)).ok()
    assert reply["acked"] == [1, 6, 100]
    assert [(refused["n"], refused["code"]) for refused in reply["refused"]] == [
        (2, Code.UNKNOWN_OPTION),
        (3, Code.UNKNOWN_QUESTION),
        (4, Code.WRONG_ANSWER_TYPE),
        (5, Code.ANSWER_TOO_LONG),
        (1, Code.NUMBER_REUSED),
    ]


async def test_bodies_beyond_the_limits(server: RunningServer) -> None:
    path = f"/test-attempts/{await server.started()}/answers"
    answer = {"n": 1, "question_id": "word", "value": "x", "client_at_ms": 0}
    cases: list[tuple[Any, Code]] = [
        ({"answers": []}, Code.OUT_OF_RANGE),
        ({"answers": [answer] * 65}, Code.OUT_OF_RANGE),
        ({"answers": [answer | {"value": "x" * 300_000}]}, Code.TOO_LARGE),
    ]
    for body, code in cases:
        assert (await server.call("POST", path, server.token(), body)).code == code


async def test_an_answer_that_cannot_be_read_takes_none_of_the_others_with_it(server: RunningServer) -> None:
    path = f"/test-attempts/{await server.started()}/answers"
    good = {"n": 1, "question_id": "word", "value": "x", "client_at_ms": 0}
    bad: list[tuple[Any, int | None, Code]] = [
        (good | {"n": 2, "value": "x" * 16_001}, 2, Code.ANSWER_TOO_LONG),
        (good | {"n": 3, "value": 7}, 3, Code.WRONG_TYPE),
        (good | {"n": 4, "extra": 1}, 4, Code.UNKNOWN_FIELD),
        ({"n": 5, "question_id": "word"}, 5, Code.MISSING_FIELD),
        (good | {"n": 2**53}, None, Code.OUT_OF_RANGE),
        (good | {"n": 1.5}, None, Code.WRONG_TYPE),
        (good | {"n": 6, "position": 5}, 6, Code.UNKNOWN_QUESTION),
        ("word", None, Code.WRONG_TYPE),
        (None, None, Code.WRONG_TYPE),
        ([[[[[]]]]], None, Code.WRONG_TYPE),
    ]
    last = good | {"n": 9, "value": "y"}
    body = {"answers": [good, *(one for one, _, _ in bad), last]}
    reply = (await server.act("POST", path, server.token(), body)).ok()
    assert reply["acked"] == [1, 9]
    refused = [(one["index"], one["n"], one["code"], one["retry"]) for one in reply["refused"]]
    assert refused == [(index, n, code, "never") for index, (_, n, code) in enumerate(bad, 1)]


async def test_who_reads_and_writes_over_both_ways_is_one_person(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    async with await server.sit(attempt_id) as socket:
        answer = {"n": 1, "question_id": "word", "value": "Euler", "client_at_ms": 0}
        (await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})).ok()
        await socket.send("answer", **answer)
        await socket.until("ack", n=1)
        await asyncio.gather(*(server.act("POST", f"{path}/complete", server.token(), {}) for _ in range(5)))
        assert (await socket.until("state"))["state"]["status"] == "submitted"
    assert [one["n"] for one in (await server.call("GET", f"{path}/answers", server.token())).ok()["answers"]] == [1]
