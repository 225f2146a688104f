"""The load generator speaks the words of the peers: here with a server of ours that speaks them too."""

import re
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.plan import Lost
from loadtest.bench.script import FIRST_NUMBER, Log, Script
from loadtest.drill.process import HOST
from loadtest.peers.wires import attempts, channels, log_of, rooms, socketio, socketio_echo

_CANDIDATES = 3
_EVENT = re.compile(r'42(\d{5})\["(\w+)",(.*)\]')


class _Rooms:
    """What both servers do with an answer: keep it, tell the monitor of the room."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, int, str, str]] = []
        self.monitors: dict[str, ServerConnection] = {}
        self.pongs = 0

    def keep(self, attempt: str, body: dict[str, object]) -> int:
        n, question, value = body["n"], body["question"], body["value"]
        assert isinstance(n, int)
        self.rows.append((attempt, n, str(question), str(value)))
        return n

    @property
    def log(self) -> Log:
        return log_of(self.rows)


class _SocketIO(_Rooms):
    """Engine.IO and Socket.IO, as far as the generator hears of them."""

    async def serve(self, socket: ServerConnection) -> None:
        await socket.send('0{"sid":"one","pingInterval":25000}')
        auth = msgspec.json.decode(str(await socket.recv()).removeprefix("40"))
        await socket.send('40{"sid":"two"}')
        if "monitor" in auth:
            self.monitors[auth["room"]] = socket
        await socket.send("2")
        async for message in socket:
            assert isinstance(message, str)
            if message == "3":
                self.pongs += 1
                continue
            found = _EVENT.fullmatch(message)
            assert found is not None, message
            number, event, body = found.groups()
            n = self.keep(auth["attempt"], msgspec.json.decode(body))
            assert n == int(number)
            if event == "answer":
                await self.monitors[auth["room"]].send(f'42["row",{{"n":{n}}}]')
            await socket.send(f'43{number}[{{"n":{n}}}]')


class _Channels(_Rooms):
    """JSON with the paths of ours."""

    async def serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        _, _, _, room, _, *attempt = socket.request.path.split("/")
        if not attempt:
            self.monitors[room] = socket
        async for message in socket:
            n = self.keep(attempt[0], msgspec.json.decode(message))
            await self.monitors[room].send(f'{{"row": {{"n": {n}}}}}')
            await socket.send(f'{{"ack": {n}}}')


async def _run(server: Server, script: Script, folder: Path) -> Measured:
    port = next(iter(server.sockets)).getsockname()[1]
    measured = await generate(script, Load(port, None, warm_s=0.1, window_s=0.3, server_pid=0), folder)
    measured.check()
    return measured


@pytest.mark.parametrize(
    ("peer", "write"), [(_SocketIO(), socketio), (_Channels(), channels)], ids=["Socket.IO", "Channels"]
)
async def test_each_answer_is_acknowledged_kept_and_told(
    tmp_path: Path, peer: _SocketIO | _Channels, write: type
) -> None:
    script = write(_CANDIDATES, FIRST_NUMBER)
    async with serve(peer.serve, HOST, 0, compression=None) as server:
        measured = await _run(server, script, tmp_path)
    assert measured.opened == _CANDIDATES + len(rooms(_CANDIDATES))
    assert measured.acked == measured.sent == measured.rows == len(peer.rows)
    assert measured.window_row_bytes > 0
    sent: Log = defaultdict(dict)
    for number, (name, last) in enumerate(zip(attempts(_CANDIDATES), measured.last_numbers, strict=True)):
        assert last >= FIRST_NUMBER
        for n in range(FIRST_NUMBER, last + 1):
            one = script.sent(number, n)
            sent[name][n] = one.question_id, one.value
    assert peer.log == sent


async def test_a_ping_in_text_is_answered(tmp_path: Path) -> None:
    peer = _SocketIO()
    async with serve(peer.serve, HOST, 0, compression=None) as server:
        await _run(server, socketio_echo(_CANDIDATES, FIRST_NUMBER), tmp_path)
    assert peer.pongs == _CANDIDATES


async def test_who_is_not_let_in_ends_the_run_with_the_words_of_the_server(tmp_path: Path) -> None:
    async def refuse(socket: ServerConnection) -> None:
        await socket.send("0{}")
        await socket.recv()
        await socket.send('44{"message":"not you"}')
        await socket.wait_closed()

    async with serve(refuse, HOST, 0, compression=None) as server:
        with pytest.raises(Lost, match="not you"):
            await _run(server, socketio(1, FIRST_NUMBER), tmp_path)
