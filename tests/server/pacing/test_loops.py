"""What is done again and again outlives its failures, and ends with the node."""

import asyncio
import logging

import pytest

from server.outage import Outage
from server.pacing.loops import Loops
from server.process.vital import Vital
from storage.errors import StorageUnavailable
from tests.server.harness.waiting import eventually


async def test_a_failure_is_told_and_the_next_time_comes(caplog: pytest.LogCaptureFixture) -> None:
    errors = [StorageUnavailable("no route"), StorageUnavailable("no route"), ValueError("a bug")]
    third = asyncio.Event()

    async def work() -> None:
        if errors:
            raise errors.pop(0)
        third.set()

    loops = Loops(Outage(lambda: 0.0), Vital(pytest.fail))
    with caplog.at_level(logging.WARNING, "server"):
        loops.every(0, work, "counting sheep")
        await third.wait()
        await asyncio.sleep(0)
    away, failed, back = (record.getMessage() for record in caplog.records)
    assert away == "The database is away (counting sheep: no route). Nothing is acknowledged until it is back"
    assert failed == "counting sheep failed"
    # Lines of other tests in this process may be counted behind it.
    assert back.startswith("The database is back after 0 s")
    await loops.stop()


async def test_work_of_once_an_hour_is_tried_again_soon_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The outage is over when all who met it have found the database well: an hour later."""
    monkeypatch.setattr("server.pacing.loops._RETRY_S", 0.0)
    errors = [StorageUnavailable("no route"), StorageUnavailable("no route")]
    outage = Outage(lambda: 0.0)

    async def work() -> None:
        if errors:
            raise errors.pop(0)

    loops = Loops(outage, Vital(pytest.fail))
    loops.every(3_600, work, "pruning")
    await eventually(lambda: not errors and outage.over)
    await loops.stop()


async def test_stopping_waits_for_the_end_of_all() -> None:
    begun, ended = asyncio.Event(), False

    async def work() -> None:
        nonlocal ended
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended = True

    loops = Loops(Outage(lambda: 0.0), Vital(pytest.fail))
    loops.run(work(), "something endless")
    await begun.wait()
    await loops.stop()
    assert ended
