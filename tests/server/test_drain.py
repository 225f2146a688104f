"""A node that leaves: it says so at once, lets nobody new in, and sends everybody away politely."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol import limits
from protocol.codes import Close, Code
from server.node import Node
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually

DRAIN_MS = 400
LONG_MS = 600_000


@pytest.fixture
async def leaving(start_server: StartServer) -> AsyncIterator[RunningServer]:
    """A server with a test, that is told to stop when a test calls `give_notice`; the notice outlasts the test."""
    server = await start_server(drain_ms=DRAIN_MS, drain_notice_ms=LONG_MS)
    await server.make_test()
    yield server
    for task in [task for task in asyncio.all_tasks() if task.get_name() == "a drain of the tests"]:
        task.cancel()


async def give_notice(node: Node) -> None:
    task = asyncio.create_task(node.drain(), name="a drain of the tests")
    await eventually(lambda: node.draining or task.done())


async def test_it_is_not_ready_from_the_first_moment_but_alive(leaving: RunningServer) -> None:
    await give_notice(leaving.node)
    ready = await leaving.ops("/readyz")
    assert (ready.status, ready.body["ready"], ready.body["missing"]) == (503, False, ["draining"])
    assert (await leaving.ops("/livez")).status == 200


async def test_who_sits_is_served_until_the_notice_is_over(leaving: RunningServer) -> None:
    attempt_id = await leaving.started()
    async with await leaving.sit(attempt_id) as socket:
        await give_notice(leaving.node)
        await socket.send("answer", n=1, question_id="single", value="b", client_at_ms=0)
        await socket.until("ack", n=1)
        answers = {"answers": [{"n": 2, "question_id": "word", "value": "Euler", "client_at_ms": 0}]}
        reply = await leaving.act("POST", f"/test-attempts/{attempt_id}/answers", leaving.token(), answers)
        assert reply.ok()["acked"] == [2]


async def test_newcomers_are_told_when_to_come_back(leaving: RunningServer) -> None:
    waiting, sitting = await leaving.make_attempt("bob"), await leaving.started("ada")
    await give_notice(leaving.node)
    for attempt_id, user in ((waiting, "bob"), (sitting, "ada")):
        async with await leaving.socket(f"/ws/attempts/{attempt_id}") as socket:
            await socket.hello(leaving.token(user=user))
            rest, code = await socket.end()
        assert (rest[0]["code"], code) == (Code.DRAINING, Close.TRY_AGAIN)
        assert limits.RECONNECT_BASE_MS <= rest[-1]["after_ms"] < limits.RECONNECT_BASE_MS + DRAIN_MS
    newcomer = {"test_id": TEST, "user_id": "eve"}
    for reply in (
        await leaving.call("POST", "/test-attempts", leaving.service, newcomer),
        await leaving.act("POST", f"/test-attempts/{waiting}/start", leaving.token(user="bob"), {}),
    ):
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, Code.DRAINING, "1")


async def test_nobody_is_asked_to_stay_away_for_longer_than_the_window(start_server: StartServer) -> None:
    server = await start_server(drain_ms=DRAIN_MS)
    await server.make_test()
    users = [f"user-{number}" for number in range(12)]
    attempts = [await server.started(user) for user in users]
    sockets = [await server.sit(attempt_id, user) for attempt_id, user in zip(attempts, users, strict=True)]
    async with await server.watch() as watcher:
        await server.node.drain()
        ends = [await socket.end() for socket in [*sockets, watcher]]
    assert {code for _, code in ends} == {Close.TRY_AGAIN}
    waits = [rest[-1]["after_ms"] for rest, _ in ends]
    assert all(limits.RECONNECT_BASE_MS <= wait < limits.RECONNECT_BASE_MS + DRAIN_MS for wait in waits)
    assert len(set(waits)) > 1, "they don't all come back at once"
    for socket in sockets:
        await socket.close()


async def test_what_was_sent_before_the_goodbye_is_kept(start_server: StartServer) -> None:
    server = await start_server(drain_ms=DRAIN_MS)
    await server.make_test()
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        for n in range(1, 31):
            await socket.send("answer", n=n, question_id="word", value=f"word {n}", client_at_ms=n)
        await socket.until("ack")
        await server.node.drain()
        rest, _ = await socket.end()
    acked = max([message["n"] for message in [*socket.skipped, *rest] if message["t"] == "ack"], default=1)
    data = server.settings.data
    await server.stop()
    again = await start_server(data=data)
    answers = (await again.call("GET", f"/test-attempts/{attempt_id}/answers", again.token())).ok()["answers"]
    assert answers[0]["n"] >= acked
