"""Bad frames, byte by byte: the server closes or refuses, stays up, and a neighbour is served."""

import asyncio
import logging
import struct
import zlib
from collections.abc import AsyncIterator, Collection
from itertools import count
from typing import Final, NamedTuple

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import CloseConnection, Message, Ping
from wsproto.utilities import RemoteProtocolError

from protocol import limits
from protocol.codes import Close
from server.pacing.turns import turns
from server.sockets.candidate import CandidateSession
from server.sockets.carried import CarriedWebSocket
from server.sockets.frames import MAX_FRAGMENTS
from tests.server.harness.raw import BINARY, CLOSE, CONT, PING, PONG, TEXT, Heard, Raw, frame, handshake
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO, Socket, pack
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S

PROTOCOL_ERROR, BAD_DATA, TOO_BIG = 1002, 1007, 1009


class Scene(NamedTuple):
    """Somebody who has said hello on a raw connection, and her neighbour."""

    server: RunningServer
    raw: Raw
    attempt_id: str
    neighbour: Socket


@pytest.fixture
async def scene(paced_server: RunningServer, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Scene]:
    server = paced_server
    attempt_id = await server.started()
    neighbour = await server.sit(await server.started("bob"), "bob")
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
    await raw.send(frame(BINARY, hello(server)))
    await raw.message("welcome")
    yield Scene(server, raw, attempt_id, neighbour)
    raw.close()
    await neighbour.close()
    # What a stranger sends is no error of ours, and must not fill the log.
    assert not [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]


_devices = count(1)


def hello(server: RunningServer) -> bytes:
    """Of a device that nobody has seen before: one that says twice the same is refused."""
    return pack("hello", protocol=1, token=server.token(), **HELLO | {"device": f"stranger-{next(_devices)}"})


