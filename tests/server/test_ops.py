"""The operations port and the public one."""

import asyncio

import pytest

from tests.server.conftest import StartServer
from tests.server.harness.raw import Raw, handshake
from tests.server.harness.running import RunningServer


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/livez"])
async def test_what_operators_see_is_at_their_port_alone(server: RunningServer, path: str) -> None:
    assert (await server.ops(path)).status == 200
    assert (await server.call("GET", path)).status == 404
    # A header does not say which port it was.
    there = f"{server.settings.ops_host}:{server.settings.ops_port}"
    assert (await server.call("GET", path, host=there)).status == 404


@pytest.mark.parametrize("path", ["/sit", "/openapi.json", "/tests", "/healthz"])
async def test_the_public_is_not_served_at_the_operations_port(server: RunningServer, path: str) -> None:
    assert (await server.ops(path)).status == 404


async def test_no_socket_opens_at_the_operations_port(server: RunningServer) -> None:
    attempt_id = await server.started()
    asked = Raw(*await asyncio.open_connection(server.settings.ops_host, server.settings.ops_port))
    await asked.send(handshake(server, f"/ws/attempts/{attempt_id}"))
    assert b" 101 " not in (await asked.gone())
    asked.close()


async def test_the_public_port_says_whether_the_node_can_serve_and_no_more(server: RunningServer) -> None:
    well = await server.call("GET", "/healthz")
    assert (well.status, well.raw) == (200, b"ok\n")
    server.node.draining = True
    leaving = await server.call("GET", "/healthz")
    assert (leaving.status, leaving.raw, leaving.headers["retry-after"]) == (503, b"not now\n", "1")
    told = await server.ops("/readyz")
    assert (told.status, told.body["missing"], told.headers["retry-after"]) == (503, ["draining"], "1")


async def test_without_a_port_it_is_nowhere(start_server: StartServer) -> None:
    server = await start_server(ops_port=0)
    for path in ("/metrics", "/readyz", "/livez"):
        assert (await server.call("GET", path)).status == 404
