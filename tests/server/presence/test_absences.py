"""Candidates who are away for long: told once for each absence and once of its end, whoever noticed it, and also where
the node has died that had to."""

import shutil
from typing import Any, Final

import pytest
from sqlalchemy import update

from protocol.events.presence import AWAY, RETURNED
from protocol.limits import AWAY_AFTER_MS
from storage.last_connections import LastConnection
from storage.schema import attempt_log
from tests.server.conftest import Pair, StartServer
from tests.server.harness.clock import StillClock
from tests.server.harness.device import WAYS, Device, Way
from tests.server.harness.exam import CANDIDATE
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.server.test_disconnection import still, was_seen_last

MINUTE: Final = 60_000


async def come(server: RunningServer, attempt_id: str, way: Way = "socket") -> Device:
    device = Device(way, CANDIDATE, attempt_id, "hers")
    assert await device.come(server, takeover=True) is None
    return device


async def told(server: RunningServer) -> list[tuple[str, dict[str, Any]]]:
    """What other systems are told of absences, in its order."""
    await server.node.courier.take_over()
    page = (await server.call("GET", "/events?topic=presence.*", server.service)).ok()
    return [(event["type"], event["data"]) for event in page["events"]]


async def gone(server: RunningServer, attempt_id: str) -> None:
    """The log has the end of her connection."""

    def is_so() -> bool:
        live = server.node.registry.at_hand(attempt_id)
        return live is not None and live.committed.connection_id is None and not live.busy

    await eventually(is_so)


@pytest.mark.parametrize("way", WAYS)
async def test_an_absence_is_told_once_and_so_is_its_end(start_server: StartServer, way: Way) -> None:
    clock = StillClock()
    server = await still(await start_server(clock=clock))
    await server.make_test(duration_ms=60 * MINUTE)
    attempt_id = await server.started()
    device = await come(server, attempt_id, way)
    lost_ms = clock.now_ms()
    await device.leave()
    if way == "rest":
        # Whoever calls is missed after some silence.
        clock.advance(AWAY_AFTER_MS - 1)
        await server.node.contacts.look(clock.now_ms())
    else:
        await gone(server, attempt_id)
        clock.advance(AWAY_AFTER_MS - 1)
    await server.node.absences.look()
    assert await told(server) == []
    clock.advance(1)
    for _ in range(2):
        await server.node.absences.look()
    [(topic, data)] = await told(server)
    assert topic == AWAY
    assert (data["attempt_id"], data["since_ms"], data["long_ms"]) == (attempt_id, lost_ms, AWAY_AFTER_MS)
    clock.advance(MINUTE)
    await device.come(server, takeover=False)
    await server.node.absences.look()
    (first, second) = await told(server)
    assert first == (AWAY, data)
    assert (second[0], second[1]["away_ms"]) == (RETURNED, AWAY_AFTER_MS + MINUTE)


