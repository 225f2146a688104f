"""A node that lacks a task that it needs ends, so that another one takes its place."""

import asyncio
import logging
import re
import sys
from pathlib import Path

import pytest

from loadtest.ports import LOOPBACK, free_port
from server.outage import Outage
from server.pacing.loops import Loops
from server.process.vital import Vital
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S
from tests.services.processes import Processes

PASSING = {"look at the database"}
"""Tasks that end by themselves, and have a name."""


async def ends() -> None:
    return


async def fails() -> None:
    raise ValueError("a bug")


async def is_cancelled() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("work", [ends, fails, is_cancelled])
async def test_a_task_that_ends_by_itself_is_told_once(work: object, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    vital = Vital(told.append)
    loops = Loops(Outage(lambda: 0.0), vital)
    with caplog.at_level(logging.CRITICAL, "server"):
        loops.run(work(), "something endless")  # type: ignore[operator]
        loops.run(work(), "something else")  # type: ignore[operator]
        await eventually(lambda: bool(told))
    await loops.stop()
    assert (told, vital.ended) == (["something endless"], "something endless")
    (record,) = caplog.records
    assert "'something endless' has ended" in record.getMessage()


async def test_work_that_is_cancelled_by_what_it_waits_for_comes_again() -> None:
    loops = Loops(Outage(lambda: 0.0), Vital(pytest.fail))
    times = 0

    async def work() -> None:
        nonlocal times
        times += 1
        raise asyncio.CancelledError

    loops.every(0, work, "waiting for something")
    await eventually(lambda: times > 2)
    await loops.stop()


async def test_all_that_a_node_does_as_long_as_it_lives_is_watched(server: RunningServer) -> None:
    names = {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    ours = {name for name in names if not re.fullmatch(r"Task-\d+", name)}
    watched = {task.get_name() for task in server.node.vital.watched}
    assert ours - PASSING == watched
    assert {"journal", "rooms", "marker", "sweep"} <= watched


async def test_a_node_whose_journal_has_died_stops_at_once_and_in_order(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would wait for as long for what the journal has left.
    monkeypatch.setattr("server.node._SETTLE_S", 10 * PATIENCE_S)
    server = await start_server(drain_notice_ms=600_000)
    await server.make_test()
    attempt_id = await server.started()

    async def die(batch: object) -> None:
        raise AssertionError("planted")

    async with await server.sit(attempt_id) as socket:
        server.node.journal._settle = die  # type: ignore[method-assign]
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        # There is no process to end here, so the node sends everybody away; without a notice, since nothing is saved.
        rest, _ = await socket.end()
    assert "ack" not in {message["t"] for message in rest}
    assert server.node.vital.ended == "journal"
    assert server.node.missing == ["draining"]
    async with asyncio.timeout(PATIENCE_S):
        await server.stop()


_PLANTED = """
import asyncio
from storage.log.journal import Journal

start = Journal.start

async def start_and_die(self):
    task = await start(self)
    asyncio.get_running_loop().call_later(1, task.cancel)
    return task

Journal.start = start_and_die
"""


def test_the_process_ends_with_a_failure_so_that_another_one_is_started(processes: Processes, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_PLANTED)
    settings = {"HOST": LOOPBACK, "PORT": str(free_port()), "DATA": str(tmp_path / "data"), "TOKEN_SECRET": SECRET}
    env = {f"PENCILSDOWN_{name}": value for name, value in settings.items()}
    env["PYTHONPATH"] = f"{tmp_path}:{Path(__file__).parents[3]}"
    node = processes.start([Path(sys.executable).with_name("pencilsdown"), "serve"], env=env, cwd=tmp_path)
    assert node.wait() == 1
    assert "The task 'journal' has ended" in node.output
