"""A lost connection: the table of docs/rules.md, alike over a socket and over REST, when the connection breaks, when
the only server dies, and when one of two dies. The clock is the test's own, and instants are exact."""

import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, NamedTuple

import pytest
from sqlalchemy import create_engine, update

from protocol.attempt.commands import Wake
from protocol.attempt.model import Actor, Role
from server.attempts.live import LiveAttempt
from storage.schema import nodes
from tests.protocol.attempt.edges import NOTHING, ms, table
from tests.server.conftest import StartServer
from tests.server.harness.clock import StillClock
from tests.server.harness.device import WAYS, Device, Way
from tests.server.harness.running import Reply, RunningServer
from tests.server.harness.waiting import eventually

MINUTE: Final = 60_000
LOST: Final = 10 * MINUTE
"""When the connections are lost, counted from the start."""
GRACE: Final = 2_000
SYSTEM: Final = Actor(Role.SYSTEM, "tests")
Row = dict[str, str]
ROWS: Final = table("lost")
Lose = Callable[["Exam", StartServer], Awaitable[None]]


class Candidate(NamedTuple):
    """`back` is when she comes back, counted from the start; None: never. `ends` is when her time is up."""

    row: Row
    attempt_id: str
    device: Device
    back: int | None
    ends: int


class Exam:
    """A server that does nothing by itself, on a clock that stands, and two candidates for each row of the table: one
    comes back, the other one never does."""

    def __init__(self, server: RunningServer, clock: StillClock, way: Way) -> None:
        self.server = server
        self.clock = clock
        self._way = way
        self._began_ms = clock.now_ms()
        self.candidates: list[Candidate] = []
        self.present: list[Device] = []
        """Those that give signs of life."""

    async def begin(self) -> None:
        for row in ROWS:
            back = LOST + ms(row["back after"])
            self.candidates.append(await self._sit_down(row, back, ms(row["her time is up"])))
            self.candidates.append(await self._sit_down(row, None, ms(row["if she never comes back"])))

    async def _sit_down(self, row: Row, back: int | None, ends: int) -> Candidate:
        name = f"candidate-{len(self.candidates)}"
        rules: dict[str, Any] = {"on_disconnect": row["on_disconnect"], "pause_budget_ms": ms(row["pause_budget"])}
        await self.server.make_test(name, duration_ms=60 * MINUTE, grace_ms=GRACE, warnings_ms=[], **rules)
        if row["budget of her own"] != NOTHING:
            (await self._put(f"/people/{name}", {"name": "Ada"})).ok()
            body = {"override": {"pause_budget_ms": ms(row["budget of her own"])}, "reason": "a certificate"}
            (await self._put(f"/tests/{name}/overrides/users/{name}", body)).ok()
        attempt_id = await self.server.started(name, test_id=name)
        device = Device(self._way, name, attempt_id, "the one device of hers")
        await self.come(device, takeover=True)
        return Candidate(row, attempt_id, device, back, ends)

    async def _put(self, path: str, body: dict[str, Any]) -> Reply:
        return await self.server.call("PUT", path, self.server.service, body)

    async def come(self, device: Device, *, takeover: bool = False) -> None:
        assert await device.come(self.server, takeover=takeover) is None
        self.present.append(device)

    async def go_to(self, at: int) -> None:
        """The clock shows so many milliseconds after the start, and what is due then has been done."""
        self.clock.advance(self._began_ms + at - self.clock.now_ms())
        for device in self.present:
            await device.gives_a_sign()
        await self.server.node.housekeeping.look_at_contacts()
        for candidate in self.candidates:
            await self.server.node.registry.execute(candidate.attempt_id, Wake(SYSTEM))

    async def state(self, candidate: Candidate) -> tuple[str, int | None]:
        """The status, and the end or else the deadline, counted from the start."""
        state = await self.server.status(candidate.attempt_id)
        at_ms = state["ended_at_ms"] or (state["clocks"][0]["deadline_ms"] if state["clocks"] else None)
        return state["status"], None if at_ms is None else at_ms - self._began_ms


