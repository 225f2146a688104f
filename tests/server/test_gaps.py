"""Handing in with gaps, over the socket and over REST alike."""

from typing import Any

from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.test_sections import parts

_SENTENCE = "These questions must be answered before you hand in: 1, 5."


async def _make(server: RunningServer, content: dict[str, Any]) -> None:
    for question in content["questions"]:
        question["required"] = question["question_id"] in ("single", "word")
    (await server.call("PUT", f"/tests/{TEST}", server.service, content)).ok()


async def test_a_socket_is_refused_and_may_hand_in_when_nothing_is_missing(server: RunningServer) -> None:
    await _make(server, exam(gaps="refuse"))
    attempt_id = await server.make_attempt()
    socket = await server.sit(attempt_id)
    await socket.send("start", n=1, client_at_ms=0)
    await socket.send("submit", n=2, client_at_ms=0)
    refused = await socket.until("refused")
    assert (refused["n"], refused["code"], refused["detail"]) == (2, Code.GAPS, _SENTENCE)
    await socket.send("answer", n=3, question_id="single", value="b", position=None, client_at_ms=0)
    await socket.send("answer", n=4, question_id="word", value="Euler", position=None, client_at_ms=0)
    await socket.until("ack", n=4)
    await socket.send("submit", n=5, client_at_ms=0)
    await socket.until("ack", n=5)
    await server.reaches(attempt_id, "completed")


async def test_over_rest_it_is_refused_alike_for_candidates_and_services(server: RunningServer) -> None:
    await _make(server, exam(gaps="refuse"))
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}/complete"
    for token, body in ((server.token(), {"n": 7, "client_at_ms": 0}), (server.token(), {}), (server.service, {})):
        reply = await server.act("POST", path, token, body)
        assert (reply.status, reply.code, reply.body["detail"]) == (409, Code.GAPS, _SENTENCE)
    reply = await server.call("POST", f"/test-attempts/{attempt_id}/end", server.instructor, {"reason": "the room"})
    reply.ok()
    await server.advance(3_000)
    await server.reaches(attempt_id, "completed")


async def test_a_section_is_not_left_with_gaps(server: RunningServer) -> None:
    await _make(server, parts(gaps="refuse"))
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    body = {"n": 1, "section_id": "facts", "client_at_ms": 0}
    reply = await server.act("PUT", f"{path}/section", server.token(), body)
    assert (reply.status, reply.code) == (409, Code.GAPS)
    answer = {"n": 2, "question_id": "single", "value": "b", "client_at_ms": 0}
    (await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})).ok()
    (await server.act("PUT", f"{path}/section", server.token(), {**body, "n": 3})).ok()


async def test_the_page_is_told_what_the_test_does_with_gaps(server: RunningServer) -> None:
    await _make(server, exam(gaps="warn"))
    attempt_id = await server.make_attempt()
    socket = await server.socket(f"/ws/attempts/{attempt_id}")
    await socket.hello(server.token())
    assert (await socket.until("welcome"))["gaps"] == "warn"
    assert (await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), server.arrival())).ok()[
        "gaps"
    ] == "warn"
    (await server.call("POST", f"/test-attempts/{attempt_id}/start", server.service, {})).ok()
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    assert [one["required"] for one in paper["questions"]] == [True, False, False, False, True]
