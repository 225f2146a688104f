"""An exam that is sat question by question, without a way back, on real servers."""

from typing import Any

import msgspec

from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.test_sections import begin, paper_of

NAMES = ["single", "multiple", "fact", "number", "word"]


async def make(server: RunningServer, **rules: Any) -> None:
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam(order="forward", **rules))).ok()


def unreached(told: Any, reached: int) -> list[str]:
    """Which questions that lie ahead are named anywhere in it."""
    text = msgspec.json.encode(told).decode()
    return [name for name in NAMES[reached:] if f'"{name}"' in text]


async def test_no_question_is_sent_before_its_turn(server: RunningServer) -> None:
    await make(server)
    attempt_id, socket, state = await begin(server)
    assert (state["section_id"], state["closed_sections"]) == ("1", [])
    for reached in range(1, len(NAMES) + 1):
        paper = await paper_of(server, attempt_id)
        assert [one["question_id"] for one in paper["questions"]] == [NAMES[reached - 1]]
        assert [part["count"] for part in paper["sections"]] == [1] * 5
        # Another device, and REST, are told no more than that.
        other = await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), server.arrival())
        status = await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token())
        assert unreached([paper, other.ok(), status.ok(), socket.skipped], reached) == []
        assert other.body["question_index"] == reached - 1
        socket = await server.sit(attempt_id)
        if reached < len(NAMES):
            await socket.send("enter", n=10 + reached, section_id=str(reached + 1), client_at_ms=0)
            state = (await socket.until("state"))["state"]
            assert state["section_id"] == str(reached + 1)


async def test_over_rest_there_is_no_way_back_either(server: RunningServer) -> None:
    await make(server)
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"

    async def answer(n: int, question_id: str) -> str | None:
        body = {"answers": [{"n": n, "question_id": question_id, "value": "true", "client_at_ms": 0}]}
        refused = (await server.act("POST", f"{path}/answers", server.token(), body)).ok()["refused"]
        return refused[0]["code"] if refused else None

    for n, section_id in ((1, "2"), (2, "3")):
        body = {"n": n, "section_id": section_id, "client_at_ms": 0}
        (await server.act("PUT", f"{path}/section", server.token(), body)).ok()
    assert await answer(3, "fact") is None
    assert await answer(4, "single") == Code.SECTION_CLOSED
    assert await answer(5, "word") == Code.SECTION_NOT_OPEN
    back = {"n": 6, "question_index": 0, "client_at_ms": 0}
    assert (await server.act("PUT", f"{path}/progress", server.token(), back)).code == Code.SECTION_CLOSED
    skipping = {"n": 7, "section_id": "5", "client_at_ms": 0}
    assert (await server.act("PUT", f"{path}/section", server.token(), skipping)).code == Code.SECTION_ORDER


async def test_who_comes_back_on_another_node_is_at_the_question_where_she_was(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    await make(one)
    attempt_id = await one.started()
    body = {"n": 1, "section_id": "2", "client_at_ms": 0}
    (await one.act("PUT", f"/test-attempts/{attempt_id}/section", one.token(), body)).ok()
    paper = await paper_of(two, attempt_id)
    assert [found["question_id"] for found in paper["questions"]] == ["multiple"]
    there = (
        await two.call("POST", f"/test-attempts/{attempt_id}/resume", two.token(), two.arrival(device="other"))
    ).ok()
    assert (there["question_index"], there["state"]["section_id"]) == (1, "2")