async def the_connection_breaks(exam: Exam, start_server: StartServer) -> None:
    for candidate in exam.candidates:
        await candidate.device.leave()
    for candidate in exam.candidates:
        live = exam.server.node.registry.at_hand(candidate.attempt_id)
        assert live is not None
        await eventually(partial(is_away, live))


def is_away(live: LiveAttempt) -> bool:
    """Whoever calls over REST has no session, and is missed only after some silence."""
    return live.committed.holder is None and not live.presence.sessions


async def the_only_server_is_killed(exam: Exam, start_server: StartServer) -> None:
    """What is on the disk at that moment, and a new server on it. The old one goes on with files of its own."""
    left = exam.server.settings.data
    data = left.with_name("the disk after the crash")
    shutil.copytree(left, data)
    was_seen_last(f"sqlite:///{data / 'pencilsdown.sqlite3'}", exam.server.node.name, exam.clock.now_ms())
    exam.clock.advance(MINUTE)
    exam.server = await still(await start_server(data=data, clock=exam.clock))


async def one_of_two_is_killed(exam: Exam, start_server: StartServer) -> None:
    """The other one serves on. The first does nothing any more, and its last sign of life is of this moment."""
    dead = exam.server.node.name
    settings = exam.server.settings
    exam.server = await still(await start_server(clock=exam.clock, database_url=settings.database_url))
    seen = update(nodes).where(nodes.c.name == dead).values(seen_ms=exam.clock.now_ms())
    await exam.server.node.database.write(lambda connection: connection.execute(seen).close())
    exam.clock.advance(MINUTE)


@pytest.mark.parametrize("lose", [the_connection_breaks, the_only_server_is_killed])
@pytest.mark.parametrize("way", WAYS)
async def test_a_lost_connection(start_server: StartServer, way: Way, lose: Lose) -> None:
    clock = StillClock()
    server = await start_server(clock=clock)
    await holds(Exam(await still(server), clock, way), lose, start_server)


@pytest.mark.parametrize("way", WAYS)
async def test_one_of_two_servers_dies(start_server: StartServer, migrated_postgres_url: str, way: Way) -> None:
    clock = StillClock()
    server = await start_server(clock=clock, database_url=migrated_postgres_url)
    await holds(Exam(await still(server), clock, way), one_of_two_is_killed, start_server)
    await server.stop()


async def holds(exam: Exam, lose: Lose, start_server: StartServer) -> None:
    """The whole table."""
    await exam.begin()
    exam.clock.advance(LOST)
    for device in exam.present:
        await device.gives_a_sign()
    await exam.server.node.housekeeping.look_at_contacts()
    exam.present.clear()
    await lose(exam, start_server)
    await comes_back_and_ends(exam, lose)


async def comes_back_and_ends(exam: Exam, lose: Lose) -> None:
    returning = [one for one in exam.candidates if one.back is not None]
    for candidate in sorted(returning, key=lambda one: one.back or 0):
        assert candidate.back is not None
        await exam.go_to(candidate.back)
        case = candidate.row["case"]
        if lose is the_connection_breaks:
            assert (await exam.state(candidate))[0] == candidate.row["until then"], case
        await exam.come(candidate.device)
        assert await exam.state(candidate) == ("in_progress", candidate.ends), case
    for at in sorted({one.ends + off for one in exam.candidates for off in (-1, GRACE - 1, GRACE)}):
        exam.present = [one.device for one in exam.candidates if one.back is not None and at < one.ends + GRACE]
        await exam.go_to(at)
        for candidate in exam.candidates:
            status, found = await exam.state(candidate)
            assert (status in ("in_progress", "paused")) is (at < candidate.ends + GRACE), (at, candidate)
            # What a server's death took from whoever stays away is recorded when her time would be up.
            assert found == candidate.ends or at < candidate.ends - 1, (at, candidate)


async def still(server: RunningServer) -> RunningServer:
    """The server does nothing by itself any more."""
    await server.node._loops.stop()
    return server


def was_seen_last(url: str, name: str, at_ms: int) -> None:
    """The sign of life that this node has written last is of then."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(update(nodes).where(nodes.c.name == name).values(seen_ms=at_ms))
    engine.dispose()
