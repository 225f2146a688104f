"""When snapshots are taken, and what waits for them."""

from typing import Any

import pytest

from storage.errors import StorageUnavailable
from tests.server.harness.exam import TEST
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.server.harness.waiting import eventually


async def test_a_snapshot_is_taken_when_the_connection_ends(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await socket.send("answer", n=1, question_id="word", value="Euler", position=4, client_at_ms=0)
        await socket.until("ack", n=1)
        assert await server.node.answers.of(attempt_id) == []
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    await eventually(lambda: live.committed.connection_id is None)
    await server.node.snapshotter.take()
    assert [one.value for one in await server.node.answers.of(attempt_id)] == ["Euler"]
    (row,) = await server.node.attempts.rows("school", TEST, None, 10)
    assert (row.answered, row.question_index) == (1, 4)


async def test_a_snapshot_that_failed_is_taken_later(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt_id = await server.started()
    await answer_over_rest(server, attempt_id)

    async def fail(*_: Any) -> None:
        raise StorageUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(server.node.snapshotter._snapshots, "save", fail)
        with pytest.raises(StorageUnavailable):
            await server.node.snapshotter.take(everything=True)
    await server.node.snapshotter.take()
    assert len(await server.node.answers.of(attempt_id)) == 1


async def test_what_is_forgotten_has_its_snapshot_first(server: RunningServer) -> None:
    await server.make_test("long", duration_ms=24 * HOUR_MS)
    attempt_id = await server.started(test_id="long")
    await answer_over_rest(server, attempt_id)
    server.clock.advance(130_000)
    await server.node.housekeeping.tidy()
    assert server.node.registry.at_hand(attempt_id) is not None
    await server.node.snapshotter.take()
    await server.node.housekeeping.tidy()
    assert server.node.registry.at_hand(attempt_id) is None
    assert len(await server.node.answers.of(attempt_id)) == 1


async def answer_over_rest(server: RunningServer, attempt_id: str) -> None:
    answer = {"n": 1, "question_id": "word", "value": "Euler", "client_at_ms": 0}
    (await server.act("POST", f"/test-attempts/{attempt_id}/answers", server.token(), {"answers": [answer]})).ok()
