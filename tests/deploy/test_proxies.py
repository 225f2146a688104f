"""Each proxy, with our file, in front of a real node: REST and sockets pass, and what is inside stays inside."""

import asyncio
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from loadtest.ports import free_port
from protocol.codes import Close
from tests.deploy.fronts import NAME, Front, start_caddy, start_nginx, start_nginx_before_cells
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.services.processes import Processes

Fronted = tuple[RunningServer, Front]


@pytest.fixture(params=["nginx", "caddy"])
async def fronted(
    request: pytest.FixtureRequest, start_server: StartServer, processes: Processes, tmp_path: Path
) -> Fronted:
    """A node with a proxy in front. The other node that the proxy knows of is away."""
    server = await start_server(allowed_origins=f"https://{NAME}", drain_ms=1_000)
    await server.make_test()
    folder = tmp_path / "proxy"
    folder.mkdir()
    start = {"nginx": start_nginx, "caddy": start_caddy}[request.param]
    return server, start(processes, folder, [free_port(), server.settings.port])


async def test_a_sitting_passes_through(fronted: Fronted) -> None:
    server, front = fronted
    attempt_id = await server.make_attempt()
    async with await front.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        await socket.until("welcome")
        await socket.send("start", n=1, client_at_ms=0)
        await socket.until("state")
        await socket.send("answer", n=2, question_id="word", value="Euler", client_at_ms=0)
        await socket.until("ack", n=2)
        status, body = await front.get(f"/test-attempts/{attempt_id}/answers", server.token())
        assert (status, "Euler" in body) == (200, True)
        await server.node.drain()
        rest, code = await socket.end()
    assert (code, rest[-1]["t"], rest[-1]["after_ms"] > 0) == (Close.TRY_AGAIN, "goodbye", True)


async def test_a_silent_socket_stays_open(fronted: Fronted) -> None:
    server, front = fronted
    attempt_id = await server.started()
    async with await front.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        await socket.until("welcome")
        token = server.instructor
        (await server.call("POST", f"/test-attempts/{attempt_id}/messages", token, {"text": "Quiet, please"})).ok()
        assert (await socket.until("staff_message"))["text"] == "Quiet, please"


async def test_a_client_that_goes_is_noticed_behind_the_proxy(fronted: Fronted) -> None:
    server, front = fronted
    attempt_id = await server.started()
    async with await front.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        await socket.until("welcome")
        assert len(server.node.connections) == 1
    await eventually(lambda: len(server.node.connections) == 0)


async def test_a_foreign_page_is_refused(fronted: Fronted) -> None:
    server, front = fronted
    attempt_id = await server.started()
    with pytest.raises(InvalidStatus, match="403"):
        await front.socket(f"/ws/attempts/{attempt_id}", "https://evil.example")


async def test_without_tls_nothing_is_answered(start_server: StartServer, processes: Processes, tmp_path: Path) -> None:
    server = await start_server(allowed_origins=f"https://{NAME}")
    front = start_nginx(processes, tmp_path, [server.settings.port, free_port()])
    with pytest.raises(InvalidStatus, match="400"):
        await Front(front.port, None).socket("/ws/attempts/01890a5d-ac96-774b-bcce-b302099a8057")
    status, body = await Front(front.port, None).get("/openapi.json")
    assert (status, "openapi" in body) == (400, False)


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz"])
async def test_what_is_for_operators_stays_inside(fronted: Fronted, path: str) -> None:
    server, front = fronted
    assert (await server.ops(path)).status == 200
    assert (await server.call("GET", path)).status == 404
    assert (await front.get(path))[0] == 404
    assert (await front.get("/openapi.json"))[0] == 200


LINKS = ["/sit%23test=a&token={}", "/sit%2523test=a&token={}", "/monitor%23test%3Da%26token%3D{}", "/x/%23token={}"]
"""What mail programs and chats make of a personal link."""


async def test_the_token_of_a_link_whose_fragment_was_encoded_is_in_no_log(fronted: Fronted) -> None:
    server, front = fronted
    token = server.token()
    for link in LINKS:
        await front.get(link.format(token))
    await server.stop()
    # Now the proxy has something to complain of. All at once: Caddy tries for five seconds each time.
    paths = [*(link.format(token) for link in LINKS), "/ordinary?page=1"]
    answers = await asyncio.gather(*(front.get(path) for path in paths))
    assert {status for status, _ in answers} <= {502, 503}
    await eventually(lambda: "/ordinary" in front.logged())
    assert token not in front.logged()
    assert token[-40:] not in front.logged()


async def test_nor_where_nginx_does_not_know_the_host(processes: Processes, tmp_path: Path) -> None:
    front = start_nginx_before_cells(processes, tmp_path, [free_port() for _ in range(4)])
    assert (await front.get("/ordinary", host="elsewhere.exam.example.org"))[0] == 421
    assert (await front.get("/sit%23token=secret", host="elsewhere.exam.example.org"))[0] == 421
    await eventually(lambda: "/ordinary" in front.logged())
    assert "secret" not in front.logged()
