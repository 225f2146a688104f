"""A token's end is announced, a fresh one is taken on the open socket, and nothing is lost by it."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from tests.server.conftest import StartServer
from tests.server.harness.exam import CANDIDATE, TEST
from tests.server.harness.forged import forge
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.server.harness.socket import Socket

SHORT_MS = 100_000
"""A life that ends within the time of the warning."""


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    """A server that does not mind silence for a while."""
    server = await start_server(heartbeat_ms=60_000)
    await server.make_test()
    return server


async def greet(server: RunningServer, path: str, token: str) -> Socket:
    socket = await server.socket(path)
    await socket.hello(token)
    return socket


async def a_candidate(server: RunningServer) -> tuple[Socket, str]:
    """One who sits, with a token that ends soon."""
    attempt_id = await server.started()
    socket = await greet(server, f"/ws/attempts/{attempt_id}", server.token(lifetime_ms=SHORT_MS))
    await socket.until("welcome")
    return socket, attempt_id


async def an_instructor(server: RunningServer) -> Socket:
    token = server.token(Role.INSTRUCTOR, "grace", lifetime_ms=SHORT_MS)
    socket = await greet(server, f"/ws/monitor/{TEST}", token)
    await socket.until("monitor_welcome")
    return socket


async def is_open(socket: Socket, t0_ms: int) -> bool:
    await socket.send("beat", t0_ms=t0_ms)
    return bool(await socket.until("echo", t0_ms=t0_ms))


async def test_the_end_is_announced_once(server: RunningServer) -> None:
    socket, _ = await a_candidate(server)
    async with socket, await an_instructor(server) as watcher:
        for one in (socket, watcher):
            left_ms = (await one.until("token_expiring"))["expires_at_ms"] - server.clock.now_ms()
            assert 0 < left_ms <= SHORT_MS
        await server.node.housekeeping.tidy()
        await server.node.housekeeping.tidy()
        assert await is_open(socket, 1)
        assert "token_expiring" not in [message["t"] for message in socket.skipped]


async def test_with_a_fresh_token_everything_goes_on(server: RunningServer) -> None:
    socket, _ = await a_candidate(server)
    async with socket, await an_instructor(server) as watcher:
        await socket.send("answer", n=1, question_id="word", value="Eul", client_at_ms=0)
        await socket.send("renew", token=server.token(lifetime_ms=HOUR_MS))
        await socket.send("answer", n=2, question_id="word", value="Euler", client_at_ms=0)
        ends_ms = (await socket.until("renewed"))["expires_at_ms"]
        assert ends_ms - server.clock.now_ms() > SHORT_MS
        await watcher.send("renew", token=server.instructor)
        await watcher.until("renewed")
        await server.advance(SHORT_MS + 1)
        await server.node.housekeeping.tidy()
        assert await is_open(socket, 1)
        assert await is_open(watcher, 2)
        await socket.send("answer", n=3, question_id="fact", value="true", client_at_ms=0)
        assert (await socket.until("ack", n=3))["n"] == 3


async def test_without_one_an_instructor_is_sent_away_for_it(server: RunningServer) -> None:
    async with await an_instructor(server) as watcher:
        await server.advance(SHORT_MS + 1)
        rest, code = await watcher.end()
    assert (code, rest[-1]["t"], rest[-1]["code"]) == (Close.TOKEN_EXPIRED, "goodbye", Close.TOKEN_EXPIRED)


async def test_without_one_a_candidate_may_finish_and_is_sent_away_then(server: RunningServer) -> None:
    socket, attempt_id = await a_candidate(server)
    async with socket:
        await server.advance(SHORT_MS + 1)
        await server.node.housekeeping.tidy()
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await socket.until("ack", n=1)
        expired = server.token(lifetime_ms=1_000)
        await server.advance(1_000)
        (await server.call("GET", f"/test-attempts/{attempt_id}/status", expired)).ok()
        await socket.send("submit", n=2, client_at_ms=0)
        await socket.until("ack", n=2)
        assert (await socket.end())[1] == Close.TOKEN_EXPIRED


@pytest.mark.parametrize(
    ("fresh", "code"),
    [
        ({"user": "mallory"}, Code.FORBIDDEN),
        ({"org": "elsewhere"}, Code.FORBIDDEN),
        ({"role": Role.INSTRUCTOR}, Code.FORBIDDEN),
        ({"attempt_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, Code.FORBIDDEN),
        ({"tests": ["another"]}, Code.FORBIDDEN),
        ({"lifetime_ms": 1_000}, Code.TOKEN_EXPIRED),
        (None, Code.TOKEN_INVALID),
    ],
)
async def test_a_token_that_does_not_fit_changes_nothing(
    server: RunningServer, fresh: dict[str, Any] | None, code: Code
) -> None:
    socket, _ = await a_candidate(server)
    async with socket:
        before = next(iter(server.node.connections.all)).principal
        token = (
            forge(server, secret="another secret of at least 32 bytes .......")
            if fresh is None
            else server.token(**fresh)
        )
        if code is Code.TOKEN_EXPIRED:
            await server.advance(1_000)
        await socket.send("renew", token=token)
        refused = await socket.until("refused")
        assert (refused["n"], refused["code"]) == (None, code)
        assert next(iter(server.node.connections.all)).principal == before
        assert await is_open(socket, 1)


async def test_an_instructor_keeps_to_her_test(server: RunningServer) -> None:
    async with await an_instructor(server) as watcher:
        others: list[dict[str, Any]] = [{"tests": ["another"]}, {"branches": ["north"]}, {"groups": ["room"]}]
        for other in others:
            await watcher.send("renew", token=server.token(Role.INSTRUCTOR, "grace", **other))
            assert (await watcher.until("refused"))["code"] == Code.FORBIDDEN


async def test_one_at_a_time(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    socket, _ = await a_candidate(server)
    fetched = asyncio.Event()
    verify = server.node.tokens.verify

    async def fetch_keys_first(token: str) -> Any:
        await fetched.wait()
        return await verify(token)

    async with socket:
        monkeypatch.setattr(server.node.tokens, "verify", fetch_keys_first)
        await socket.send("renew", token=server.token(user=CANDIDATE))
        await socket.send("renew", token=server.token(user=CANDIDATE))
        assert (await socket.until("refused"))["code"] == Code.RATE_LIMITED
        fetched.set()
        await socket.until("renewed")


# A token that was good at the start is good until the end


async def answers(server: RunningServer, attempt_id: str, token: str, connection_id: str, n: int) -> Any:
    answer = {"n": n, "question_id": "word", "value": "Euler", "client_at_ms": 0}
    body = {"connection_id": connection_id, "answers": [answer]}
    return await server.call("POST", f"/test-attempts/{attempt_id}/answers", token, body)


async def test_a_token_that_ends_in_mid_exam_goes_on_over_rest_until_the_attempt_ends(server: RunningServer) -> None:
    attempt_id = await server.started()
    path, token = f"/test-attempts/{attempt_id}", server.token(lifetime_ms=60_000)
    connection_id = (await server.call("POST", f"{path}/resume", token, server.arrival())).ok()["connection_id"]
    assert (await answers(server, attempt_id, token, connection_id, 1)).ok()["acked"] == [1]
    server.pass_time(90_000)
    assert (await answers(server, attempt_id, token, connection_id, 2)).ok()["acked"] == [2]
    for verb in ("paper", "status", "answers"):
        (await server.call("GET", f"{path}/{verb}", token)).ok()
    connection_id = (await server.call("POST", f"{path}/resume", token, server.arrival())).ok()["connection_id"]
    (await server.call("POST", f"{path}/complete", token, {"connection_id": connection_id})).ok()
    assert (await server.call("GET", f"{path}/status", token)).code == Code.TOKEN_EXPIRED
    assert (await server.call("GET", f"/test-attempts?test_id={TEST}", token)).code == Code.TOKEN_EXPIRED


async def test_whoever_loses_her_link_after_her_token_has_ended_gets_back_in(server: RunningServer) -> None:
    attempt_id, token = await server.started(), server.token(lifetime_ms=SHORT_MS)
    async with await greet(server, f"/ws/attempts/{attempt_id}", token) as socket:
        await socket.until("welcome")
        await server.advance(SHORT_MS + 1)
    async with await greet(server, f"/ws/attempts/{attempt_id}", token) as again:
        await again.until("welcome")
        await again.send("submit", n=1, client_at_ms=0)
        await again.until("ack", n=1)
    async with await greet(server, f"/ws/attempts/{attempt_id}", token) as late:
        assert await late.refusal() == (Code.TOKEN_EXPIRED, Close.TOKEN_EXPIRED)


async def test_a_token_that_had_ended_before_the_start_opens_nothing(server: RunningServer) -> None:
    attempt_id, token = await server.make_attempt(), server.token(lifetime_ms=SHORT_MS)
    server.pass_time(SHORT_MS + 1)
    async with await greet(server, f"/ws/attempts/{attempt_id}", token) as socket:
        assert await socket.refusal() == (Code.TOKEN_EXPIRED, Close.TOKEN_EXPIRED)
    (await server.call("POST", f"/test-attempts/{attempt_id}/start", server.service, {})).ok()
    reply = await server.call("POST", f"/test-attempts/{attempt_id}/resume", token, server.arrival())
    assert (reply.status, reply.code) == (401, Code.TOKEN_EXPIRED)


async def test_a_withdrawal_ends_it_all_the_same(server: RunningServer) -> None:
    attempt_id, token = await server.started(), server.token(lifetime_ms=SHORT_MS)
    server.pass_time(SHORT_MS + 1)
    (await server.call("GET", f"/test-attempts/{attempt_id}/status", token)).ok()
    body = {"user_id": CANDIDATE, "reason": "lost"}
    (await server.call("POST", "/revocations", server.service, body)).ok()
    assert (await server.call("GET", f"/test-attempts/{attempt_id}/status", token)).code == Code.TOKEN_REVOKED
