"""A candidate over REST who falls silent has lost her connection, and a holder that is gone keeps nobody out."""

from typing import Any

from protocol.codes import Close, Code
from tests.server.conftest import Pair, StartServer
from tests.server.harness.running import RunningServer


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
    await server.node._look_at_contacts()
    assert "disconnected" not in await kinds(server, path)
    server.pass_time(5_001)
    await server.node._look_at_contacts()
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
    for server in deaf_pair:
        server.pass_time(4 * server.settings.heartbeat_ms + 1)
    beat = {"connection_id": connection_id, "t0_ms": 1}
    (await two.call("PUT", f"{path}/heartbeat", one.token(), beat)).ok()
    await two.node._look_at_contacts()
    await one.node._look_at_contacts()
    assert "disconnected" not in await kinds(one, path)


async def test_after_a_restart_the_connections_of_the_run_before_keep_nobody_out(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, connections="first")
    async with await server.sit(path.rpartition("/")[2]):
        assert (await come(server, path, "other", 1)).code == Code.CONNECTION_EXISTS
        live = server.node.registry.at_hand(path.rpartition("/")[2])
        assert live is not None
        server.node.name = "the next run"
        live.presence.sessions = ()
        (await come(server, path, "other", 2)).ok()


async def test_after_a_crash_a_silent_connection_over_rest_keeps_nobody_out(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, connections="first")
    (await come(server, path, "phone", 1)).ok()
    server.node.contacts._heard.clear()
    server.node.contacts._fresh.clear()
    assert (await come(server, path, "other", 1)).code == Code.CONNECTION_EXISTS
    server.pass_time(4 * server.settings.heartbeat_ms + 1)
    (await come(server, path, "other", 2)).ok()


async def test_the_clock_stood_while_the_only_node_was_dead(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, on_disconnect="pause")
    attempt_id = path.rpartition("/")[2]
    before = (await server.status(attempt_id))["deadline_ms"]
    await server.node._give_sign_of_life()
    async with await server.sit(attempt_id):
        await crash(server, attempt_id)
        await comes_back_after_a_minute(server, path, before)


async def test_it_stood_for_whoever_calls_over_rest_as_well(start_server: StartServer) -> None:
    server = await start_server()
    path = await sitting(server, on_disconnect="pause")
    before = (await server.status(path.rpartition("/")[2]))["deadline_ms"]
    (await come(server, path, "phone", 1)).ok()
    await server.node._look_at_contacts()
    server.node.contacts._heard.clear()
    await comes_back_after_a_minute(server, path, before)


async def comes_back_after_a_minute(server: RunningServer, path: str, before_ms: int) -> None:
    server.pass_time(60_000)
    back = (await come(server, path, "phone", 2)).ok()
    assert back["state"]["deadline_ms"] >= before_ms + 60_000
    assert (await kinds(server, path))[-4:] == ["disconnected", "paused", "resumed", "connected"]


async def crash(server: RunningServer, attempt_id: str) -> None:
    """As after `kill -9`: a node of another name finds the database as it is, and nobody has told of any end."""
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.name = "the next run"
    live.presence.sessions = ()


async def test_the_first_connection_stays_on_every_node_until_its_node_is_gone(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    path = await sitting(one, connections="first")
    await one.node._give_sign_of_life()
    async with await one.sit(path.rpartition("/")[2]) as socket:
        assert (await come(two, path, "other", 1)).code == Code.CONNECTION_EXISTS
        await one.node.nodes._database.write(_long_ago)
        (await come(two, path, "other", 2)).ok()
        await one.node.registry.find_moved()
        assert (await socket.end())[1] == Close.SUPERSEDED


def _long_ago(connection: Any) -> None:
    connection.exec_driver_sql("UPDATE nodes SET seen_ms = 0")
