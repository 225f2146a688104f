"""One simulated day: everything put together, run to its end, and held against the invariants."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec
from sqlalchemy import select

from loadtest.checker import Database, Violation, check
from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Admission, Event, Healed, Quiet, Setup, digest
from loadtest.checker.state import ENDS
from protocol import limits
from protocol.attempt.model import Role
from protocol.messages.monitor import Row
from protocol.messages.staff import (
    ResumeAttempt,
)
from server.access.tokens import Tokens
from server.clock import Clock
from storage.errors import StorageUnavailable
from storage.schema import test_attempts
from storage.tests import Tests
from tests.simulation import papers, pictures
from tests.simulation.archive import read_out
from tests.simulation.browser import browsers
from tests.simulation.chance import EPOCH_MS, Chance
from tests.simulation.cluster import Machine, settings_for
from tests.simulation.database import DatabaseServer, NodesEngine, database_on
from tests.simulation.device import DeviceClock
from tests.simulation.drawing import make_plan
from tests.simulation.exam import content_for
from tests.simulation.forgetting import erase_and_look
from tests.simulation.loop import NOBODY, VirtualLoop
from tests.simulation.monitor_page import MonitorPage
from tests.simulation.nemesis import Nemesis
from tests.simulation.network import Listener, Signal, Wire, request
from tests.simulation.office import Office
from tests.simulation.orders import command_for
from tests.simulation.papers import SeenPaper
from tests.simulation.pictures import Picture, compare
from tests.simulation.plan import ORGS, TEST, Instructor, Mend, Plan
from tests.simulation.recorder import Recorder, canary
from tests.simulation.relay import Hub
from tests.simulation.sitter import Sitter
from tests.simulation.staff import Monitor
from tests.simulation.surroundings import surroundings

_LONGEST_S: Final = 300.0
"""How long after the last fault and the last plan, and one exam, a day may take to end."""
_QUIET_S: Final = 25.0
_LOOK_TRIES: Final = 40
"""Seconds that two monitors may take to show the same: a commit may be under way, and only after 20 s is it known that
a node has died."""
_REST_PATIENCE_S: Final = 10.0


class Outcome(msgspec.Struct, frozen=True):
    """What came of one day. `exam_hours` is the time that candidates sat, all together."""

    plan: Plan
    history: list[Event]
    database: Database
    violations: list[Violation]
    digest: str
    exam_hours: float
    cpu_s: float

    @property
    def invariants(self) -> set[str]:
        return {violation.invariant for violation in self.violations}


class World:
    """See above: made for one plan, run once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.loop = VirtualLoop()
        self.chance = Chance(plan.seed)
        self.recorder = Recorder(self.loop)
        self._settings = settings_for(plan.rules)
        self._tokens = Tokens(self._settings, Clock(lambda: EPOCH_MS / 1_000, lambda: 0.0))
        self.server = DatabaseServer(self.loop, self.chance.stream("database"))
        self._hub = Hub(self.loop, self.chance.stream("relay"))
        self.machines = [
            Machine(index, self._settings, self.loop, self.chance, self.server, self._hub)
            for index in range(plan.rules.nodes)
        ]
        self._nemesis = Nemesis(self.loop, self.recorder, self.machines, self.server, self._hub, self._machine_died)
        self._wires: list[tuple[Wire, Machine]] = []
        self._lost: list[Wire] = []
        """Whose node has died."""
        self._network = self.chance.stream("network")
        self._sitters = [Sitter(self, candidate, plan.clients) for candidate in plan.candidates]
        self._office = Office(self, self._attempt_of)
        self._monitors: list[Monitor | MonitorPage] = []
        self._commands = 0
        self._pictures: list[Picture] = []
        self._last_pictures: list[Picture] = []
        self._papers: list[SeenPaper] = []
        self._differ: list[Violation] = []
        self._before: tuple[list[Event], Database]

    # ── what devices and people use ────────────────────────────────────────────────────────────────────────────

    def wire(self, name: str, signal: Signal, listener: Listener) -> Wire:
        """A new connection, to whichever node the balancer takes for alive."""
        up = [machine for machine in self.machines if machine.ready and not machine.draining]
        machine = self._network.choice(up) if up else None
        signal.slow_s = 1.5 if self._nemesis.slow_network else 0.05
        wire = Wire(self.loop, self.chance.stream("wire", name, len(self._wires)), machine, signal, listener)
        if machine is not None:
            self._wires.append((wire, machine))
        return wire

    def pictured(self, picture: Picture) -> None:
        self._pictures.append(picture)

    def papered(self, paper: SeenPaper) -> None:
        self._papers.append(paper)

    def token(self, role: str, user: str, org: str) -> str:
        return self._tokens.mint(Role(role), user, org, lifetime_ms=24 * 3_600_000, name=f"{user} {canary(org)}")

    def device_clock(self, name: str) -> DeviceClock:
        draw = Chance(self.plan.client_clocks).stream("clock", name)
        return DeviceClock(self.loop, draw.randint(-86_400_000, 86_400_000))

    async def rest(
        self, who: str, org: str, method: str, path: str, token: str, body: Any, device: str = ""
    ) -> tuple[int, bytes] | None:
        up = [machine for machine in self.machines if machine.ready]
        if not up:
            await asyncio.sleep(0.1)
            return None
        machine = self._network.choice(up)
        reply: asyncio.Future[tuple[int, bytes]] = self.loop.create_future()

        def take(status: int, data: bytes) -> None:
            if not reply.done():
                reply.set_result((status, data))

        def on_reply(status: int, data: bytes) -> None:
            self.loop.call_later(self._network.uniform(0.001, 0.05), take, status, data, context=NOBODY)

        call = request(machine, method, path, token, msgspec.json.encode(body), on_reply, device)
        self.loop.call_later(
            self._network.uniform(0.001, 0.05),
            lambda: machine.process.call(lambda: machine.process.spawn(call, "a request")),
            context=NOBODY,
        )
        try:
            async with asyncio.timeout(_REST_PATIENCE_S):
                status, data = await reply
        except TimeoutError:
            return None
        self.recorder.look(who, org, "a response", data)
        return status, data

    def _machine_died(self, machine: Machine) -> None:
        """Its kernel resets the connections, or its whole machine is gone and nobody says anything."""
        told = self._network.random() < 0.8
        for wire, where in self._wires:
            if where is machine:
                wire.lose_server(told)
                self._lost.append(wire)
        self._wires = [(wire, where) for wire, where in self._wires if where is not machine]

    # ── the day ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _day(self) -> None:
        rules = self.plan.rules
        self._note_setup()
        await self._make_tests()
        for machine in self.machines:
            machine.start()
            await machine.serving()
        people = [self._task(sitter.sit()) for sitter in self._sitters]
        people += [self._task(self._watch(instructor)) for instructor in self.plan.instructors]
        people += [self._task(self._mend(mend)) for mend in self.plan.mends]
        people += [self._task(self._office.do(deed, i)) for i, deed in enumerate(self.plan.deeds)]
        faults = [self._task(self._nemesis.inflict(fault, i)) for i, fault in enumerate(self.plan.faults)]
        await asyncio.gather(*faults)
        await asyncio.gather(*people)
        self.recorder.note(Healed(at_ms=self.recorder.now_ms(), who="nemesis"))
        healed_s = self.loop.time()
        over_s = healed_s + rules.duration_ms / 1_000 + _LONGEST_S
        while self.loop.time() < over_s and (open_ones := self._unfinished()):
            for attempt_id, org, status in open_ones:
                if status == "paused":
                    self._resume(attempt_id, org)
            await asyncio.sleep(5 + rules.heartbeat_ms / 1_000)
        if rules.takes_late:
            await self._office.decide_late(self._sat())
        await asyncio.sleep(_QUIET_S)
        # Whoever is away has her time before anybody says that she has not come back.
        until_s = healed_s + 2 * self._back_ms() / 1_000
        while self.loop.time() < until_s and self._somebody_is_away():  # noqa: ASYNC110 (virtual time costs nothing)
            await asyncio.sleep(1)
        for _ in self.machines:
            await self.rest("an operator", "", "GET", "/healthz", "", None)
        self._last_pictures = [
            picture
            for sitter in self._sitters
            for device in sitter.devices
            if not (device.ended or device.away) and (picture := device.picture()) is not None
        ]
        await self._look_afresh()
        self.recorder.note(Quiet(at_ms=self.recorder.now_ms(), who="recorder"))
        for sitter in self._sitters:
            for device in sitter.devices:
                device.close()
        # The checker looks at the log as it was before somebody was erased from it.
        self._before = list(self.recorder.history), self.server.run(read_out)
        self._differ += self._office.lost(self._before[1])
        erased = [sitter for sitter in self._sitters if sitter.candidate.user in self.plan.erased]
        self._differ += await erase_and_look(self, erased, every_chain=rules.ease == 1)
        for monitor in self._monitors:
            monitor.finish()

    def shown_in(self, org: str) -> Iterator[tuple[str, dict[str, Row]]]:
        for monitor in self._monitors:
            if monitor.org == org and not monitor.away:
                yield monitor.name, monitor.rows

    async def _look_afresh(self) -> None:
        """What each monitor shows, against one that has only just come."""
        for org in sorted({instructor.org for instructor in self.plan.instructors}):
            name = f"newcomer of {org}"
            fresh = Monitor(self, name, org, self.token("instructor", name, org), self.device_clock(name))
            watching = [one for one in self._monitors if one.org == org and not one.away]
            self._monitors.append(fresh)
            fresh.start()
            differ: list[Violation] = []
            for _ in range(_LOOK_TRIES):
                await asyncio.sleep(1)
                differ = [found for one in watching for found in compare(one.name, one.rows, fresh.rows)]
                if fresh.complete and not differ:
                    break
            self._differ += differ

    def _note_setup(self) -> None:
        rules = self.plan.rules
        self.recorder.note(
            Setup(
                at_ms=self.recorder.now_ms(),
                who="recorder",
                scan_ms=rules.sweep_ms,
                clock_error_ms=250,
                back_ms=self._back_ms(),
                nodes=[machine.name for machine in self.machines],
                bounds={"journal queue": 100_000},
                tests={TEST: Admission(waiting_room=rules.waiting_room, enrolment=rules.enrolment, max_attempts=1)},
            )
        )

    def _back_ms(self) -> int:
        """A client that was sent away comes back within the announced window and its own longest back-off; one that was
        not told notices after its missed heartbeats."""
        return (limits.MISSED_BEATS + 1) * self.plan.rules.heartbeat_ms + 2 * limits.RECONNECT_CAP_MS + 10_000

    def _somebody_is_away(self) -> bool:
        devices = (device for sitter in self._sitters for device in sitter.devices)
        return (
            any(device.away for device in devices)
            or any(monitor.away for monitor in self._monitors)
            # Whoever is not told that a connection has broken notices it by missing heartbeats alone.
            or any(wire.unnoticed for wire in (*self._lost, *(wire for wire, _ in self._wires)))
        )

    async def _make_tests(self) -> None:
        database = database_on(NodesEngine(self.server, "the author"))
        for org in ORGS:
            await Tests(database).put(org, TEST, content_for(self.plan, org), EPOCH_MS)

    async def _mend(self, mend: Mend) -> None:
        await asyncio.sleep(mend.at_ms / 1_000)
        database = database_on(NodesEngine(self.server, "the author"))
        content = content_for(self.plan, mend.org, mend)
        # Where the database is away, the author gives up.
        with suppress(StorageUnavailable):
            await Tests(database).put(mend.org, TEST, content, EPOCH_MS + mend.at_ms)

    async def _watch(self, instructor: Instructor) -> None:
        await asyncio.sleep(instructor.arrives_ms / 1_000)
        token = self.token("instructor", instructor.user, instructor.org)
        monitor = self._monitor(instructor.user, instructor.org, token)
        self._monitors.append(monitor)
        monitor.start()
        began_s = self.loop.time()
        for order in instructor.orders:
            await asyncio.sleep(max(0.0, order.at_ms / 1_000 - (self.loop.time() - began_s)))
            sitter = next((one for one in self._sitters if one.candidate.user == order.user), None)
            if sitter is not None and sitter.attempt_id is not None:
                monitor.ask(command_for(order, self._command_id(), sitter.attempt_id, instructor.org))

    def _monitor(self, name: str, org: str, token: str) -> Monitor | MonitorPage:
        clients = self.plan.clients
        draws_page = clients == "mixed" and self.chance.stream("monitor of", name).random() < 0.5
        kind = MonitorPage if clients == "pages" or draws_page else Monitor
        return kind(self, name, org, token, self.device_clock(name))

    def _attempt_of(self, user: str) -> str | None:
        return next((one.attempt_id for one in self._sitters if one.candidate.user == user), None)

    def _command_id(self) -> str:
        self._commands += 1
        return f"command-{self._commands}"

    def _unfinished(self) -> list[tuple[str, str, str]]:
        """(attempt, organisation, status) of those whose clock runs or stands. Looked at from above: nobody in the
        world sees this."""
        table = test_attempts.c
        query = select(table.attempt_id, table.org_id, table.status).where(table.status.in_(["in_progress", "paused"]))
        return self.server.run(lambda connection: [tuple(row) for row in connection.execute(query)])

    def _sat(self) -> list[tuple[str, str]]:
        """(attempt, organisation) of those that have ended with something to mark."""
        table = test_attempts.c
        ended = select(table.attempt_id, table.org_id).where(table.status.in_(["submitted", "expired", "completed"]))
        return self.server.run(lambda connection: [tuple(row) for row in connection.execute(ended)])

    def _resume(self, attempt_id: str, org: str) -> None:
        """After the last fault, staff let every standing clock run again, so that the day can end."""
        name = f"closer of {org}"
        monitor = next((one for one in self._monitors if one.name == name), None)
        if monitor is None:
            monitor = self._monitor(name, org, self.token("instructor", name, org))
            self._monitors.append(monitor)
            monitor.start()
        monitor.ask(ResumeAttempt(self._command_id(), attempt_id, "the day ends"))

    def _task(self, work: Any) -> asyncio.Task[None]:
        return self.loop.create_task(work, context=NOBODY.copy())

    # ── around it ──────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> Outcome:
        """The whole day. A world that breaks (an exception in its own code) raises."""
        with_pages = self.plan.clients != "python"
        if with_pages:
            browsers().reset(self.plan.seed)
        began_s = time.process_time() + (browsers().cpu_s() if with_pages else 0.0)
        with surroundings(self.recorder, self.chance, self.plan.rules.ease):
            try:
                day = self.loop.create_task(self._day(), context=NOBODY.copy())
                self.loop.run_until_complete(day)
            finally:
                self.recorder.closed = True
                self.loop.clear()
                self.loop.close()
                self.server.close()
        history, database = self._before
        violations = check(history, database)
        evidence = Evidence(history, database)
        violations += pictures.check(self._pictures, self._last_pictures, evidence)
        violations += papers.check(self._papers, evidence)
        violations += self._differ
        violations += [Violation("log", "an error was logged", text) for text in self.recorder.errors]
        violations += [Violation("loop", "nobody caught", text) for text in self.loop.complaints]
        return Outcome(
            plan=self.plan,
            history=history,
            database=database,
            violations=violations,
            digest=digest(history),
            exam_hours=_exam_hours(database),
            cpu_s=time.process_time() + (browsers().cpu_s() if with_pages else 0.0) - began_s,
        )


def simulate_seed(seed: int) -> Outcome:
    """Runs the day of a seed."""
    return simulate(make_plan(seed))


def simulate(plan: Plan) -> Outcome:
    """Runs one plan."""
    return World(plan).run()


def _exam_hours(database: Database) -> float:
    total_ms = 0
    for attempt in database.attempts:
        started = [record.at_ms for record in attempt.records if record.kind == "started"]
        ended = [record.at_ms for record in attempt.records if record.kind in ENDS]
        if started and ended:
            total_ms += max(0, ended[-1] - started[0])
    return total_ms / 3_600_000
