"""A candidate over REST who falls silent has lost her connection, and a holder that is gone keeps nobody out."""

from typing import Any, Final

import pytest
from sqlalchemy import update

from protocol.attempt.commands import Wake
from protocol.attempt.model import Actor, Role
from protocol.codes import Close, Code
from protocol.errors import Refusal
from storage.schema import nodes
from tests.server.conftest import Pair, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.running import HOUR_MS, RunningServer

_SYSTEM: Final = Actor(Role.SYSTEM, "tests")


async def come(server: RunningServer, path: str, device: str, n: int, *, takeover: bool = True) -> Any:
    body = {"device": device, "connect_n": n, "takeover": takeover}
    return await server.call("POST", f"{path}/resume", server.token(), body)


async def sitting(server: RunningServer, **rules: Any) -> str:
    await server.make_test("rules", **rules)
    path = f"/test-attempts/{await server.make_attempt(test_id='rules')}"
    (await server.call("POST", f"{path}/start", server.service, {})).ok()
    return path


async def kinds(server: RunningServer, path: str) -> list[str]:
    entries = (await server.call("GET", f"{path}/log", server.service)).ok()["entries"]
    return [entry["kind"] for entry in entries]


async def test_silence_over_rest_stops_the_clock_as_a_lost_socket_does(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, on_disconnect="pause")
    first = (await come(server, path, "phone", 1)).ok()["connection_id"]
    silence_ms = 4 * server.settings.heartbeat_ms
    server.pass_time(silence_ms - 5_000)
    beat = {"connection_id": first, "t0_ms": 1}
    (await server.call("PUT", f"{path}/heartbeat", server.token(), beat)).ok()
    server.pass_time(silence_ms - 5_000)
    await server.node.housekeeping.look_at_contacts()
    assert "disconnected" not in await kinds(server, path)
    server.pass_time(5_001)
    await server.node.housekeeping.look_at_contacts()
    state = await server.status(path.rpartition("/")[2])
    assert state["status"] == "paused"
    assert (await kinds(server, path))[-2:] == ["disconnected", "paused"]
    reply = await server.call("PUT", f"{path}/heartbeat", server.token(), beat)
    assert reply.code == Code.SUPERSEDED
    back = (await come(server, path, "phone", 2, takeover=False)).ok()
    assert back["state"]["status"] == "in_progress"


