"""What is told line by line, and what is added up."""

import logging

import pytest

from protocol.attempt.model import Role
from tests.server.harness.exam import ORG
from tests.server.harness.running import RunningServer


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "server.chronicle" and one.levelno == level]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "server.chronicle")
    return caplog


async def test_what_staff_did_is_a_line_with_the_attempt_and_the_organisation(
    server: RunningServer, log: pytest.LogCaptureFixture
) -> None:
    attempt_id = await server.started()
    (await server.call("POST", f"/test-attempts/{attempt_id}/pause", server.instructor, {"reason": "a reason"})).ok()
    (line,) = [one for one in log.records if one.levelno == logging.INFO and "paused" in one.getMessage()]
    seq = server.node.registry.at_hand(attempt_id).committed.seq  # type: ignore[union-attr]
    assert line.getMessage() == f"Attempt {attempt_id}: paused by instructor, record {seq}"
    assert (line.attempt_id, line.org_id) == (attempt_id, ORG)  # type: ignore[attr-defined]


async def test_a_candidates_steps_are_for_debugging_and_her_answers_are_no_lines_at_all(
    server: RunningServer, log: pytest.LogCaptureFixture
) -> None:
    attempt_id = await server.make_attempt()
    log.clear()
    async with await server.sit(attempt_id) as socket:
        await socket.send("start", n=1, client_at_ms=0)
        await socket.send("answer", n=2, question_id="single", value="b", client_at_ms=0)
        await socket.send("submit", n=3, client_at_ms=0)
        await socket.until("ack", n=3)
    assert lines(log, logging.INFO) == []
    told = [line.partition(": ")[2].partition(" by ")[0] for line in lines(log, logging.DEBUG)]
    assert told[:3] == ["connected", "started", "submitted"]


async def test_ends_by_time_and_superseded_connections_are_added_up(
    server: RunningServer, log: pytest.LogCaptureFixture
) -> None:
    for user in ("ada", "bob", "eve"):
        await server.started(user)
    attempt_id = await server.make_attempt("max")
    async with await server.sit(attempt_id, "max") as old, await server.sit(attempt_id, "max"):
        await old.end()
    server.node.chronicle.add_up()
    log.clear()
    await server.advance(700_000)
    for live in list(server.node.registry.all()):
        if live.attempt_id != attempt_id:
            await server.reaches(live.attempt_id, "completed")
    assert server.node.tally.expired == 3
    assert server.node.tally.superseded == 1
    server.node.chronicle.add_up()
    server.node.chronicle.add_up()
    ended = [line for line in lines(log, logging.INFO) if "ended by time" in line]
    assert sum(int(line.split(": ")[1].split()[0]) for line in ended) == 3
    assert len(ended) <= 2


async def test_a_rejected_record_and_an_end_by_staff_are_not_ends_by_time(
    server: RunningServer, log: pytest.LogCaptureFixture
) -> None:
    attempt_id = await server.started()
    token = server.token(Role.INSTRUCTOR, "grace")
    (await server.call("POST", f"/test-attempts/{attempt_id}/end", token, {"reason": "over"})).ok()
    await server.advance(2_000)
    await server.reaches(attempt_id, "completed")
    assert server.node.tally.expired == 0
    assert any("collected by instructor" in line for line in lines(log, logging.INFO))
