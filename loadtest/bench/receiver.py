"""A receiver of webhooks that takes all it gets, and notes when."""

import asyncio
import json
from collections import defaultdict
from contextlib import suppress
from typing import Final

_TAKEN: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
_LENGTH: Final = b"content-length:"


class Receiver:
    """`came`: attempt → the topics of its events in the order in which they came, each once; `repeated`: how many came
    again."""

    def __init__(self) -> None:
        self.came: dict[str, list[str]] = defaultdict(list)
        self.repeated = 0
        self.last_s = 0.0
        self._ids: set[str] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Its URL."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/events"

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    def count(self, topic: str) -> int:
        """Attempts of which such an event has come."""
        return sum(topic in topics for topics in self.came.values())

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
                self._take(await reader.readexactly(size))
                writer.write(_TAKEN)
        writer.close()

    def _take(self, body: bytes) -> None:
        event = json.loads(body)
        self.last_s = asyncio.get_running_loop().time()
        if event["id"] in self._ids:
            self.repeated += 1
            return
        self._ids.add(event["id"])
        self.came[event["data"]["attempt_id"]].append(event["type"])
