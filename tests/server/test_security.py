"""What no module tries by itself of docs/security.md: no token in its place, and somebody's words said again."""

import pytest
from websockets.asyncio.client import connect

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO, Socket, pack


@pytest.mark.parametrize("header", ["Authorization: Bearer {}", "Cookie: token={}", "Sec-WebSocket-Protocol: {}"])
async def test_what_goes_along_with_a_handshake_opens_nothing(server: RunningServer, header: str) -> None:
    """A browser sends cookies to whoever asks for them; a socket is opened by what its page says in it."""
    name, value = header.format(server.token()).split(": ")
    url = server.settings.url.replace("http", "ws", 1) + f"/ws/attempts/{await server.started()}"
    connection = await connect(url, additional_headers={name: value}, compression=None, ping_interval=None, proxy=None)
    async with Socket(connection) as socket:
        await socket.hello("")
        assert await socket.refusal() == (Code.TOKEN_MISSING, Close.TOKEN_INVALID)


async def test_over_rest_a_cookie_and_an_address_open_nothing_either(server: RunningServer) -> None:
    token = server.service
    async with server._http.get("/tests", headers={"cookie": f"token={token}; authorization={token}"}) as response:
        assert (response.status, (await response.json(content_type=None))["code"]) == (401, Code.TOKEN_MISSING)
    for name in ("token", "access_token"):
        assert (await server.call("GET", f"/tests?{name}={token}")).code == Code.TOKEN_MISSING
        assert (await server.call("GET", f"/tests?{name}={token}", token)).code == Code.UNKNOWN_FIELD


async def test_a_hello_that_is_said_again_elsewhere_opens_nothing(server: RunningServer) -> None:
    """A token is good until its end, but whoever has copied the very bytes of a hello gets nowhere with them: each
    connect of a device has a number of its own."""
    hers = await server.started()
    another = await server.started("bob")
    hello = pack("hello", protocol=1, token=server.token(), **HELLO)
    async with (
        await server.socket(f"/ws/attempts/{hers}") as owner,
        await server.socket(f"/ws/attempts/{hers}") as thief,
    ):
        await owner.raw(hello)
        await owner.until("welcome")
        await thief.raw(hello)
        assert await thief.refusal() == (Code.SUPERSEDED, Close.SUPERSEDED)
        await owner.send("beat", t0_ms=1)
        await owner.until("echo")
    for path in (f"/ws/attempts/{another}", "/ws/attempts/01890a5d-ac96-774b-bcce-b302099a8057"):
        async with await server.socket(path) as socket:
            await socket.raw(hello)
            assert await socket.refusal() == (Code.NOT_FOUND, Close.NOT_FOUND)
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.raw(hello)
        assert await socket.refusal() == (Code.FORBIDDEN, Close.FORBIDDEN)
        # A candidate's token opens no monitor, whatever is said with it.
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(server.token())
        assert await socket.refusal() == (Code.FORBIDDEN, Close.FORBIDDEN)
    kinds = [
        entry["kind"]
        for entry in (await server.call("GET", f"/test-attempts/{hers}/log", server.service)).ok()["entries"]
    ]
    assert kinds.count("connected") == 1


async def test_a_hello_said_again_gets_nobody_out_where_the_first_connection_counts(server: RunningServer) -> None:
    await server.make_test("strict", connections="first")
    attempt_id = await server.started(test_id="strict")
    hello = pack("hello", protocol=1, token=server.token(), **HELLO)
    async with await server.socket(f"/ws/attempts/{attempt_id}") as owner:
        await owner.raw(hello)
        await owner.until("welcome")
        async with await server.socket(f"/ws/attempts/{attempt_id}") as thief:
            await thief.raw(hello)
            assert await thief.refusal() == (Code.SUPERSEDED, Close.SUPERSEDED)
        await owner.send("beat", t0_ms=1)
        await owner.until("echo")


async def test_a_whole_conversation_played_again_changes_nothing(server: RunningServer) -> None:
    """Numbers make it harmless: every operation is acknowledged once more, and the log does not grow by one of them."""
    attempt_id = await server.started()
    conversation = [
        pack("answer", n=1, question_id="word", value="Euler", client_at_ms=0),
        pack("flag", n=2, question_id="fact", flagged=True, client_at_ms=0),
        pack("answer", n=3, question_id="word", value="Gauss", client_at_ms=0),
    ]

    async def play() -> list[str]:
        async with await server.sit(attempt_id) as socket:
            for message in conversation:
                await socket.raw(message)
            await socket.until("ack", n=3)
        page = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)).ok()
        return [entry["kind"] for entry in page["entries"] if entry["kind"] not in ("connected", "disconnected")]

    assert await play() == await play()
    answers = (await server.call("GET", f"/test-attempts/{attempt_id}/answers", server.service)).ok()["answers"]
    assert [(one["value"], one["n"]) for one in answers] == [("Gauss", 3)]


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.INSTRUCTOR])
async def test_a_token_is_handed_out_to_nobody_but_a_service(server: RunningServer, role: Role) -> None:
    """Whoever else could have one made would have it made for somebody else."""
    reply = await server.call("POST", "/test-attempts", server.token(role), {"test_id": TEST, "user_id": "ada"})
    assert reply.status == 403 or reply.ok()["token"] is None
    stolen = {"test_id": TEST, "user_id": "bob"}
    assert (await server.call("POST", "/test-attempts", server.token(role), stolen)).code == Code.FORBIDDEN
