"""A server whose clock is years ahead deletes nothing for its age, and says so."""

import asyncio
import time
from pathlib import Path

import pytest

from protocol.rules.retention import DAY_MS, Retention
from server.ages import Ages
from server.doctor import examine
from server.ids import new_id
from server.process.serving import open_node
from storage.audit import BY_RULE
from storage.database import Database
from storage.retention import RetentionRules
from tests.server.conftest import StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import ORG
from tests.server.test_archivist import over
from tests.services.patience import PATIENCE_S

_YEARS_MS = 3 * 365 * DAY_MS


async def test_nothing_goes_by_a_clock_years_ahead_until_an_operator_says_it_is_right(
    start_server: StartServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    where = tmp_path / "archives"
    server = await start_server(clock=MovableClock(), archives_folder=where)
    await over(server, 0)
    claim, other = ("an-id-of-staff", new_id()), new_id()
    await server.node.staff_commands.claim(ORG, *claim, server.clock.now_ms())
    await RetentionRules(server.node.database).put(ORG, Retention(1), BY_RULE, server.clock.now_ms())
    ahead_ms = server.clock.now_ms() + _YEARS_MS
    await server.stop()

    async def look(accept: bool) -> str:
        """Who has the id that staff have given an act by now."""
        settings = server.settings.model_copy(update={"accept_clock": accept})
        node = await open_node(settings, MovableClock(wall=lambda: ahead_ms / 1000))
        try:
            await node.archivist.look()
            async with asyncio.timeout(PATIENCE_S):
                # The node's own look may be at work in the folder.
                while accept and not list(where.glob("logs-*.gz")):
                    await node.archivist.look()
            await node.housekeeping.prune()
            return await node.staff_commands.claim(ORG, claim[0], other, node.clock.now_ms())
        finally:
            await node.stop()

    for _ in range(2):
        # What the first one has written by the wrong clock makes it no better for the second.
        assert await look(accept=False) == claim[1]
        assert not list(where.glob("logs-*"))
    assert "Nothing is archived or deleted for its age: the clock says" in caplog.text
    assert await look(accept=True) == other


async def test_doctor_says_it(start_server: StartServer) -> None:
    server = await start_server()
    await server.stop()
    database = await Database.open(server.settings.database)
    await Ages(database).accept(server.clock.now_ms() - _YEARS_MS)
    await database.close()
    looks = {look.name: look for look in await examine(server.settings)}
    assert (looks["clock"].state, "Nothing is archived" in looks["clock"].says) == ("look", True)
    assert "PENCILSDOWN_ACCEPT_CLOCK" in looks["clock"].do


async def test_a_machine_far_off_a_shared_databases_clock(migrated_postgres_url: str) -> None:
    database = await Database.open(migrated_postgres_url)
    try:
        now_ms = await database.now_ms()
        ahead = Ages(database, wall=lambda: time.time() + _YEARS_MS / 1000)
        assert "s off the database's" in str(await ahead.look(now_ms))
        assert await Ages(database).look(now_ms) is None
    finally:
        await database.close()
