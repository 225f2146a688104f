"""What both sockets refuse alike: who is not who she says she is, and what is no message."""

import asyncio

import pytest
from msgspec.msgpack import encode
from websockets.exceptions import InvalidStatus

from protocol import limits
from protocol.codes import Close, Code
from server.settings import Settings
from server.sockets.session import Session
from tests.server.conftest import PACED, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import TEST
from tests.server.harness.forged import FOREIGN, forge
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO, Socket, pack
from tests.services.patience import SCENARIO_S


@pytest.fixture(params=["attempt", "monitor"])
async def door(request: pytest.FixtureRequest, server: RunningServer) -> tuple[str, str]:
    """The path of a socket, and a token that opens it."""
    if request.param == "monitor":
        return f"/ws/monitor/{TEST}", server.instructor
    return f"/ws/attempts/{await server.started()}", server.token()


async def seated(server: RunningServer, door: tuple[str, str]) -> Socket:
    """A socket that has said hello and got its first answer."""
    path, token = door
    socket = await server.socket(path)
    await socket.hello(token)
    await socket.until("roster" if "monitor" in path else "welcome")
    return socket


# Who


async def test_no_token(server: RunningServer, door: tuple[str, str]) -> None:
    async with await server.socket(door[0]) as socket:
        await socket.hello("")
        assert await socket.refusal() == (Code.TOKEN_MISSING, Close.TOKEN_INVALID)


@pytest.mark.parametrize("name", ["token", "access_token", "authorization"])
async def test_a_token_in_the_address_is_not_looked_at(server: RunningServer, door: tuple[str, str], name: str) -> None:
    async with await server.socket(f"{door[0]}?{name}={door[1]}") as socket:
        await socket.hello("")
        assert await socket.refusal() == (Code.TOKEN_MISSING, Close.TOKEN_INVALID)


async def test_a_late_token(start_server: StartServer) -> None:
    server = await start_server(hello_timeout_ms=100)
    await server.make_test()
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        assert await socket.refusal() == (Code.TOKEN_LATE, Close.HELLO_LATE)


def test_the_time_for_a_token_is_five_seconds() -> None:
    assert Settings.model_fields["hello_timeout_ms"].default == limits.HELLO_TIMEOUT_MS == 5_000


