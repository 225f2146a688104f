"""Kinds of abuse, each done as fast as a client can. The server must bear them without slowing down candidates.

`python -m loadtest.unfair.mischief` does one in a process of its own, so that it delays no measurement. It reads a
`Task` as JSON from its first line of input, prints `ready`, works until its input ends, and then prints how much it
did.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgpack  # type: ignore[import-untyped]
import msgspec
import uvloop

from loadtest.sockets import allow_many_sockets
from protocol import limits

ESSAY: Final = "essay"
_ANONYMOUS: Final = 100
_HALF_OPEN: Final = 400
_AT_ONCE: Final = 16
"""Connections of one greedy candidate."""
_BEFORE_CUT: Final = 240
"""Operations on each connection of a candidate who reconnects again and again."""
_PATIENCE: Final = aiohttp.ClientTimeout(total=30)


class Task(msgspec.Struct, frozen=True):
    """`attempt_id` and `token` are those of the one greedy candidate; `assets` are paths."""

    name: str
    url: str
    attempt_id: str
    token: str
    assets: list[str]


class Mischief:
    """One of them at work. `done` counts messages and requests that were sent."""

    def __init__(self, task: Task, http: aiohttp.ClientSession) -> None:
        self.done = 0
        self._task = task
        self._http = http
        # A page that is newer than any before: each process is one that a person has opened.
        self._connects = int(time.time() * 1_000)
        self._connection_id: str | None = None
        self._n = 0
        self._draining: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until it is cancelled."""
        doing, at_once = MISCHIEFS[self._task.name]
        async with asyncio.TaskGroup() as group:
            for number in range(at_once):
                group.create_task(self._again(doing, number))

    async def _again(self, doing: "Doing", number: int) -> None:
        """Again and again, whatever the server says."""
        while True:
            try:
                await doing(self, number)
            except (aiohttp.ClientError, OSError, TimeoutError, TypeError):
                # The connection has ended, or something else than a message came.
                await asyncio.sleep(0.001)

    # One candidate

    async def flood(self, number: int) -> None:
        """Messages without a pause on one socket."""
        async with self._sitting() as opened:
            while True:
                await self._operate(opened, {"t": "progress", "question_index": self._n % 2})

    async def essays(self, number: int) -> None:
        """Answers of 16 KB without a pause on one socket."""
        async with self._sitting() as opened:
            while True:
                # Chance cannot be compressed.
                text = os.urandom(limits.MAX_ANSWER_CHARS // 2).hex()
                await self._operate(opened, {"t": "answer", "question_id": ESSAY, "value": text, "position": None})

    async def come_again(self, number: int) -> None:
        """Connect, send, connect again."""
        async with self._sitting() as opened:
            for _ in range(_BEFORE_CUT):
                await self._operate(opened, {"t": "progress", "question_index": self._n % 2})

    async def calls(self, number: int) -> None:
        """Calls of 64 answers."""
        answers = [
            {"n": self._next(), "question_id": "q1", "value": "ab"[k % 2], "client_at_ms": 0}
            for k in range(limits.MAX_REST_OPERATIONS)
        ]
        if self._connection_id is None:
            await self.resumes(number)
        status, _ = await self._call("answers", {"answers": answers, "connection_id": self._connection_id})
        if status == HTTPStatus.CONFLICT:
            self._connection_id = None

    async def resumes(self, number: int) -> None:
        """Coming back over REST, again and again."""
        status, reply = await self._call("resume", {"client": "unfair/1", **self._arrival()})
        if status == HTTPStatus.OK:
            self._connection_id = reply["connection_id"]

    # Strangers

    async def anonymous(self, number: int) -> None:
        """What anybody can ask for: documents, pages, assets, wrong tokens, addresses that lead nowhere."""
        paths = ["/openapi.json", "/sit", "/nowhere", "/test-attempts?test_id=unfair", *self._task.assets]
        path = paths[(self.done + number) % len(paths)]
        headers = {"accept-encoding": "gzip", "authorization": "Bearer a.wrong.token"}
        async with self._http.get(self._task.url + path, headers=headers, timeout=_PATIENCE) as response:
            await response.read()
        self.done += 1

    async def half_open(self, number: int) -> None:
        """A socket that never says hello, and the next one when the server has closed it."""
        url = f"{self._task.url}/ws/attempts/{self._task.attempt_id}"
        async with self._http.ws_connect(url, compress=0) as opened:
            self.done += 1
            await opened.receive()

    # With what

    @asynccontextmanager
    async def _sitting(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A welcomed socket. It is cut at the end, since a close would wait behind messages that the server has not
        read."""
        opened = await self._sit()
        try:
            yield opened
        finally:
            if (inner := opened.get_extra_info("socket")) is not None:
                with suppress(OSError), socket.fromfd(inner.fileno(), socket.AF_INET, socket.SOCK_STREAM) as copy:
                    copy.shutdown(socket.SHUT_RDWR)

    async def _sit(self) -> aiohttp.ClientWebSocketResponse:
        opened = await self._http.ws_connect(f"{self._task.url}/ws/attempts/{self._task.attempt_id}", compress=0)
        await opened.send_bytes(self._hello())
        welcome = msgpack.unpackb(await opened.receive_bytes())
        self._n = max(self._n, welcome.get("last_n", 0))
        self.done += 1
        # Read everything that the server sends, so that only its own limits slow it down.
        draining = asyncio.create_task(_drain(opened))
        self._draining.add(draining)
        draining.add_done_callback(self._draining.discard)
        return opened

    async def _operate(self, opened: aiohttp.ClientWebSocketResponse, fields: dict[str, Any]) -> None:
        if opened.closed:
            raise ConnectionError
        await opened.send_bytes(msgpack.packb(fields | {"n": self._next(), "client_at_ms": 0}))
        self.done += 1

    def _next(self) -> int:
        self._n += 1
        return self._n

    def _arrival(self) -> dict[str, Any]:
        self._connects += 1
        return {"device": "unfair", "connect_n": self._connects, "takeover": True, "seen_seq": None, "seen_head": None}

    def _hello(self) -> bytes:
        hello = {"t": "hello", "protocol": limits.PROTOCOL_VERSION, "token": self._task.token, "client": "unfair/1"}
        hello |= {"oldest_protocol": limits.OLDEST_PROTOCOL_VERSION, "capabilities": []}
        data: bytes = msgpack.packb(hello | self._arrival())
        return data

    async def _call(self, name: str, body: dict[str, Any]) -> tuple[int, Any]:
        url = f"{self._task.url}/test-attempts/{self._task.attempt_id}/{name}"
        headers = {"authorization": f"Bearer {self._task.token}"}
        async with self._http.post(url, json=body, headers=headers, timeout=_PATIENCE) as response:
            reply = await response.json(content_type=None)
        self.done += 1
        return response.status, reply


Doing = Callable[[Mischief, int], Awaitable[None]]

MISCHIEFS: Final[dict[str, tuple[Doing, int]]] = {
    "one candidate: flood": (Mischief.flood, 1),
    "one candidate: 16 KB answers": (Mischief.essays, 1),
    "one candidate: connect, send, connect": (Mischief.come_again, _AT_ONCE),
    "one candidate: calls of 64 answers": (Mischief.calls, _AT_ONCE),
    "one candidate: resume after resume": (Mischief.resumes, _AT_ONCE),
    f"{_ANONYMOUS} anonymous clients": (Mischief.anonymous, _ANONYMOUS),
    f"{_HALF_OPEN} half-open sockets": (Mischief.half_open, _HALF_OPEN),
}
"""Each mischief, and how many connections do it at once."""


async def _drain(opened: aiohttp.ClientWebSocketResponse) -> None:
    try:
        async for _ in opened:
            pass
    except (aiohttp.ClientError, OSError, RuntimeError):
        return


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _until_told(task: Task) -> None:
    loop = asyncio.get_running_loop()
    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    mischief = Mischief(task, http)
    running = asyncio.create_task(mischief.run())
    _say("ready")
    await loop.run_in_executor(None, sys.stdin.read)
    assert not running.done()
    _say(str(mischief.done))
    # Close nothing in order: a close would wait until the server has read everything.
    os._exit(0)


def main() -> None:
    """See above."""
    # We share a core with the measuring process and its database: somebody on a machine of her own would not.
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    allow_many_sockets()
    task = msgspec.json.decode(sys.stdin.readline(), type=Task)
    uvloop.run(_until_told(task))


if __name__ == "__main__":
    main()
