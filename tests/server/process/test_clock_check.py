"""A server on an embedded database does not start in the past, and says so when time has leapt."""

import logging
import sys
from pathlib import Path

import pytest

from loadtest.drill.faults.clocks import find_library
from loadtest.ports import free_port
from server.process.clock_check import ClockWentBack
from server.process.serving import open_node
from server.settings import Settings
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.clock import MovableClock
from tests.services.processes import Processes

_HOUR_MS = 3_600_000


async def a_sitting(start_server: StartServer) -> tuple[Settings, int]:
    """The settings of a server that has stopped in the middle of an exam, and when that was."""
    server = await start_server()
    await server.make_test()
    await server.started()
    await server.stop()
    return server.settings, server.clock.now_ms()


def clock_at(ms: int) -> MovableClock:
    return MovableClock(wall=lambda: ms / 1000)


async def test_an_hour_back_is_refused_until_an_operator_says_so(
    start_server: StartServer, caplog: pytest.LogCaptureFixture
) -> None:
    settings, stopped_ms = await a_sitting(start_server)
    with pytest.raises(ClockWentBack, match=r"(?s)newest record of the log.*PENCILSDOWN_ACCEPT_CLOCK=true"):
        await open_node(settings, clock_at(stopped_ms - _HOUR_MS))
    accepting = settings.model_copy(update={"accept_clock": True})
    await (await open_node(accepting, clock_at(stopped_ms - _HOUR_MS))).stop()
    assert "take that away again" in caplog.text


@pytest.mark.parametrize("ms", [-20_000, 0, 30_000])
async def test_some_seconds_are_nothing(start_server: StartServer, caplog: pytest.LogCaptureFixture, ms: int) -> None:
    settings, stopped_ms = await a_sitting(start_server)
    with caplog.at_level(logging.WARNING, "server.process.clock_check"):
        await (await open_node(settings, clock_at(stopped_ms + ms))).stop()
    assert "clock" not in caplog.text


async def test_an_hour_forward_is_said_loudly(start_server: StartServer, caplog: pytest.LogCaptureFixture) -> None:
    settings, stopped_ms = await a_sitting(start_server)
    await (await open_node(settings, clock_at(stopped_ms + _HOUR_MS))).stop()
    (line,) = [record for record in caplog.records if record.name == "server.process.clock_check"]
    assert (line.levelno, "the time of 1 running attempts" in line.getMessage()) == (logging.ERROR, True)


async def test_a_process_with_a_clock_an_hour_back(
    start_server: StartServer, processes: Processes, tmp_path: Path
) -> None:
    library = find_library()
    if library is None:
        pytest.skip("libfaketime is not installed")
    settings, _ = await a_sitting(start_server)
    env = {
        "PENCILSDOWN_DATA": str(settings.data),
        "PENCILSDOWN_PORT": str(free_port()),
        "PENCILSDOWN_TOKEN_SECRET": SECRET,
        "LD_PRELOAD": str(library),
        "FAKETIME": "-1h",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    command = Path(sys.executable).with_name("pencilsdown")
    child = processes.start([command, "serve"], env=env, cwd=tmp_path)
    assert await child.exit() == 1, child.output
    assert len(child.output.splitlines()) == 2, child.output
    assert "The clock of this machine says" in child.output
