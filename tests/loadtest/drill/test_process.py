"""Programs of the stage: started, signalled, ended with all that they have started, their output kept."""

import os
import signal
import sys
from pathlib import Path

import pytest

from loadtest.drill.process import Impossible, Process, StageError, find_program, run_program
from loadtest.ports import free_port


async def test_its_output_is_kept_and_it_can_be_started_again(tmp_path: Path) -> None:
    process = Process("talker", [sys.executable, "-c", "import os; print(os.environ['WORD'])"], tmp_path)
    for word in ("one", "two"):
        process.env = {"WORD": word}
        await process.start()
        assert await process.wait() == 0
    assert process.output.split() == ["one", "two"]
    assert not process.running


async def test_it_is_killed(tmp_path: Path) -> None:
    process = Process("sleeper", ["sleep", "60"], tmp_path)
    await process.start()
    assert process.running
    await process.kill()
    assert await process.wait() == -signal.SIGKILL
    process.signal(signal.SIGTERM)  # to nobody


async def test_one_that_does_not_end_is_named(tmp_path: Path) -> None:
    process = Process("sleeper", ["sleep", "60"], tmp_path)
    await process.start()
    with pytest.raises(StageError, match="sleeper did not end"):
        await process.wait(0.05)
    await process.close()
    assert not process.running


async def test_what_it_has_started_ends_with_it(tmp_path: Path) -> None:
    process = Process("parent", ["sh", "-c", "sleep 60 & echo $!; wait"], tmp_path)
    await process.start()
    while not process.output:
        await _a_moment()
    child = int(process.output)
    os.kill(child, 0)
    await process.close()
    while Path(f"/proc/{child}").exists():
        await _a_moment()


async def _a_moment() -> None:
    await run_program(["sleep", "0.01"], Path.cwd())


async def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"sh ended with 3: no such luck"):
        await run_program(["sh", "-c", "echo no such luck; exit 3"], tmp_path)


def test_a_program_that_is_missing_makes_a_fault_impossible() -> None:
    with pytest.raises(Impossible, match="no-such-program is not installed"):
        find_program("no-such-program")


def test_no_port_is_given_twice() -> None:
    ports = [free_port() for _ in range(20)]
    assert len(set(ports)) == 20
