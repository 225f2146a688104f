"""What is overdue and nobody has in memory."""

import asyncio
from pathlib import Path

from tests.server.conftest import StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import TEST
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.services.patience import PATIENCE_S


async def closed_by_itself(server: RunningServer) -> None:
    """Waits until the database has the end. Asking for the attempt would wake it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            (row,) = await server.node.attempts.rows("school", TEST, None, 10)
            if row.ended_at_ms is not None:
                return
            await asyncio.sleep(0.02)


async def test_the_sweeper_closes_what_nobody_holds(server: RunningServer) -> None:
    attempt_id = await server.started()
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.registry.forget(live)
    server.clock.advance(HOUR_MS)
    await server.node.sweeper.sweep()
    await closed_by_itself(server)
    state = await server.reaches(attempt_id, "completed")
    assert state["ended_at_ms"] == state["started_at_ms"] + 600_000


async def test_a_deadline_that_passes_while_the_server_is_down(start_server: StartServer, tmp_path: Path) -> None:
    first = await start_server()
    await first.make_test()
    attempt_id = await first.started()
    async with await first.sit(attempt_id) as socket:
        await socket.send("answer", n=1, question_id="single", value="b", client_at_ms=0)
        await socket.until("ack", n=1)
    await first.stop()
    clock = MovableClock()
    clock.advance(24 * HOUR_MS)
    second = await start_server(clock=clock)
    await closed_by_itself(second)
    state = await second.reaches(attempt_id, "completed")
    assert state["ended_at_ms"] == state["started_at_ms"] + 600_000, "stamped with the deadline, not with the restart"
    result = (await second.call("GET", f"/test-attempts/{attempt_id}/result", second.token())).ok()
    assert (result["score_mpt"], result["complete"]) == (1_000, True)
