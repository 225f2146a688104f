"""An exam whose sections are sat one after the other, with limits of their own, on real servers."""

from typing import Any

import pytest

from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import Socket

MINUTE = 60_000


def parts(**rules: Any) -> dict[str, Any]:
    """Two minutes for the first section, four for the second, and no limit of its own for the last. The first question
    has half a minute."""
    content = exam(order="by_section", **rules)
    content["questions"][0]["limit_ms"] = 30_000
    content["sections"] = [
        {"section_id": "choices", "title": "Choices", "items": ["single", "multiple"], "limit_ms": 2 * MINUTE},
        {"section_id": "facts", "title": "Facts", "instructions": "Short.", "items": ["fact"], "limit_ms": 4 * MINUTE},
        {"section_id": "rest", "title": "Rest", "items": ["number", "word"]},
    ]
    return content


async def make(server: RunningServer, **rules: Any) -> None:
    (await server.call("PUT", f"/tests/{TEST}", server.service, parts(**rules))).ok()


def clocks(state: dict[str, Any]) -> list[tuple[str, int | None]]:
    """Which run or stand, and how much later than the start they end."""
    started_ms = state["started_at_ms"]
    return [
        (clock["of"] or clock["scope"], None if clock["deadline_ms"] is None else clock["deadline_ms"] - started_ms)
        for clock in state["clocks"]
    ]


async def begin(server: RunningServer) -> tuple[str, Socket, dict[str, Any]]:
    attempt_id = await server.make_attempt()
    socket = await server.sit(attempt_id)
    await socket.send("start", n=1, client_at_ms=0)
    return attempt_id, socket, (await socket.until("state"))["state"]


async def paper_of(server: RunningServer, attempt_id: str) -> dict[str, Any]:
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    assert isinstance(paper, dict)
    return paper