def deflated(data: bytes) -> bytes:
    """As permessage-deflate would have it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


BOMB: Final = deflated(bytes(16 * 1024 * 1024))


def answer(n: int) -> bytes:
    return pack("answer", n=n, question_id="single", value="b", client_at_ms=1)


async def everything_works(scene: Scene) -> None:
    """The neighbour is served, and whoever did wrong may come back and go on."""
    await scene.neighbour.raw(answer(1))
    assert (await scene.neighbour.until("ack"))["n"] == 1
    async with await scene.server.sit(scene.attempt_id) as again:
        await again.raw(answer(50))
        assert (await again.until("ack"))["n"] == 50


BAD_FRAMES: Final = {
    "not masked": (frame(BINARY, answer(1), masked=False), PROTOCOL_ERROR),
    "the first reserved bit, as a compressed message has it": (frame(BINARY, answer(1), reserved=4), PROTOCOL_ERROR),
    "the second reserved bit": (frame(BINARY, answer(1), reserved=2), PROTOCOL_ERROR),
    "the third reserved bit": (frame(BINARY, answer(1), reserved=1), PROTOCOL_ERROR),
    "a reserved bit of a ping": (frame(PING, reserved=4), PROTOCOL_ERROR),
    "opcode 3": (frame(3, b"x"), PROTOCOL_ERROR),
    "opcode 7": (frame(7, b"x"), PROTOCOL_ERROR),
    "opcode 11": (frame(11, b"x"), PROTOCOL_ERROR),
    "opcode 15": (frame(15, b"x"), PROTOCOL_ERROR),
    "a ping in pieces": (frame(PING, b"x", fin=False), PROTOCOL_ERROR),
    "a ping that is too long": (frame(PING, bytes(126)), PROTOCOL_ERROR),
    "a pong that is too long": (frame(PONG, bytes(126)), PROTOCOL_ERROR),
    "a close that is too long": (frame(CLOSE, struct.pack(">H", 1000) + b"x" * 124), PROTOCOL_ERROR),
    "a continuation of nothing": (frame(CONT, b"x"), PROTOCOL_ERROR),
    "a message within a message": (frame(BINARY, b"x", fin=False) + frame(BINARY, b"x"), PROTOCOL_ERROR),
    "a close within a message": (frame(BINARY, b"x", fin=False) + frame(CLOSE, b"\x03\xe8"), PROTOCOL_ERROR),
    "a close of one byte": (frame(CLOSE, b"\x03"), PROTOCOL_ERROR),
    "a close with a code that nobody may send": (frame(CLOSE, struct.pack(">H", 1005)), PROTOCOL_ERROR),
    "a close with a code that does not exist": (frame(CLOSE, struct.pack(">H", 999)), PROTOCOL_ERROR),
    "a close with a code beyond all": (frame(CLOSE, struct.pack(">H", 65_535)), PROTOCOL_ERROR),
    "a close in pieces": (frame(CLOSE, struct.pack(">H", 1000), fin=False), PROTOCOL_ERROR),
    "a continuation after the end": (frame(BINARY, answer(1)) + frame(CONT, b"x"), PROTOCOL_ERROR),
    "a reserved bit of a continuation": (
        frame(BINARY, b"x", fin=False) + frame(CONT, b"x", reserved=4),
        PROTOCOL_ERROR,
    ),
    "a few bytes that unpack to sixteen megabytes": (frame(BINARY, BOMB, reserved=4), PROTOCOL_ERROR),
    "a close whose reason is no UTF-8": (frame(CLOSE, struct.pack(">H", 1000) + b"\xc3\x28"), BAD_DATA),
    "a text that is no UTF-8": (frame(TEXT, b"\xc3\x28"), BAD_DATA),
    "a text of surrogates": (frame(TEXT, b"\xed\xa0\x80"), BAD_DATA),
    "a text whose pieces together are no UTF-8": (
        frame(TEXT, b"\xc3", fin=False) + frame(CONT, b"\x28"),
        BAD_DATA,
    ),
    "a length whose first bit is set": (frame(BINARY, b"x", length=2**63), None),
    "a length of more than 63 bits": (frame(BINARY, b"x", length=2**63 + 1), None),
    "a length of a terabyte": (frame(BINARY, b"x", length=2**40), TOO_BIG),
    "a message that is too big": (frame(BINARY, bytes(limits.MAX_READ_BYTES + 1)), TOO_BIG),
    "pieces that are too big together": (
        frame(BINARY, bytes(80_000), fin=False) + frame(CONT, bytes(80_000)),
        TOO_BIG,
    ),
}


async def test_what_is_said_before_the_door_opens_waits(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    came, door, enter = asyncio.Event(), asyncio.Event(), server.node.strangers.enter

    async def slowly(address: str) -> bool:
        came.set()
        await door.wait()
        return await enter(address)

    monkeypatch.setattr(server.node.strangers, "enter", slowly)
    raw = await Raw.open(server)
    await raw.send(handshake(server, f"/ws/attempts/{await server.started()}"))
    await came.wait()
    await raw.send(frame(BINARY, hello(server)))
    connections = server._uvicorn.server_state.connections
    await eventually(lambda: any(one._unread for one in connections if isinstance(one, CarriedWebSocket)))
    assert all(one.read_paused for one in connections if isinstance(one, CarriedWebSocket)), "one piece is enough"
    door.set()
    async with asyncio.timeout(PATIENCE_S):
        assert b" 101 " in await raw.reader.readuntil(b"\r\n\r\n")
    await raw.message("welcome")
    raw.close()


@pytest.mark.parametrize("name", BAD_FRAMES)
async def test_a_bad_frame_ends_its_own_connection_and_no_other(scene: Scene, name: str) -> None:
    data, code = BAD_FRAMES[name]
    await scene.raw.send(data)
    ended_with = await scene.raw.end()
    assert ended_with in ((code,) if code is not None else (PROTOCOL_ERROR, TOO_BIG))
    await everything_works(scene)


@pytest.mark.parametrize("name", ["not masked", "opcode 3", "a length of a terabyte", "a text that is no UTF-8"])
async def test_nobody_in_particular_gets_no_further(server: RunningServer, name: str) -> None:
    """The same before a hello."""
    attempt_id = await server.started()
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
    data, code = BAD_FRAMES[name]
    await raw.send(data)
    assert await raw.end() == code
    raw.close()
    await (await server.sit(attempt_id)).close()


def test_the_bomb_is_one() -> None:
    assert len(BOMB) < limits.MAX_FRAME_BYTES


@pytest.mark.parametrize("payload", [b"", struct.pack(">H", 1000) + b"bye", struct.pack(">H", 3000)])
async def test_a_good_close_is_answered_in_kind(scene: Scene, payload: bytes) -> None:
    await scene.raw.send(frame(CLOSE, payload))
    assert await scene.raw.end() == (struct.unpack(">H", payload[:2])[0] if payload else 1005)
    await everything_works(scene)


async def test_a_text_that_is_no_utf_8_just_before_a_close(scene: Scene) -> None:
    await scene.raw.send(BAD_FRAMES["a text that is no UTF-8"][0] + frame(CLOSE, struct.pack(">H", 1000)))
    assert await scene.raw.end() in (1000, BAD_DATA)
    await everything_works(scene)


async def test_what_comes_after_a_close_is_nothing(scene: Scene) -> None:
    await scene.raw.send(frame(CLOSE, struct.pack(">H", 1000)) + frame(BINARY, answer(1)))
    assert await scene.raw.end() == 1000
    kept = await scene.server.call("GET", f"/test-attempts/{scene.attempt_id}/answers", scene.server.service)
    assert kept.ok()["answers"] == []


async def test_a_length_in_more_bytes_than_it_needs_is_read(scene: Scene) -> None:
    await scene.raw.send(frame(BINARY, answer(1), wide=True))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_a_message_in_pieces_with_a_ping_in_between_is_one_message(scene: Scene) -> None:
    data = answer(1)
    await scene.raw.send(frame(BINARY, data[:5], fin=False))
    await scene.raw.send(frame(PING, b"there?"))
    assert await scene.raw.next() == Heard(PONG, b"there?")
    await scene.raw.send(frame(CONT, data[5:9], fin=False) + frame(CONT, b"", fin=False) + frame(CONT, data[9:]))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_a_message_byte_by_byte_is_one_message(scene: Scene) -> None:
    for byte in frame(BINARY, answer(1)):
        await scene.raw.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_pieces_without_an_end_are_too_many_in_the_end(scene: Scene) -> None:
    await scene.raw.send(frame(BINARY, b"", fin=False) + frame(CONT, b"", fin=False) * MAX_FRAGMENTS * 4)
    assert await scene.raw.end() == Close.PROTOCOL_ERROR
    await everything_works(scene)


async def test_pings_without_an_end_are_read_as_fast_as_the_rate_allows(scene: Scene) -> None:
    """Whoever never reads the pongs would fill the server's memory with them; who sends many is not thrown out."""
    sending = asyncio.create_task(scene.raw.send(frame(PING, bytes(125)) * 20_000))
    for _ in range(limits.RATE_BURST):
        assert (await scene.raw.next()).opcode == PONG
    await everything_works(scene)
    sending.cancel()


