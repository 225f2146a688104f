"""Nodes of two versions on one database: what only the newer one knows waits for the last older one."""

import dataclasses
from typing import Any, cast

import pytest

from protocol.attempt import decide
from protocol.attempt.facts import Messaged
from protocol.attempt.kinds import KIND_OF
from protocol.codes import Close, Code
from server import fleet
from storage.database import Database
from storage.fleet import FleetTable, Member, Outdated
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually

OLD = Member("old", 1, alone=False)


def other_of(server: RunningServer) -> FleetTable:
    """How another node on the same database takes part."""
    return FleetTable(server.node.database)


@pytest.fixture
async def newer(
    migrated_postgres_url: str, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> RunningServer:
    """A node of the next version, whose newest kind of fact is `messaged`, beside a living one of this version."""
    database = await Database.open(migrated_postgres_url)
    await FleetTable(database).join(OLD)
    await database.close()
    monkeypatch.setitem(cast(dict[Any, Any], KIND_OF), Messaged, dataclasses.replace(KIND_OF[Messaged], since=2))
    monkeypatch.setattr(decide, "SPEAKS", 2)
    monkeypatch.setattr(fleet, "SPEAKS", 2)
    server = await start_server(database_url=migrated_postgres_url)
    await server.make_test()
    return server


async def test_a_newer_kind_is_refused_until_the_last_old_node_has_gone(newer: RunningServer) -> None:
    attempt_id = await newer.started()
    path = f"/test-attempts/{attempt_id}/messages"
    refused = await newer.call("POST", path, newer.instructor, {"text": "Hello."})
    assert (refused.status, refused.code, refused.body["retry"]) == (503, Code.UPGRADE_UNDER_WAY, "never")
    assert int(refused.headers["retry-after"]) >= 1
    # Everything else goes on.
    (await newer.call("POST", f"/test-attempts/{attempt_id}/pause", newer.instructor, {"reason": "fire"})).ok()
    await other_of(newer).leave("old")
    await newer.node.fleet.beat()
    assert newer.node.fleet.version == 2
    (await newer.call("POST", path, newer.instructor, {"text": "Hello."})).ok()


async def test_a_node_that_speaks_less_than_the_others_does_not_start(start_server: StartServer) -> None:
    server = await start_server()
    await other_of(server).join(Member("newer", 2, alone=True))
    await server.stop()
    database = await Database.open(f"sqlite:///{server.settings.data}/pencilsdown.sqlite3")
    try:
        with pytest.raises(Outdated, match="install their release"):
            await fleet.Fleet(FleetTable(database), "again", alone=True, on_outdated=lambda: None).join()
    finally:
        await database.close()


async def test_a_node_that_was_taken_for_dead_sends_everybody_to_the_newer_ones(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await other_of(server).join(Member("newer", 2, alone=True))
        await server.node.fleet.beat()
        _, code = await socket.end()
        assert code == Close.TRY_AGAIN
    assert "version" in server.node.missing
    reply = await server.call("POST", "/test-attempts", server.service, {"test_id": "algebra-1", "user_id": "cy"})
    assert reply.code == Code.DRAINING


async def test_a_node_that_stops_in_order_keeps_nobody_waiting(newer: RunningServer) -> None:
    await other_of(newer).leave("old")
    await newer.node.fleet.beat()
    third = Member("third", 3, alone=False)
    assert await other_of(newer).join(third) == (2, 3)
    database = await Database.open(newer.settings.database_url)
    await newer.stop()
    assert await FleetTable(database).beat(third) == (3, 3)
    await database.close()


async def test_a_process_whose_node_is_too_old_ends_in_order(server: RunningServer) -> None:
    ended: list[bool] = []
    server.node.end_process = lambda: ended.append(True)
    await other_of(server).join(Member("newer", 2, alone=True))
    for _ in range(2):
        await server.node.fleet.beat()
    await eventually(lambda: ended == [True])