async def test_one_that_cannot_be_told_of_stops_none_of_the_others(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StillClock()
    server = await still(await start_server(clock=clock))
    await server.make_test(duration_ms=60 * MINUTE)
    first, second = await server.started("ada"), await server.started("bob")
    for user, attempt_id in (("ada", first), ("bob", second)):
        device = Device("socket", user, attempt_id, "hers")
        await device.come(server, takeover=True)
        await device.leave()
        await gone(server, attempt_id)
    clock.advance(AWAY_AFTER_MS)
    tell = server.node.absences._tell

    async def broken(one: LastConnection, now_ms: int) -> None:
        if one.attempt_id == first:
            raise ValueError("a log that can't be read")
        await tell(one, now_ms)

    monkeypatch.setattr(server.node.absences, "_tell", broken)
    await server.node.absences.look()
    assert [data["attempt_id"] for _, data in await told(server)] == [second]


async def test_a_log_that_is_damaged_stops_none_of_the_others(start_server: StartServer) -> None:
    clock = StillClock()
    server = await still(await start_server(clock=clock))
    await server.make_test(duration_ms=60 * MINUTE)
    first, second = await server.started("ada"), await server.started("bob")
    for user, attempt_id in (("ada", first), ("bob", second)):
        device = Device("socket", user, attempt_id, "hers")
        await device.come(server, takeover=True)
        await device.leave()
        await gone(server, attempt_id)
    ends = (attempt_log.c.attempt_id == first) & (attempt_log.c.kind == "disconnected")
    damage = update(attempt_log).where(ends).values(body=b"\xc1")
    await server.node.database.write(lambda connection: connection.execute(damage).close())
    clock.advance(AWAY_AFTER_MS)
    await server.node.absences.look()
    assert [data["attempt_id"] for _, data in await told(server)] == [second]


async def test_a_return_that_nobody_had_noticed_is_told_behind_its_absence(start_server: StartServer) -> None:
    clock = StillClock()
    server = await still(await start_server(clock=clock))
    await server.make_test(duration_ms=60 * MINUTE)
    attempt_id = await server.started()
    device = await come(server, attempt_id)
    await device.leave()
    await gone(server, attempt_id)
    clock.advance(AWAY_AFTER_MS)
    await device.come(server, takeover=False)
    await server.node.absences.look()
    assert [topic for topic, _ in await told(server)] == [AWAY, RETURNED]


async def test_whoever_has_ended_is_not_away(start_server: StartServer) -> None:
    clock = StillClock()
    server = await still(await start_server(clock=clock))
    await server.make_test(duration_ms=60 * MINUTE)
    attempt_id = await server.started()
    device = await come(server, attempt_id)
    await device.leave()
    await gone(server, attempt_id)
    (await server.call("POST", f"/test-attempts/{attempt_id}/cancel", server.instructor, {"reason": "x"})).ok()
    clock.advance(AWAY_AFTER_MS)
    await server.node.absences.look()
    assert await told(server) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("noted", [True, False])
async def test_the_next_run_of_the_only_server_tells_it(start_server: StartServer, way: Way, noted: bool) -> None:
    """The first one is killed: after it has recorded the loss, or with the connection."""
    clock = StillClock()
    first = await still(await start_server(clock=clock))
    await first.make_test(duration_ms=60 * MINUTE)
    attempt_id = await first.started()
    device = await come(first, attempt_id, way)
    await device.gives_a_sign()
    await first.node.housekeeping.look_at_contacts()
    lost_ms = clock.now_ms()
    if noted:
        await device.leave()
        if way == "rest":
            clock.advance(MINUTE)
            await first.node.contacts.look(clock.now_ms())
        await gone(first, attempt_id)
    data = first.settings.data.with_name("the disk after the crash")
    shutil.copytree(first.settings.data, data)
    was_seen_last(f"sqlite:///{data / 'pencilsdown.sqlite3'}", first.node.name, clock.now_ms())
    clock.advance(lost_ms + 2 * MINUTE - 1 - clock.now_ms())
    second = await still(await start_server(data=data, clock=clock))
    await second.node.absences.look()
    assert await told(second) == []
    # Of a connection that nobody has heard of since the start it is not known at once that it is lost.
    clock.advance(2 * MINUTE)
    await second.node.absences.look()
    await second.node.absences.look()
    [(topic, data_told)] = await told(second)
    assert (topic, data_told["since_ms"]) == (AWAY, lost_ms)
    await device.come(second, takeover=True)
    assert [topic for topic, _ in await told(second)] == [AWAY, RETURNED]


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_is_the_first_to_come_after_a_long_outage_was_away(start_server: StartServer, way: Way) -> None:
    """The server was killed, and nobody has recorded any loss."""
    clock = StillClock()
    first = await still(await start_server(clock=clock))
    await first.make_test(duration_ms=60 * MINUTE)
    attempt_id = await first.started()
    device = await come(first, attempt_id, way)
    await device.gives_a_sign()
    await first.node.housekeeping.look_at_contacts()
    data = first.settings.data.with_name("the disk after the crash")
    shutil.copytree(first.settings.data, data)
    lost_ms = clock.now_ms()
    clock.advance(5 * MINUTE)
    was_seen_last(f"sqlite:///{data / 'pencilsdown.sqlite3'}", first.node.name, lost_ms)
    second = await still(await start_server(data=data, clock=clock))
    await device.come(second, takeover=True)
    (away, returned) = await told(second)
    assert (away[0], away[1]["since_ms"]) == (AWAY, lost_ms)
    assert (returned[0], returned[1]["away_ms"]) == (RETURNED, 5 * MINUTE)


async def test_two_nodes_tell_it_once_and_one_tells_what_the_other_had_to(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    for server in (one, two):
        await still(server)
    attempt_id = await one.started()
    device = await come(one, attempt_id)
    await device.leave()
    await gone(one, attempt_id)
    for server in (one, two):
        await server.node.absences.look()
        server.clock.advance(AWAY_AFTER_MS + MINUTE)
    # The second one has begun to look after the loss: it finds her too.
    for server in (two, one, two):
        await server.node.absences.look()
    assert [topic for topic, _ in await told(two)] == [AWAY]
    await device.come(two, takeover=True)
    assert [topic for topic, _ in await told(one)] == [AWAY, RETURNED]