async def test_a_held_back_ping_is_answered_when_its_turn_has_come(scene: Scene) -> None:
    await scene.raw.send(frame(PING, b"x") * (limits.RATE_BURST + 20) + frame(BINARY, answer(1)))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_no_more_is_parsed_than_the_application_takes(server: RunningServer) -> None:
    """A quarter of a megabyte of empty messages before the hello: as objects they would be many times that."""
    attempt_id = await server.started()
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
    (session,) = server.node.connections.all
    await raw.send(frame(BINARY, hello(server)) + frame(BINARY, b"") * 40_000)
    await raw.message("welcome")
    (protocol,) = (one for one in server._uvicorn.server_state.connections if isinstance(one, CarriedWebSocket))
    assert protocol._carrier is not None
    assert len(protocol._carrier._backlog) < 1_000
    assert await raw.end() == Close.PROTOCOL_ERROR, "none of them is a message"
    raw.close()
    assert session.out.closing is Close.PROTOCOL_ERROR


async def test_of_many_messages_at_once_one_is_read_in_each_turn_of_the_loop(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, all that had come was read at once, and nobody else's message meanwhile."""
    attempt_id = await server.started()
    order: list[str] = []
    feed = CandidateSession.feed

    def feed_and_tell(self: CandidateSession, data: bytes) -> None:
        order.append("one")
        feed(self, data)

    monkeypatch.setattr(CandidateSession, "feed", feed_and_tell)
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
    await raw.send(frame(BINARY, hello(server)))
    await raw.message("welcome")
    await raw.send(b"".join(frame(BINARY, answer(n)) for n in range(1, 41)))
    while order.count("one") < 40:
        order.append("another")
        await asyncio.sleep(0)
    assert "one one" not in " ".join(order)
    raw.close()


async def test_of_more_at_once_than_a_client_keeps_a_few_are_read_at_a_time(
    paced_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, a burst kept the loop busy until it was read, and a commit of the others waiting."""
    server = paced_server
    attempt_id = await server.started()
    read = 0
    feed = CandidateSession.feed

    def feed_and_count(self: CandidateSession, data: bytes) -> None:
        nonlocal read
        read += 1
        feed(self, data)

    monkeypatch.setattr(CandidateSession, "feed", feed_and_count)
    monkeypatch.setattr("server.pacing.turns._MOST_WAY_S", 3_600)
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}")
    await raw.send(frame(BINARY, hello(server)))
    await raw.message("welcome")
    turns().give_way(True)
    try:
        await raw.send(b"".join(frame(BINARY, answer(n)) for n in range(1, 201)))
        await eventually(lambda: read >= limits.SEND_WINDOW)
        for _ in range(300):
            await asyncio.sleep(0)
        # One more may follow for every 20 ms.
        assert read < 150
    finally:
        turns().give_way(False)
    await eventually(lambda: read == 200)
    raw.close()


async def test_pongs_that_nobody_asked_for_are_ignored(scene: Scene) -> None:
    await scene.raw.send(frame(PONG, b"unasked") * 1_000)
    await scene.raw.send(frame(BINARY, answer(1)))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_half_a_frame_and_then_silence_is_given_up(scene: Scene) -> None:
    await scene.raw.send(frame(BINARY, answer(1), length=60_000))
    scene.server.clock.advance((limits.MISSED_BEATS + 2) * scene.server.settings.heartbeat_ms)
    assert await scene.raw.end() == Close.HEARTBEAT_LOST
    async with await scene.server.sit(scene.attempt_id) as again:
        await again.raw(answer(1))
        assert (await again.until("ack"))["n"] == 1


async def test_a_text_message_is_refused_by_name_and_the_connection_goes_on(scene: Scene) -> None:
    await scene.raw.send(frame(TEXT, "größer".encode()))
    assert (await scene.raw.message("refused"))["code"] == "malformed"
    await scene.raw.send(frame(BINARY, answer(1)))
    assert (await scene.raw.message("ack"))["n"] == 1


async def test_compression_is_not_agreed_to(server: RunningServer) -> None:
    """A small message that unpacks to a huge one needs an extension that this server does not have."""
    attempt_id = await server.started()
    raw = await Raw.upgrade(
        server, f"/ws/attempts/{attempt_id}", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    )
    assert raw.head.startswith("HTTP/1.1 101 ")
    assert "sec-websocket-extensions" not in raw.head.lower()
    raw.close()


async def test_a_compressed_message_is_refused_also_by_whoever_asked_for_compression(server: RunningServer) -> None:
    attempt_id = await server.started()
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}", "Sec-WebSocket-Extensions: permessage-deflate")
    await raw.send(frame(BINARY, deflated(hello(server)), reserved=4))
    assert await raw.end() == PROTOCOL_ERROR
    raw.close()


BAD_HANDSHAKES: Final = {
    "more headers than anybody sends": ([f"X-{n}: y" for n in range(200)], "431"),
    "a header that is too long": (["X: " + "y" * 20_000], "431"),
    "a body": (["Content-Length: 5"], "400"),
    "another key": (["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="], "400"),
    "another version": (["Sec-WebSocket-Version: 12"], "400"),
    "a foreign origin": (["Origin: https://evil.example"], "403"),
}


@pytest.mark.parametrize("name", BAD_HANDSHAKES)
async def test_a_bad_handshake_is_answered_and_the_connection_ends(server: RunningServer, name: str) -> None:
    headers, status = BAD_HANDSHAKES[name]
    attempt_id = await server.started()
    raw = await Raw.upgrade(server, f"/ws/attempts/{attempt_id}", *headers)
    assert raw.head.split(" ")[1] == status
    await raw.gone()
    raw.close()
    await (await server.sit(attempt_id)).close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/ws/attempts/x", "405"), ("GET", "/ws/attempts/" + "x" * 20_000, "414"), ("GET", "/nowhere", "403")],
)
async def test_a_handshake_for_nothing(server: RunningServer, method: str, path: str, status: str) -> None:
    raw = await Raw.upgrade(server, path, method=method)
    assert raw.head.split(" ")[1] == status
    await raw.gone()
    raw.close()


# Any frames at all, with wsproto as the judge: every message that it sees is answered, and what it calls an error ends
# the connection with the same code.


def beat(t0_ms: int) -> bytes:
    return pack("beat", t0_ms=t0_ms)


LAST: Final = 1_000_000
pings = st.binary(max_size=125).map(lambda data: frame(PING, data))
pongs = st.binary(max_size=125).map(lambda data: frame(PONG, data))
controls = st.lists(pings | pongs, max_size=2).map(b"".join)


@st.composite
def in_pieces(draw: st.DrawFn) -> bytes:
    """A beat, perhaps in pieces, with control frames in between."""
    data = beat(draw(st.integers(0, 1_000)))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    frames = b""
    for position, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(data)], strict=True)):
        frames += frame(CONT if position else BINARY, data[start:end], fin=end == len(data) and position == len(cuts))
        frames += draw(controls)
    return frames


any_frame = st.builds(
    frame,
    st.integers(0, 15),
    st.binary(max_size=130),
    fin=st.booleans(),
    reserved=st.integers(0, 7),
    masked=st.booleans(),
)
# Of letters only, since a text that is none is found at its end here, and at once there.
letters = st.text("xyz", max_size=9).map(str.encode)
data_frame = st.builds(frame, st.sampled_from([CONT, TEXT, BINARY]), letters, fin=st.booleans())
closes = st.builds(
    lambda code, reason: frame(CLOSE, struct.pack(">H", code) + reason),
    st.sampled_from([0, 999, 1000, 1001, 1004, 1005, 1006, 1007, 1011, 1015, 1016, 2999, 3000, 4999, 5000, 65_535]),
    st.sampled_from([b"", b"bye", "größer".encode(), b"\xff", b"x" * 123]),
)


class Judgement(NamedTuple):
    """What wsproto makes of a stream: how many messages, which pings, and the codes with which it may end (None: it
    goes on)."""

    messages: int
    pings: list[bytes]
    codes: Collection[int | None]


def judge(stream: bytes) -> Judgement:
    peer = Connection(ConnectionType.SERVER)
    messages, within = 0, False
    pinged: list[bytes] = []
    code: int | None = None
    peer.receive_data(stream)
    try:
        for event in peer.events():
            if isinstance(event, Message):
                messages += event.message_finished
                within = not event.message_finished
            elif isinstance(event, Ping):
                pinged.append(bytes(event.payload))
            elif isinstance(event, CloseConnection):
                # A message that the close cut short is forgiven by wsproto, and by us not.
                code = PROTOCOL_ERROR if within else event.code
                break
    except RemoteProtocolError:
        code = PROTOCOL_ERROR
    # Of two faults in one frame, or in two pieces of a message, either may be found first.
    faults = {PROTOCOL_ERROR, BAD_DATA}
    return Judgement(messages, pinged, faults if code in faults else {code})


def is_last(heard: Heard) -> bool:
    """The answer to the last beat."""
    return heard.opcode == BINARY and msgpack.unpackb(heard.payload).get("t0_ms") == LAST


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(in_pieces() | pings | pongs | data_frame, max_size=6), any_frame | closes | st.just(b""))
async def test_wsproto_judges_alike(scene: Scene, good: list[bytes], bad: bytes) -> None:
    data = b"".join(good) + bad + frame(BINARY, beat(LAST))
    judgement = judge(data)
    raw = await Raw.upgrade(scene.server, f"/ws/attempts/{scene.attempt_id}")
    await raw.send(frame(BINARY, hello(scene.server)))
    await raw.message("welcome")
    await raw.send(data)
    heard, code = await raw.rest(until=is_last)
    raw.close()
    assert [one.payload for one in heard if one.opcode == PONG] == judgement.pings
    assert code in judgement.codes
    if code is None:
        answers = [msgpack.unpackb(one.payload)["t"] for one in heard if one.opcode == BINARY]
        assert len([tag for tag in answers if tag in ("echo", "refused")]) == judgement.messages