async def test_what_another_node_heard_counts(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    path = await sitting(one, on_disconnect="pause")
    connection_id = (await come(one, path, "phone", 1)).ok()["connection_id"]
    two.pass_time(4 * two.settings.heartbeat_ms + 1)
    beat = {"connection_id": connection_id, "t0_ms": 1}
    (await two.call("PUT", f"{path}/heartbeat", one.token(), beat)).ok()
    await two.node.housekeeping.look_at_contacts()
    # Its own look may come at any moment from now on.
    one.pass_time(4 * one.settings.heartbeat_ms + 1)
    await one.node.housekeeping.look_at_contacts()
    assert "disconnected" not in await kinds(one, path)


async def test_after_a_restart_the_connections_of_the_run_before_keep_nobody_out(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, connections="first")
    async with await server.sit(path.rpartition("/")[2]):
        assert (await come(server, path, "other", 1)).code == Code.CONNECTION_EXISTS
        live = server.node.registry.at_hand(path.rpartition("/")[2])
        assert live is not None
        server.node.name = server.node.losses.name = "the next run"
        live.presence.sessions = ()
        (await come(server, path, "other", 2)).ok()


async def test_after_a_crash_a_silent_connection_over_rest_keeps_nobody_out(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, connections="first")
    (await come(server, path, "phone", 1)).ok()
    server.node.contacts._heard.clear()
    server.node.contacts._fresh.clear()
    server.node.contacts._met.clear()
    assert (await come(server, path, "other", 1)).code == Code.CONNECTION_EXISTS
    server.pass_time(4 * server.settings.heartbeat_ms + 1)
    (await come(server, path, "other", 2)).ok()


async def test_the_clock_stood_while_the_only_node_was_dead(start_server: StartServer) -> None:
    server = await start_server(clock=MovableClock())
    path = await sitting(server, on_disconnect="pause")
    attempt_id = path.rpartition("/")[2]
    before = (await server.status(attempt_id))["clocks"][0]["deadline_ms"]
    await server.node.fleet.beat()
    async with await server.sit(attempt_id):
        await crash(server, attempt_id)
        await comes_back_after_a_minute(server, path, before)


async def test_it_stood_for_whoever_calls_over_rest_as_well(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, on_disconnect="pause")
    before = (await server.status(path.rpartition("/")[2]))["clocks"][0]["deadline_ms"]
    (await come(server, path, "phone", 1)).ok()
    await server.node.housekeeping.look_at_contacts()
    server.node.contacts._heard.clear()
    await comes_back_after_a_minute(server, path, before)


@pytest.mark.parametrize("over", ["socket", "rest"])
async def test_a_deadline_that_passed_while_the_only_node_was_dead_is_moved(
    start_server: StartServer, over: str
) -> None:
    server = await start_server()
    path = await sitting(server, on_disconnect="pause")
    attempt_id = path.rpartition("/")[2]
    before_ms = (await server.status(attempt_id))["clocks"][0]["deadline_ms"]
    server.clock.advance(before_ms - server.clock.now_ms() - 60_000)
    socket = await server.sit(attempt_id) if over == "socket" else None
    if socket is None:
        (await come(server, path, "phone", 1)).ok()
        await server.node.housekeeping.look_at_contacts()
    await was_last_seen(server, server.clock.now_ms())
    await crash(server, attempt_id)
    server.pass_time(180_000)
    server.node.losses.started_ms = server.clock.now_ms()
    await server.node.sweeper.sweep()
    state = await server.status(attempt_id)
    assert state["status"] == "paused"
    assert (await kinds(server, path))[-2:] == ["disconnected", "paused"]
    back = (await come(server, path, "phone", 2)).ok()
    assert before_ms + 180_000 <= back["state"]["clocks"][0]["deadline_ms"] <= before_ms + 240_000
    if socket is not None:
        await socket.close()


async def test_whoever_comes_first_after_the_crash_finds_the_lost_time_too(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, on_disconnect="pause")
    attempt_id = path.rpartition("/")[2]
    before_ms = (await server.status(attempt_id))["clocks"][0]["deadline_ms"]
    async with await server.sit(attempt_id):
        server.clock.advance(before_ms - server.clock.now_ms() - 60_000)
        await was_last_seen(server, server.clock.now_ms())
        await crash(server, attempt_id)
        server.clock.advance(180_000)
        back = (await come(server, path, "phone", 2)).ok()
        assert back["state"]["status"] == "in_progress"
        assert before_ms + 180_000 <= back["state"]["clocks"][0]["deadline_ms"] <= before_ms + 240_000


async def test_a_call_over_a_connection_that_a_crash_has_ended_is_told_to_come_again(start_server: StartServer) -> None:
    server = await start_server(clock=MovableClock())
    path = await sitting(server, on_disconnect="pause")
    before_ms = (await server.status(path.rpartition("/")[2]))["clocks"][0]["deadline_ms"]
    connection_id = (await come(server, path, "phone", 1)).ok()["connection_id"]
    await server.node.housekeeping.look_at_contacts()
    await crash(server, path.rpartition("/")[2])
    server.pass_time(30_000)
    server.node.losses.started_ms = server.clock.now_ms()
    beat = {"connection_id": connection_id, "t0_ms": 1}
    assert (await server.call("PUT", f"{path}/heartbeat", server.token(), beat)).code == Code.SUPERSEDED
    back = (await come(server, path, "phone", 2, takeover=False)).ok()
    assert back["state"]["clocks"][0]["deadline_ms"] >= before_ms + 30_000


async def test_a_node_that_may_only_be_slow_holds_up_the_closing(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    path = await sitting(one, on_disconnect="pause")
    attempt_id = path.rpartition("/")[2]
    await one.node.fleet.beat()
    async with await one.sit(attempt_id):
        # The second node's clock is the one that closes: the first one stands still.
        two.clock.advance(HOUR_MS)
        assert isinstance(await two.node.registry.execute(attempt_id, Wake(_SYSTEM)), Refusal)
        assert (await two.status(attempt_id))["status"] == "in_progress"
        await one.node.nodes._database.write(_long_ago)
        await two.node.registry.execute(attempt_id, Wake(_SYSTEM))
        assert "paused" in await kinds(two, path)


async def test_so_does_one_that_may_have_heard_a_caller_over_rest(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    path = await sitting(one, on_disconnect="pause")
    attempt_id = path.rpartition("/")[2]
    (await come(one, path, "phone", 1)).ok()
    await one.node.nodes._database.write(_for_long)
    two.clock.advance(HOUR_MS)
    two.node.losses.started_ms = two.clock.now_ms()
    for _ in range(2):
        assert isinstance(await two.node.registry.execute(attempt_id, Wake(_SYSTEM)), Refusal)
    await one.node.nodes._database.write(_long_ago)
    await two.node.registry.execute(attempt_id, Wake(_SYSTEM))
    assert "paused" in await kinds(two, path)


async def comes_back_after_a_minute(server: RunningServer, path: str, before_ms: int) -> None:
    server.pass_time(60_000)
    back = (await come(server, path, "phone", 2)).ok()
    assert back["state"]["clocks"][0]["deadline_ms"] >= before_ms + 60_000
    assert (await kinds(server, path))[-4:] == ["disconnected", "paused", "resumed", "connected"]


async def crash(server: RunningServer, attempt_id: str) -> None:
    """As after `kill -9`: a node of another name finds the database as it is, and nobody has told of any end."""
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.name = server.node.losses.name = "the next run"
    live.presence.sessions = ()
    server.node.contacts._heard.clear()
    server.node.contacts._fresh.clear()
    server.node.contacts._met.clear()


async def test_the_first_connection_stays_on_every_node_until_its_node_is_gone(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    path = await sitting(one, connections="first")
    await one.node.fleet.beat()
    async with await one.sit(path.rpartition("/")[2]) as socket:
        assert (await come(two, path, "other", 1)).code == Code.CONNECTION_EXISTS
        await one.node.nodes._database.write(_long_ago)
        (await come(two, path, "other", 2)).ok()
        await one.node.registry.find_moved()
        assert (await socket.end())[1] == Close.SUPERSEDED


async def was_last_seen(server: RunningServer, at_ms: int) -> None:
    """The sign of life that this node has written is of then. Its own clock is not the host's."""
    await server.node.nodes._database.write(lambda connection: connection.execute(update(nodes).values(seen_ms=at_ms)))


def _for_long(connection: Any) -> None:
    connection.exec_driver_sql("UPDATE nodes SET since_ms = 0")


def _long_ago(connection: Any) -> None:
    connection.exec_driver_sql("UPDATE nodes SET since_ms = 0, seen_ms = 0")