async def test_an_expired_token(server: RunningServer, door: tuple[str, str]) -> None:
    async with await server.socket(door[0]) as socket:
        # Long before the start: a candidate's token that was valid at the start is good while she sits.
        await socket.hello(forge(server, exp=server.clock.now_ms() // 1000 - 60))
        assert await socket.refusal() == (Code.TOKEN_EXPIRED, Close.TOKEN_EXPIRED)


async def test_a_foreign_token(server: RunningServer, door: tuple[str, str]) -> None:
    for kind, make in FOREIGN.items():
        async with await server.socket(door[0]) as socket:
            await socket.hello(make(server)[: limits.MAX_TOKEN_BYTES])
            assert await socket.refusal() == (Code.TOKEN_INVALID, Close.TOKEN_INVALID), kind


async def test_a_token_beyond_the_limit_is_out_of_range(server: RunningServer, door: tuple[str, str]) -> None:
    async with await server.socket(door[0]) as socket:
        await socket.hello("x" * (limits.MAX_TOKEN_BYTES + 1))
        assert await socket.refusal() == (Code.OUT_OF_RANGE, Close.PROTOCOL_ERROR)


async def test_a_foreign_origin_gets_no_handshake(server: RunningServer, door: tuple[str, str]) -> None:
    for origin in ("https://evil.example", "null", server.settings.url + ".evil.example", "http://127.0.0.1"):
        with pytest.raises(InvalidStatus) as refused:
            await server.socket(door[0], origin)
        assert refused.value.response.status_code == 403


async def test_our_own_origin_the_allowed_ones_and_none_pass(start_server: StartServer) -> None:
    server = await start_server(allowed_origins=("https://exams.example",))
    await server.make_test()
    for origin in (server.settings.url, f"http://localhost:{server.settings.port}", "https://exams.example", None):
        async with await server.socket(f"/ws/monitor/{TEST}", origin) as socket:
            await socket.hello(server.instructor)
            await socket.until("monitor_welcome")


# How


async def test_the_first_message_must_be_hello(server: RunningServer, door: tuple[str, str]) -> None:
    async with await server.socket(door[0]) as socket:
        await socket.send("beat", t0_ms=1)
        assert await socket.refusal() == (Code.NOT_EXPECTED, Close.PROTOCOL_ERROR)


@pytest.mark.parametrize(("oldest", "newest"), [(2, 3), (2, 2), (0, 0), (3, 1)])
async def test_versions_that_cannot_meet(
    server: RunningServer, door: tuple[str, str], oldest: int, newest: int
) -> None:
    async with await server.socket(door[0]) as socket:
        await socket.hello(door[1], protocol=newest, oldest=oldest)
        assert await socket.refusal() == (Code.UNSUPPORTED_PROTOCOL, Close.PROTOCOL_ERROR)


async def test_a_newer_client_is_let_in_with_the_version_that_both_speak(
    server: RunningServer, door: tuple[str, str]
) -> None:
    async with await server.socket(door[0]) as socket:
        await socket.hello(door[1], protocol=7, capabilities=["of_tomorrow"], mood={"new": [1]})
        welcome = await socket.next()
        assert (welcome["protocol"], welcome["capabilities"]) == (1, [])


async def test_a_client_that_waits_for_the_fleet_is_told_to_come_again(
    server: RunningServer, door: tuple[str, str]
) -> None:
    """A newer node has served its page, and an older one its socket."""
    server.node.fleet.newest = 2
    async with await server.socket(door[0]) as socket:
        await socket.hello(door[1], protocol=2, oldest=2)
        assert await socket.refusal() == (Code.UPGRADE_UNDER_WAY, Close.TRY_AGAIN)


async def test_a_newer_version_is_picked_once_the_fleet_speaks_it(
    server: RunningServer, door: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocol.since.SPEAKS", 2)
    monkeypatch.setattr("protocol.since.CAPABILITIES", {"of_tomorrow": 2, "of_the_day_after": 3})
    for fleet, picked in ((1, (1, [])), (2, (2, ["of_tomorrow"])), (3, (2, ["of_the_day_after", "of_tomorrow"]))):
        server.node.fleet.version = fleet
        async with await server.socket(door[0]) as socket:
            await socket.hello(door[1], protocol=2, capabilities=["of_tomorrow", "of_the_day_after", "other"])
            welcome = await socket.next()
            assert (welcome["protocol"], welcome["capabilities"]) == picked


MONITOR_HELLO = {name: HELLO[name] for name in ("client", "oldest_protocol", "capabilities")}


async def test_a_hello_that_names_a_field_twice_is_refused(server: RunningServer, door: tuple[str, str]) -> None:
    async with await server.socket(door[0]) as socket:
        fields = HELLO if socket.is_candidate else MONITOR_HELLO
        whole = pack("hello", protocol=1, token=door[1], **fields)
        twice = bytes([whole[0] + 1]) + whole[1:] + encode("token") + encode("another")
        await socket.raw(twice)
        assert await socket.refusal() == (Code.MALFORMED, Close.PROTOCOL_ERROR)


async def test_a_second_hello_is_refused_and_the_connection_goes_on(
    server: RunningServer, door: tuple[str, str]
) -> None:
    async with await seated(server, door) as socket:
        await socket.hello(door[1])
        assert (await socket.until("refused"))["code"] == Code.NOT_EXPECTED
        await socket.send("beat", t0_ms=4)
        assert (await socket.until("echo"))["t0_ms"] == 4


BEAT = pack("beat", t0_ms=1)
UNREADABLE: dict[str, tuple[bytes | str, Code]] = {
    "an unknown message": (pack("beet", t0_ms=1), Code.UNKNOWN_MESSAGE),
    "a message without its tag": (b"\x81\xa5t0_ms\x01", Code.UNKNOWN_MESSAGE),
    "an unknown field": (pack("beat", t0_ms=1, extra=None), Code.UNKNOWN_FIELD),
    "a missing field": (pack("beat"), Code.MISSING_FIELD),
    "a wrong type": (pack("beat", t0_ms="1"), Code.WRONG_TYPE),
    "a float for an integer": (pack("beat", t0_ms=1.5), Code.WRONG_TYPE),
    "a negative instant": (pack("beat", t0_ms=-1), Code.OUT_OF_RANGE),
    "an instant of 2^53": (pack("beat", t0_ms=2**53), Code.OUT_OF_RANGE),
    "trailing bytes": (BEAT + b"\xc0", Code.TRAILING_BYTES),
    "two messages in one": (BEAT + BEAT, Code.TRAILING_BYTES),
    "half a message": (BEAT[:-1], Code.MALFORMED),
    "nothing": (b"", Code.MALFORMED),
    "a byte that MessagePack does not know": (b"\xc1", Code.MALFORMED),
    "a list": (b"\x93\x01\x02\x03", Code.WRONG_TYPE),
    "text that is not UTF-8": (b"\x82\xa1t\xa4beat\xa5t0_ms\xa1\xff", Code.WRONG_TYPE),
    "a text frame": ('{"t":"beat","t0_ms":1}', Code.MALFORMED),
    "nesting": (pack("beat", t0_ms=[[[[[1]]]]]), Code.TOO_DEEP),
    "a bomb of nesting": (b"\x91" * 60_000, Code.TOO_DEEP),
    "a list that promises four billion": (b"\x82\xa1t\xa4beat\xa5t0_ms\xdd\xff\xff\xff\xff", Code.MALFORMED),
    "a field twice": (b"\x83\xa1t\xa4beat\xa5t0_ms\x01\xa5t0_ms\x02", Code.MALFORMED),
}


async def test_what_cannot_be_read_is_named_and_the_connection_goes_on(
    server: RunningServer, door: tuple[str, str]
) -> None:
    assert len(UNREADABLE) > limits.MAX_STRIKES - 2
    cases = list(UNREADABLE.items())
    for some in (cases[:10], cases[10:]):
        async with await seated(server, door) as socket:
            for kind, (data, code) in some:
                await socket.raw(data)
                refused = await socket.until("refused")
                assert (refused["n"], refused["code"]) == (None, code), kind
            await socket.send("beat", t0_ms=9)
            assert (await socket.until("echo"))["t0_ms"] == 9


async def test_what_cannot_be_read_is_no_hello_either(server: RunningServer, door: tuple[str, str]) -> None:
    for kind, (data, code) in UNREADABLE.items():
        async with await server.socket(door[0]) as socket:
            await socket.raw(data)
            assert await socket.refusal() == (code, Close.PROTOCOL_ERROR), kind


async def test_whoever_never_sends_a_message_is_sent_away(server: RunningServer, door: tuple[str, str]) -> None:
    async with await seated(server, door) as socket:
        for _ in range(limits.MAX_STRIKES):
            await socket.raw(b"\xc1")
        rest, code = await socket.end()
        assert code == Close.PROTOCOL_ERROR
        assert len([message for message in rest if message["t"] == "refused"]) == limits.MAX_STRIKES


async def test_exactly_the_largest_message_is_read(server: RunningServer, door: tuple[str, str]) -> None:
    async with await seated(server, door) as socket:
        data = pack("beat", t0_ms="").ljust(limits.MAX_FRAME_BYTES, b"\xc0")
        await socket.raw(data)
        assert (await socket.until("refused"))["code"] == Code.TRAILING_BYTES
        await socket.send("beat", t0_ms=2)
        await socket.until("echo")


@pytest.mark.parametrize("size", [limits.MAX_FRAME_BYTES + 1, limits.MAX_READ_BYTES])
async def test_a_message_that_is_too_large_is_refused_by_name_and_the_connection_stays(
    server: RunningServer, door: tuple[str, str], size: int
) -> None:
    async with await seated(server, door) as socket:
        await socket.raw(BEAT.ljust(size, b"\xc0"))
        assert (await socket.until("refused"))["code"] == Code.TOO_LARGE
        await socket.send("beat", t0_ms=2)
        await socket.until("echo")


async def test_one_byte_more_than_is_read_ends_the_connection(server: RunningServer, door: tuple[str, str]) -> None:
    async with await seated(server, door) as socket:
        await socket.raw(BEAT.ljust(limits.MAX_READ_BYTES + 1, b"\xc0"))
        assert (await socket.end())[1] == Close.TOO_LARGE


# How much


async def test_a_flood_waits_and_ends_nothing_while_a_neighbour_is_served(start_server: StartServer) -> None:
    """Before, twenty messages above the rate ended the connection for good."""
    server = await start_server(clock=MovableClock(), rate_per_second=20, rate_burst=5)
    await server.make_test()
    theirs = await server.make_attempt("bob")
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket, await server.sit(theirs, "bob") as neighbour:
        for n in range(1, 41):
            await socket.send("progress", n=n, question_index=n % 2, client_at_ms=0)
        await neighbour.send("beat", t0_ms=5)
        assert (await neighbour.until("echo"))["t0_ms"] == 5
        await socket.until("ack", n=40)
        assert {message["t"] for message in socket.skipped} == {"ack"}
    assert server.node.tally.refusals[Code.RATE_LIMITED] == 0
    assert server.node.tally.paced["operations"] > 10


async def test_an_instructor_who_floods_waits_too(start_server: StartServer) -> None:
    server = await start_server(clock=MovableClock(), rate_per_second=50, rate_burst=3)
    await server.make_test()
    async with await server.watch() as socket:
        for t0_ms in range(40):
            await socket.send("beat", t0_ms=t0_ms)
        await socket.until("echo", t0_ms=39)


async def test_500_kept_operations_at_once_are_all_taken_and_a_beat_behind_them_comes_in_time(
    start_server: StartServer,
) -> None:
    """A candidate comes back with what she kept offline and sends it as it is, without a window. Her beat waits behind
    it, and nobody counts her as lost."""
    server = await start_server(clock=MovableClock(), heartbeat_ms=limits.HEARTBEAT_MS, **PACED)
    await server.make_test()
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket, asyncio.timeout(SCENARIO_S):
        for n in range(1, 501):
            await socket.send("answer", n=n, question_id="single", value="ab"[n % 2], client_at_ms=0)
        await socket.send("beat", t0_ms=7)
        while not any(message["t"] == "echo" for message in socket.skipped):
            socket.skipped.append(await socket.next())
        refused = [message for message in socket.skipped if message["t"] == "refused"]
        assert refused == []
        acked = max(message["n"] for message in socket.skipped if message["t"] == "ack")
        assert acked > 500 - 64, "the echo comes when all before it was read"
        (session,) = server.node.connections.all
        assert session.out.closing is None


async def test_an_old_strike_is_forgotten(server: RunningServer, door: tuple[str, str]) -> None:
    """A bug that shows twice a minute ends nothing, however long the exam."""
    async with await seated(server, door) as socket:
        for _ in range(3 * limits.MAX_STRIKES):
            await socket.raw(b"\xc1")
            assert (await socket.until("refused"))["code"] == Code.MALFORMED
            server.pass_time(30_000)
        await socket.send("beat", t0_ms=1)
        await socket.until("echo")


async def test_who_is_held_back_when_the_server_leaves_is_told_at_once(start_server: StartServer) -> None:
    server = await start_server(rate_per_second=1, rate_burst=1)
    await server.make_test()
    async with await server.sit(await server.started()) as socket:
        for t0_ms in range(30):
            await socket.send("beat", t0_ms=t0_ms)
        await socket.until("echo", t0_ms=0)
        await server.node.drain()
        assert (await socket.end())[1] == Close.TRY_AGAIN
        assert len(server.node.connections) == 0, "nobody waited for the turn of what was not read"


async def test_a_silent_connection_is_ended(start_server: StartServer) -> None:
    server = await start_server(clock=MovableClock(), heartbeat_ms=1_000)
    await server.make_test()
    attempt_id = await server.make_attempt()
    async with await server.sit(attempt_id) as candidate, await server.watch() as watcher:
        await asyncio.sleep(0)
        await server.advance(4_001)
        assert (await candidate.end())[1] == Close.HEARTBEAT_LOST
        assert (await watcher.end())[1] == Close.HEARTBEAT_LOST


async def test_what_comes_after_too_long_a_silence_is_not_taken(server: RunningServer, door: tuple[str, str]) -> None:
    """The server stood still meanwhile, and its peer has gone on elsewhere."""
    async with await seated(server, door) as socket:
        (session,) = server.node.connections.all
        assert isinstance(session, Session)
        # What passes in the test itself counts, too.
        server.clock.advance((session.stale_beats - 1) * server.settings.heartbeat_ms)
        await socket.send("beat", t0_ms=1)
        await socket.until("echo")
        server.clock.advance(session.stale_beats * server.settings.heartbeat_ms + 1)
        await socket.send("beat", t0_ms=2)
        messages, code = await socket.end()
    assert (code, [message["t"] for message in messages if message["t"] == "echo"]) == (Close.HEARTBEAT_LOST, [])


async def test_a_draining_server_says_when_to_come_back(server: RunningServer, door: tuple[str, str]) -> None:
    async with await seated(server, door) as socket, await server.socket(door[0]) as late:
        await server.node.drain()
        rest, code = await socket.end()
        assert (code, rest[-1]["code"]) == (Close.TRY_AGAIN, Close.TRY_AGAIN)
        assert rest[-1]["after_ms"] >= limits.RECONNECT_BASE_MS
        assert (await late.end())[1] == Close.TRY_AGAIN
    async with await server.socket(door[0]) as newcomer:
        await newcomer.hello(door[1])
        assert await newcomer.refusal() == (Code.DRAINING, Close.TRY_AGAIN)
