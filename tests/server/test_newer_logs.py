"""A newer node has written to a log what this one does not know: the attempt is left to newer nodes, in peace."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from server.attempts.newer import QUIET_MS
from storage.loading import Found
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.server.harness.waiting import eventually
from tests.storage.newer import append_new

NEW_FIELD = {"t": "moved", "n": 1, "question_index": 1, "client_at_ms": 0, "speed": 3}


@pytest.fixture
def reads(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Attempts whose logs were read by the node, each time."""
    read: list[str] = []

    def noting(really: Any) -> Any:
        async def noted(attempt_id: str, *more: Any) -> Any:
            read.append(attempt_id)
            return await really(attempt_id, *more)

        return noted

    store = server.node.attempts
    for name in ("load", "records"):
        monkeypatch.setattr(store, name, noting(getattr(store, name)))
    find = store.find

    async def found(attempt_ids: Sequence[str]) -> dict[str, Found]:
        read.extend(attempt_ids)
        return await find(attempt_ids)

    monkeypatch.setattr(store, "find", found)
    return read


@pytest.mark.parametrize("fact", [None, NEW_FIELD], ids=["kind", "field"])
async def test_who_sits_is_sent_to_another_node_and_loses_nothing(
    server: RunningServer, fact: dict[str, Any] | None
) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await append_new(server.node.database, attempt_id, fact)
        await socket.send("answer", n=1, question_id="single", value="b", client_at_ms=0)
        (refused, goodbye), code = await socket.end()
        assert (refused["t"], refused["n"], refused["code"]) == ("refused", 1, Code.NEWER_LOG)
        assert (refused["retry"], code) == ("later", Close.TRY_AGAIN)
        assert goodbye["after_ms"] >= 0
    assert server.node.registry.at_hand(attempt_id) is None


async def test_who_comes_is_told_to_come_again_and_the_log_is_left_in_peace(
    server: RunningServer, reads: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    attempt_id = await server.started()
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.registry.forget(live)
    await append_new(server.node.database, attempt_id)
    reads.clear()
    caplog.set_level(logging.ERROR, "server.attempts.newer")
    for _ in range(3):
        reply = await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token())
        assert (reply.status, reply.code, reply.body["retry"]) == (503, Code.NEWER_LOG, "later")
        assert int(reply.headers["retry-after"]) >= 1
        async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
            await socket.hello(server.token())
            (refused, goodbye), code = await socket.end()
            assert (refused["code"], code) == (Code.NEWER_LOG, Close.TRY_AGAIN)
            assert goodbye["after_ms"] >= 500
    assert reads == [attempt_id]
    server.pass_time(QUIET_MS)
    await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token())
    assert reads == [attempt_id] * 2
    (said,) = [record.getMessage() for record in caplog.records if record.name == "server.attempts.newer"]
    assert said.endswith(f"attempt {attempt_id}, record 3: this version does not know the kind noted")
    assert "pencilsdown_newer_logs 1.0" in (await server.ops("/metrics")).raw.decode()


async def test_staff_are_told_too(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.watch() as watcher:
        await append_new(server.node.database, attempt_id)
        for command_id in ("a", "b"):
            await watcher.send("pause", command_id=command_id, attempt_id=attempt_id, reason="fire")
            refused = await watcher.until("command_refused")
            assert (refused["code"], refused["retry"]) == (Code.NEWER_LOG, "later")


async def test_what_nobody_may_see_is_not_found(server: RunningServer) -> None:
    attempt_id = await server.started()
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.registry.forget(live)
    await append_new(server.node.database, attempt_id)
    for stranger in (server.token(user="somebody"), server.token(Role.SERVICE, "platform", org="other")):
        reply = await server.call("GET", f"/test-attempts/{attempt_id}/status", stranger)
        assert (reply.status, reply.code) == (404, Code.NOT_FOUND)


async def test_sweeper_and_marker_leave_it_to_newer_nodes(server: RunningServer, reads: list[str]) -> None:
    node = server.node
    newer, other = await server.started(), await server.started(user="cy")
    for attempt_id in (newer, other):
        live = node.registry.at_hand(attempt_id)
        assert live is not None
        node.registry.forget(live)
    await append_new(node.database, newer)
    server.clock.advance(HOUR_MS)
    reads.clear()
    await node.sweeper.sweep()
    await eventually(lambda: other in reads)
    await server.reaches(other, "completed")
    for _ in range(3):
        server.clock.advance(QUIET_MS)
        await node.sweeper.sweep()
    assert reads.count(newer) == 1
    # A newer node can claim it at once.
    assert await node.claims.claim_due(node.clock.now_ms()) == [newer]


async def test_marks_of_a_newer_log_wait_for_a_newer_node(server: RunningServer, reads: list[str]) -> None:
    node = server.node
    attempt_id = await server.started()
    await node.database.write(lambda connection: connection.exec_driver_sql("UPDATE test_attempts SET marking_seq = 2"))
    live = node.registry.at_hand(attempt_id)
    assert live is not None
    node.registry.forget(live)
    await append_new(node.database, attempt_id)
    reads.clear()
    await node.marker.mark([attempt_id])
    for _ in range(3):
        server.clock.advance(QUIET_MS)
        await node.marker.sweep()
        assert node.marker.waiting == 0
    assert reads == [attempt_id]
    assert await node.claims.claim_unmarked(node.clock.now_ms()) == [attempt_id]


async def test_its_bytes_can_be_had_and_its_export_waits(server: RunningServer) -> None:
    attempt_id = await server.started()
    seq = await append_new(server.node.database, attempt_id)
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.registry.forget(live)
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)).ok()
    assert (log["entries"][-1]["seq"], log["entries"][-1]["kind"]) == (seq, "noted")
    reply = await server.call("GET", "/users/ada/export", server.service)
    assert (reply.status, reply.code) == (503, Code.NEWER_LOG)
