"""The shortcuts of the simulated database say what the statements say in whose place they stand."""

from collections.abc import Callable, Coroutine
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from storage.attempts import Attempts
from storage.errors import StorageUnavailable
from storage.schema import test_attempts
from tests.simulation.chance import Chance
from tests.simulation.database import PATIENCE_S, DatabaseServer, NodesEngine, QuickAttempts, database_on
from tests.simulation.drawing import make_plan
from tests.simulation.loop import VirtualLoop
from tests.simulation.world import World


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, None]]) -> None:
    loop = VirtualLoop()
    try:
        loop.run_until_complete(main(loop))
    finally:
        loop.clear()
        loop.close()


class Borrowed(NodesEngine):
    """A node's way that takes no time: for looking at a day that is over."""

    async def _ask(self, work: Callable[[], Any]) -> Any:
        return work()

    async def _glance(self, work: Callable[[], Any]) -> Any:
        return work()


def answer(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine that never waits returns."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


def test_positions_are_those_of_the_log() -> None:
    world = World(make_plan(14))
    server = world.server
    engine = Borrowed(server, "nobody")
    found: list[dict[str, int]] = []

    def look_and_close() -> None:
        ids = server.run(lambda connection: list(connection.execute(select(test_attempts.c.attempt_id)).scalars()))
        ids.append("00000000-0000-7000-8000-000000000000")
        found.extend(answer(one.positions(ids)) for one in (Attempts(database_on(engine)), QuickAttempts(engine)))
        close()

    close = server.close
    with patch.object(server, "close", look_and_close):
        world.run()
    assert found[0]
    assert world.plan.erased, "a log that was erased has grown otherwise than the others"
    assert found[0] == found[1]


@pytest.mark.parametrize("change", ["wake_at_ms = 5", "marking_seq = 3"])
def test_a_claim_is_made_where_there_is_something_to_claim(change: str) -> None:
    async def main(loop: VirtualLoop) -> None:
        server = DatabaseServer(loop, Chance(1).stream("database"))
        server._raw.execute(_ROW)
        assert not server.anything_due(10)
        server._raw.execute(f"UPDATE test_attempts SET {change}")  # noqa: S608 (constants of this module)
        assert server.anything_due(10)
        assert server.anything_due(4) == (change == "marking_seq = 3")
        server.close()

    run(main)


_ROW = (
    "INSERT INTO test_attempts (attempt_id, org_id, test_id, test_version, user_id, display_name, attempt_number,"
    " status, progress_percentage, current_question_index, navigation_history, session_data, seq)"
    " VALUES (x'00000000000070008000000000000000', 'o', 't', 1, 'u', 'n', 1, 'in_progress', 0, 0, '[]', '{}', 1)"
)


def test_nobody_waits_for_a_frozen_database_longer_than_its_patience() -> None:
    waited: dict[str, float] = {}

    async def main(loop: VirtualLoop) -> None:
        server = DatabaseServer(loop, Chance(1).stream("database"))
        engine = NodesEngine(server, "node-0")
        assert await engine.positions([]) == {}
        assert loop.time() < 1
        server.freeze()
        for name, ask in (("a statement", engine.now_ms), ("a look", lambda: engine.positions([]))):
            began_s = loop.time()
            with pytest.raises(StorageUnavailable):
                await ask()
            waited[name] = loop.time() - began_s
        loop.call_later(5, server.thaw)
        began_s = loop.time()
        await engine.now_ms()
        waited["until it thaws"] = loop.time() - began_s
        server.close()

    run(main)
    assert waited["a statement"] == pytest.approx(PATIENCE_S)
    assert waited["a look"] == pytest.approx(PATIENCE_S)
    assert waited["until it thaws"] == pytest.approx(5, abs=0.1)
