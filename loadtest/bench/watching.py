"""Instructors who watch a room: how long until each of them sees what a candidate has done."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import msgspec

from loadtest.bench.control import Seat
from loadtest.bench.frames import frame
from loadtest.bench.seats import Peer
from loadtest.drill.process import HOST, StageError
from loadtest.latency import Latency
from protocol import limits
from protocol.messages.connection import Beat
from protocol.messages.monitor import MonitorHello

_BEAT_S: Final = 10.0
_PATIENCE_S: Final = 60.0


class _Row(msgspec.Struct, frozen=True):
    """What this needs of a row: to read the rest of twenty thousand a second would take a core."""

    attempt_id: str
    seq: int


class _Rows(msgspec.Struct, frozen=True, tag_field="t", tag="rows"):
    rows: list[_Row]


class _Roster(msgspec.Struct, frozen=True, tag_field="t", tag="roster"):
    part: int
    parts: int
    rows: list[_Row]


class _Welcome(msgspec.Struct, frozen=True, tag_field="t", tag="monitor_welcome"):
    """Nothing of it is needed."""


class _Echo(msgspec.Struct, frozen=True, tag_field="t", tag="echo"):
    """Likewise."""


_decode: Final = msgspec.msgpack.Decoder(_Rows | _Roster | _Welcome | _Echo).decode


class Watcher(Peer):
    """One of them. `expected`: attempt → the record that she is to see, and since when."""

    path = "/ws/monitor/"

    def __init__(self, seat: Seat, lateness: Latency) -> None:
        super().__init__(seat)
        self.expected: dict[str, tuple[int, float]] = {}
        self.shown: dict[str, tuple[int, float]] = {}
        """Attempt → the record that its row shows, and since when."""
        self._lateness = lateness
        self._loop = asyncio.get_running_loop()

    def expect(self, attempt_id: str, seq: int, since_s: float) -> None:
        """She is to see this record from `since_s` on; perhaps she does already."""
        shown_seq, shown_s = self.shown.get(attempt_id, (0, 0.0))
        if shown_seq >= seq:
            self._lateness.add((shown_s - since_s) * 1_000)
        else:
            self.expected[attempt_id] = seq, since_s

    def _hello(self, token: str) -> msgspec.Struct:
        version = limits.PROTOCOL_VERSION
        return MonitorHello(version, token, "bench/1", version, [])

    def _hear(self, data: bytes) -> None:
        message = _decode(data)
        if isinstance(message, _Roster | _Rows):
            now_s = self._loop.time()
            for row in message.rows:
                self._show(row, now_s)
            if isinstance(message, _Roster) and message.part == message.parts - 1:
                self._tell()

    def _show(self, row: _Row, now_s: float) -> None:
        attempt_id = row.attempt_id
        if row.seq > self.shown.get(attempt_id, (0, 0.0))[0]:
            self.shown[attempt_id] = row.seq, now_s
        expected = self.expected.get(attempt_id)
        if expected is not None and row.seq >= expected[0]:
            del self.expected[attempt_id]
            self._lateness.add((now_s - expected[1]) * 1_000)


class Watch:
    """All of them. `lateness` takes the milliseconds from an instant to the row, for each one."""

    def __init__(self) -> None:
        self.lateness = Latency()
        self._watchers: list[Watcher] = []
        self._beating: asyncio.Task[None] | None = None

    async def come(self, seats: Sequence[Seat], port: int) -> None:
        """They come one after the other; each has the whole picture. Raises `StageError`."""
        for seat in seats:
            watcher = Watcher(seat, self.lateness)
            has_all = asyncio.Event()
            watcher.done = has_all.set
            await asyncio.get_running_loop().create_connection(lambda one=watcher: one, HOST, port)  # type: ignore[misc]
            async with asyncio.timeout(_PATIENCE_S):
                await has_all.wait()
            self._watchers.append(watcher)
        self.check()
        self._beating = asyncio.create_task(self._beat())

    def expect(self, attempt_id: str, seq: int, since_s: float) -> None:
        """See `Watcher.expect`."""
        for one in self._watchers:
            one.expect(attempt_id, seq, since_s)

    def begin_anew(self) -> None:
        """Forgets what was measured."""
        self.lateness = Latency()
        for one in self._watchers:
            one._lateness = self.lateness

    @property
    def unseen(self) -> int:
        """Records that somebody has not seen yet."""
        return sum(len(one.expected) for one in self._watchers)

    async def settle(self, within_s: float) -> None:
        """Returns when everybody has seen everything, or after that time."""
        until_s = time.monotonic() + within_s
        while self.unseen and time.monotonic() < until_s:  # noqa: ASYNC110 (rows tell nobody but their watcher)
            await asyncio.sleep(0.05)

    def check(self) -> None:
        """Raises `StageError` where one of them was refused."""
        for one in self._watchers:
            if one.failure is not None:
                raise StageError(f"a monitor: {one.failure}")

    async def _beat(self) -> None:
        framed = frame(Beat(0))
        while True:
            await asyncio.sleep(_BEAT_S)
            for one in self._watchers:
                if one.failure is None:
                    one.say(framed)
