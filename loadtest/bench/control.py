"""What a benchmark says to the crowded node, and hears of it: lines of JSON over a socket of their own."""

import asyncio
from pathlib import Path

import msgspec

from loadtest.bench.exam import TEST
from loadtest.drill.process import StageError
from protocol.messages.operations import Answer


class Seat(msgspec.Struct, frozen=True):
    """An attempt and its candidate's token, or a test and the token of somebody who watches it."""

    id: str
    token: str


class Make(msgspec.Struct, frozen=True, tag="make"):
    """Make so many further attempts, at the test with this id: `Told` with their seats."""

    count: int
    test_id: str = TEST


class Write(msgspec.Struct, frozen=True, tag="write"):
    """Write the logs of so many further attempts, whose candidates started now, have answered every question, and were
    warned shortly before the end: `Told` with their seats. The node has none of them in memory. `spread_ms`: they
    started at different instants, from now until then. `warned` false: nobody was warned, and all of them started so
    much later that they are to be warned when the others' time is up."""

    count: int
    spread_ms: int = 0
    warned: bool = True


class Forget(msgspec.Struct, frozen=True, tag="forget"):
    """Let go of all attempts whose candidates are not connected, as a node that was just started: `Told`."""


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Move the virtual clock, which runs from then on: `Told`."""

    ahead_ms: int


class Invite(msgspec.Struct, frozen=True, tag="invite"):
    """Invite so many instructors: `Told`, with a seat for each."""

    count: int = 1


class Serve(msgspec.Struct, frozen=True, tag="serve"):
    """Give a token of a service: `Told`, with a seat for it."""


class Fill(msgspec.Struct, frozen=True, tag="fill"):
    """Carry out these operations for every candidate, as if they had come over her socket: `Told`."""

    answers: list[Answer]


class Advance(msgspec.Struct, frozen=True, tag="advance"):
    """Move the virtual clock, and do what is due then: `Told`."""

    ms: int


class Weigh(msgspec.Struct, frozen=True, tag="weigh"):
    """Wait until nothing is on its way to the log, and collect garbage: `Told`."""


Order = Make | Write | Forget | Invite | Serve | Fill | Advance | Run | Weigh


class Told(msgspec.Struct, frozen=True):
    """It is done. `rss_kib`: resident memory of the process; `pss_kib`: the same, with what it shares with other
    processes in proportion. `now_ms`: the node's clock. `seats`: what was made."""

    rss_kib: int
    pss_kib: int
    now_ms: int
    seats: list[Seat] = []


class Control:
    """The benchmark's end of the line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, path: Path) -> "Control":
        """The node that listens at `path`."""
        return cls(*await asyncio.open_unix_connection(path, limit=1 << 26))

    async def ask(self, order: Order) -> Told:
        """Raises `StageError` where the node has ended."""
        self._writer.write(msgspec.json.encode(order) + b"\n")
        line = await self._reader.readline()
        if not line:
            raise StageError("the crowded node has ended")
        return msgspec.json.decode(line, type=Told)

    def close(self) -> None:
        self._writer.close()