def readable(paper: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Questions, and sections whose instructions are shown."""
    told = [part["section_id"] for part in paper["sections"] if part["instructions"]]
    return [question["question_id"] for question in paper["questions"]], told


async def test_a_candidate_goes_from_section_to_section(server: RunningServer) -> None:
    await make(server)
    attempt_id, socket, state = await begin(server)
    assert (state["section_id"], state["closed_sections"]) == ("choices", [])
    assert clocks(state) == [("test", 10 * MINUTE), ("choices", 2 * MINUTE), ("single", 30_000)]
    assert readable(await paper_of(server, attempt_id)) == (["single", "multiple"], [])
    monitor = await server.watch()
    (row,) = (await monitor.until("roster"))["rows"]
    assert row["section_id"] == "choices"
    await socket.send("answer", n=2, question_id="fact", value="true", position=None, client_at_ms=0)
    assert (await socket.until("refused"))["code"] == Code.SECTION_NOT_OPEN
    await server.advance(1_000)
    await socket.send("enter", n=3, section_id="facts", client_at_ms=0)
    state = (await socket.until("state"))["state"]
    assert (await socket.until("ack"))["n"] == 3
    assert (state["section_id"], state["closed_sections"]) == ("facts", ["choices"])
    assert [name for name, _ in clocks(state)] == ["test", "facts"]
    assert readable(await paper_of(server, attempt_id)) == (["fact"], ["facts"])
    while (await monitor.until("rows"))["rows"][0]["section_id"] != "facts":
        pass
    await socket.send("answer", n=4, question_id="single", value="b", position=None, client_at_ms=0)
    assert (await socket.until("refused"))["code"] == Code.SECTION_CLOSED


async def test_a_section_closes_by_itself_and_the_next_one_waits(server: RunningServer) -> None:
    await make(server)
    attempt_id, socket, _ = await begin(server)
    await socket.send("answer", n=2, question_id="multiple", value=["a"], position=1, client_at_ms=0)
    await socket.until("ack", n=2)
    await server.advance(2 * MINUTE + 2_000)
    while (state := (await socket.until("state"))["state"])["closed_sections"] != ["choices"]:
        pass
    assert (state["section_id"], clocks(state)) == (None, [("test", 10 * MINUTE)])
    assert readable(await paper_of(server, attempt_id)) == ([], [])
    await server.advance(MINUTE)
    await socket.send("enter", n=3, section_id="rest", client_at_ms=0)
    assert (await socket.until("refused"))["code"] == Code.SECTION_ORDER
    await socket.send("enter", n=4, section_id="facts", client_at_ms=0)
    state = (await socket.until("state"))["state"]
    ((_, whole), (name, ends_ms)) = clocks(state)
    assert (name, whole) == ("facts", 10 * MINUTE)
    assert ends_ms is not None
    assert ends_ms >= 7 * MINUTE, "four minutes from when she entered"


async def test_the_page_is_told_when_a_questions_clock_stands_runs_and_is_up(server: RunningServer) -> None:
    await make(server)
    _, socket, _ = await begin(server)
    await socket.send("progress", n=2, question_index=1, client_at_ms=0)
    state = (await socket.until("state"))["state"]
    assert clocks(state)[2] == ("single", None)
    left_ms = state["clocks"][2]["left_ms"]
    assert 0 < left_ms <= 30_000
    await socket.send("answer", n=3, question_id="multiple", value=["a"], position=0, client_at_ms=0)
    state = (await socket.until("state"))["state"]
    assert state["clocks"][2]["left_ms"] is None
    await server.advance(32_000)
    while (state := (await socket.until("state"))["state"])["closed_questions"] != ["single"]:
        pass
    await socket.send("answer", n=4, question_id="single", value="b", position=None, client_at_ms=0)
    assert (await socket.until("refused"))["code"] == Code.QUESTION_CLOSED


async def test_sections_are_entered_over_rest_too(server: RunningServer) -> None:
    await make(server)
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}/section"
    body = {"n": 1, "section_id": "facts", "client_at_ms": 0}
    reply = (await server.act("PUT", path, server.token(), body)).ok()
    assert (reply["acked"], reply["state"]["section_id"]) == ([1], "facts")
    wrong = await server.act("PUT", path, server.token(), {**body, "n": 2, "section_id": "singing"})
    assert (wrong.status, wrong.code) == (422, Code.UNKNOWN_SECTION)
    again = await server.act("PUT", path, server.token(), {**body, "n": 3, "section_id": "choices"})
    assert (again.status, again.code) == (409, Code.SECTION_CLOSED)


async def test_a_section_that_nobody_holds_closes(server: RunningServer) -> None:
    await make(server)
    attempt_id, socket, _ = await begin(server)
    await socket.close()
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.registry.forget(live)
    server.pass_time(2 * MINUTE + 2_500)
    await server.node.sweeper.sweep()
    state = await server.status(attempt_id)
    assert (state["closed_sections"], state["closed_questions"]) == (["choices"], ["single"])


async def test_a_test_without_a_clock_ends_with_its_last_section(server: RunningServer) -> None:
    content = parts(duration_ms=None)
    content["sections"][2]["limit_ms"] = MINUTE
    (await server.call("PUT", f"/tests/{TEST}", server.service, content)).ok()
    _, socket, _ = await begin(server)
    entered: dict[str, Any] = {}
    for n, section_id in enumerate(["facts", "rest"], 2):
        await socket.send("enter", n=n, section_id=section_id, client_at_ms=0)
        entered = (await socket.until("state"))["state"]
    deadline_ms = entered["clocks"][0]["deadline_ms"]
    await server.advance(MINUTE + 2_000)
    while (state := (await socket.until("state"))["state"])["status"] == "in_progress":
        pass
    assert (state["status"], state["ended_at_ms"]) == ("expired", deadline_ms)


async def test_extra_time_is_on_the_paper_of_whoever_has_it(server: RunningServer) -> None:
    await make(server)
    attempt_id = await server.make_attempt(extra_time_ms=5 * MINUTE)
    await (await server.sit(attempt_id)).send("start", n=1, client_at_ms=0)
    await server.reaches(attempt_id, "in_progress")
    paper = await paper_of(server, attempt_id)
    assert [part["limit_ms"] for part in paper["sections"]] == [3 * MINUTE, 6 * MINUTE, None]
    assert [question["limit_ms"] for question in paper["questions"]] == [45_000, None]
    plain = await server.started("bob")
    whole = (await server.call("GET", f"/test-attempts/{plain}/paper", server.service)).ok()
    assert [part["limit_ms"] for part in whole["sections"]] == [2 * MINUTE, 4 * MINUTE, None]
    assert len(whole["questions"]) == 5, "staff read all of it"


async def test_another_node_shows_the_section_that_was_just_entered(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    await make(one)
    attempt_id, socket, _ = await begin(one)
    assert readable(await paper_of(two, attempt_id)) == (["single", "multiple"], [])
    await socket.send("enter", n=2, section_id="facts", client_at_ms=0)
    await socket.until("ack")
    assert readable(await paper_of(two, attempt_id)) == (["fact"], ["facts"])


@pytest.mark.parametrize("pauses", [True, False])
async def test_a_lost_connection_stops_a_sections_clock_where_the_test_says_so(
    server: RunningServer, pauses: bool
) -> None:
    await make(server, on_disconnect="pause" if pauses else "run")
    attempt_id, socket, before = await begin(server)
    await socket.close()
    if pauses:
        await server.reaches(attempt_id, "paused")
    await server.advance(MINUTE)
    again = await server.sit(attempt_id)
    state = await server.status(attempt_id)
    more_ms = state["clocks"][1]["deadline_ms"] - before["clocks"][1]["deadline_ms"]
    assert (more_ms >= MINUTE) is pauses
    await again.close()
