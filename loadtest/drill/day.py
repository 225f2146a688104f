"""One fault, from the first arrival to the verdict: people come, the stage is hurt and healed, and all of it is
checked once everything is quiet."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

from clients.python.errors import Refused
from clients.python.rest import Rest
from loadtest.checker import Database, Violation, check
from loadtest.checker.history import (
    Event,
    Healed,
    Invoke,
    Quiet,
    Relief,
    Scattered,
    Setup,
    Told,
    Trouble,
)
from loadtest.checker.recovery import returns
from loadtest.drill.archive import canaries_in, with_answers
from loadtest.drill.attendance import Attendance
from loadtest.drill.erasing import erase_and_look
from loadtest.drill.exams import KEYS, LONG, PAUSING, SHORT, STAGED, TESTS, make_test
from loadtest.drill.measuring import latest_closing_s, longest_wait_s, peaks
from loadtest.drill.metrics import JOURNAL_QUEUE, LOOP_LAG, OUTBOX, RELAY_QUEUE
from loadtest.drill.office import Office
from loadtest.drill.process import StageError
from loadtest.drill.recorder import ORGS, Recorder
from loadtest.drill.sitter import Sitter
from loadtest.drill.stage import DRAIN_MS, MEMORY, SWEEP_MS, Stage
from loadtest.drill.steward import Steward
from loadtest.drill.telling import ToldOfAttempt, ToldOfWork, ask_about, ask_about_work, differ
from loadtest.drill.watcher import Watcher
from protocol import limits

CALM_S: Final = 2.5
"""Time before the fault, in which everybody connects and gives first answers."""

HEAL_MS: Final = 10_000
"""The longest time until views must be right again."""

_QUESTIONS_AT_ONCE: Final = 8
_LOOK_S: Final = 0.1
_LOOKS: Final = 7
_MOST_ASKED: Final = 1_000
"""The number of attempts that a node is asked about at the end, chosen at random."""
_MARKED: Final = 2
_MOST_KIB: Final = 600 * 1024
_MOST_LAG_MS: Final = 1_000
_LAG_EACH_MS: Final = 1
"""More for each client: when all of them are cut off at one moment, a loop learns of it in one turn."""
_SHARES: Final = ((LONG, 45), (SHORT, 25), (PAUSING, 15), (STAGED, 15))
_RIVAL_SHARE: Final = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one day. `heal_s`: until everybody was back and had an answer to everything asked for before;
    nil where that did not happen. `wait_s` is the longest that anybody waited for an acknowledgement, whose clock staff
    had not stopped; `late_s` how long after its closing time the latest of those attempts was closed whose time was
    up; nil where there was none. `returned_ms` is how long each took to be back who was cut off with all others at one
    moment, in order, and `missing` how many were not back in the time announced; `peaks` are the greatest figures of
    any node."""

    history: list[Event]
    database: Database
    violations: list[Violation]
    operations: int
    attempts: int
    records: int
    heal_s: float | None
    wait_s: float
    late_s: float | None
    returned_ms: list[int]
    missing: int
    peaks: dict[str, int]


class Day:
    """See above. A fault is handed this: the stage, chance, how long it shall last."""

    def __init__(self, stage: Stage, chance: random.Random, attendance: Attendance, seconds: float) -> None:
        self.stage = stage
        self.chance = chance
        self.seconds = seconds
        self.recorder = Recorder()
        self.sitters: list[Sitter] = []
        self.found: list[Violation] = []
        """What the fault itself has seen go wrong."""
        self._attendance = attendance
        self._healed = asyncio.Event()
        self._watchers: list[Watcher] = []
        self._stewards: list[Steward] = []
        self._offices: list[Office] = []

    @asynccontextmanager
    async def trouble(self, kind: str, what: str) -> AsyncIterator[None]:
        """The time of a fault, for the checker. What befalls a node (`node`, `stall`, `cut`) is named after it."""
        node = what if kind in ("node", "stall", "cut", "rush") else ""
        self.recorder.note(Trouble(at_ms=self.recorder.now_ms(), who="nemesis", kind=kind, what=what, node=node))
        try:
            yield
        finally:
            self.recorder.note(Relief(at_ms=self.recorder.now_ms(), who="nemesis", kind=kind, what=what))

    async def scatter(self) -> None:
        """Every connection breaks at this moment, and nothing keeps anybody from coming back."""
        self.recorder.note(Scattered(at_ms=self.recorder.now_ms(), who="nemesis"))
        devices = [sitter.device for sitter in self.sitters if sitter.device is not None]
        await asyncio.gather(*(one.drop() for one in devices), *(one.drop() for one in self._watchers))

    async def give_to_all(self) -> None:
        """Every office has something to do for every attempt."""
        await asyncio.gather(*(office.give_to_all() for office in self._offices))

    async def until_some_are_marked(self) -> None:
        """Raises `StageError` where nobody is marked in the time that everybody has."""
        give_up_s = time.monotonic() + self._attendance.patience_s
        while await self.stage.archive.count("completed") < _MARKED:
            if time.monotonic() > give_up_s:
                raise StageError(f"not even {_MARKED} attempts were marked")
            await asyncio.sleep(0.2)

    async def until_back(self) -> bool:
        """Waits until everybody is back or the time for it is over. Returns whether everybody is back."""
        give_up_s = time.monotonic() + self._attendance.patience_s
        while time.monotonic() < give_up_s:
            if self._all_back():
                return True
            await asyncio.sleep(0.1)
        return False

    async def until_served(self, announced_s: float) -> float | None:
        """Waits until all that is asked for by now has its answer, and everybody is connected. How long that took; nil
        where it takes longer than announced."""
        asked_ms, began_s = self.recorder.now_ms(), time.monotonic()
        while (took_s := time.monotonic() - began_s) < announced_s:
            if self._is_well(asked_ms):
                return took_s
            await asyncio.sleep(0.05)
        return None

    def _all_back(self) -> bool:
        return all(sitter.back for sitter in self.sitters) and all(watcher.online for watcher in self._watchers)

    async def run(self, fault: Callable[["Day"], Awaitable[None]]) -> Outcome:
        """Raises `StageError` where the stage failed, which says nothing about the server."""
        measuring = [
            asyncio.create_task(self.recorder.measure_itself()),
            asyncio.create_task(self.stage.watch(self.recorder)),
        ]
        people: list[asyncio.Task[None]] = []
        try:
            async with self.stage.service(ORGS[0]) as rest:
                people = await self._bring_people(rest)
                await self._until_seated()
                await fault(self)
                heal_s = await self._heal()
                await self._finish(people)
                quiet_ms, settled_ms = await self._until_quiet()
                told = await self._ask_everything(rest)
                work = await self._ask_about_work(rest)
        finally:
            for task in [*measuring, *people]:
                task.cancel()
            await asyncio.gather(*measuring, *people, return_exceptions=True)
            await asyncio.gather(*(one.close() for one in self.sitters))
        return await self._judge(quiet_ms - settled_ms, told, work, heal_s)

    async def close(self) -> None:
        """Everybody leaves."""
        await asyncio.gather(*(one.close() for one in self.sitters), *(one.close() for one in self._watchers))

    async def _until_seated(self) -> None:
        """Waits until everybody has connected or the time for it is over."""
        await asyncio.sleep(max(CALM_S, self._attendance.arriving_s))
        give_up_s = time.monotonic() + self._attendance.patience_s
        # A node with a failpoint may die early; then stop waiting.
        while time.monotonic() < give_up_s and all(node.running for node in self.stage.nodes):
            if self._all_back():
                return
            await asyncio.sleep(0.1)

    # ── the people ─────────────────────────────────────────────────────────────────────────────────────────────

    async def _bring_people(self, rest: Rest) -> list[asyncio.Task[None]]:
        stage, url, clients = self.stage, self.stage.url, self._attendance.clients
        arriving_s = self._attendance.arriving_s
        for org in ORGS:
            service = rest.as_user(stage.token("service", "platform", org))
            for test_id in TESTS:
                for key in KEYS:
                    await service.put_test(test_id, make_test(test_id, org, round(arriving_s * 1_000), key))
        for number in range(clients):
            rival = number * 100 // clients < _RIVAL_SHARE
            org = ORGS[1] if rival else ORGS[0]
            test_id = self.chance.choices([one for one, _ in _SHARES], [share for _, share in _SHARES])[0]
            user_id = f"candidate-{number:04}"
            self.sitters.append(
                Sitter(
                    self.recorder,
                    url,
                    user_id,
                    org,
                    test_id,
                    stage.token("candidate", user_id, org),
                    random.Random(self.chance.random()),
                    self._healed,
                    self._attendance.pace_s,
                    self.chance.uniform(0, arriving_s),
                )
            )
        for org in ORGS:
            watchers = [self._watcher(org, test_id) for test_id in TESTS]
            self._watchers += watchers
            self._stewards.append(Steward(watchers, random.Random(self.chance.random()), self._healed))
            office = rest.as_user(stage.token("instructor", f"office-{org}", org))
            self._offices.append(Office(org, office, watchers, random.Random(self.chance.random()), self._healed))
        people = [asyncio.create_task(sitter.sit(rest), name=sitter.user_id) for sitter in self.sitters]
        people += [asyncio.create_task(office.work()) for office in self._offices]
        return people + [asyncio.create_task(steward.steer()) for steward in self._stewards]

    def _watcher(self, org: str, test_id: str) -> Watcher:
        user_id = f"instructor-{org}"
        token = self.stage.token("instructor", user_id, org)
        chance = random.Random(self.chance.random())
        watcher = Watcher(self.recorder, self.stage.url, f"{user_id}/{test_id}", org, test_id, token, chance)
        watcher.open()
        return watcher

    # ── the end of it ──────────────────────────────────────────────────────────────────────────────────────────

    async def _heal(self) -> float | None:
        """The fault is over. Measures how long it takes until everything works again."""
        healed_ms = self.recorder.now_ms()
        self.recorder.note(Healed(at_ms=healed_ms, who="nemesis"))
        self._healed.set()
        began_s = time.monotonic()
        while time.monotonic() - began_s < self._attendance.patience_s:
            if self._is_well(healed_ms) and await self.stage.ready():
                return round(time.monotonic() - began_s, 2)
            await asyncio.sleep(0.05)
        return None

    def _is_well(self, healed_ms: int) -> bool:
        return all(watcher.online for watcher in self._watchers) and all(
            sitter.back and not any(device.unsettled(healed_ms) for device in sitter.devices[-1:])
            for sitter in self.sitters
            if not sitter.paused
        )

    async def _finish(self, people: list[asyncio.Task[None]]) -> None:
        """Waits until everybody has handed in, time is up, or staff have collected the rest."""
        began_s = time.monotonic()
        while time.monotonic() - began_s < self._attendance.patience_s:
            for steward in self._stewards:
                steward.let_run()
                if time.monotonic() - began_s > self._attendance.collect_s:
                    steward.collect()
            for _ in range(_LOOKS):
                if all(one.done() for one in people) and not any(watcher.unanswered for watcher in self._watchers):
                    return
                await asyncio.sleep(_LOOK_S)
        for one in people:
            if one.done() and not one.cancelled() and one.exception() is not None:
                raise StageError(f"the drill itself has failed: {one.exception()!r}")

    async def _until_quiet(self) -> tuple[int, int]:
        """Returns when the drill stopped looking, and since when there was nothing left to do."""
        give_up_s = time.monotonic() + self._attendance.patience_s
        archive = self.stage.archive
        while time.monotonic() < give_up_s:
            await asyncio.sleep(0.2)
            if not await archive.still_open() and not await archive.under_way():
                break
        settled_ms = self.recorder.now_ms()
        positions = await archive.positions()
        while self.recorder.now_ms() - settled_ms < HEAL_MS:
            if all(self._shows(watcher, positions) for watcher in self._watchers):
                break
            await asyncio.sleep(0.1)
            positions = await archive.positions()
        quiet_ms = self.recorder.now_ms()
        self.recorder.note(Quiet(at_ms=quiet_ms, who="recorder"))
        return quiet_ms, settled_ms

    @staticmethod
    def _shows(watcher: Watcher, positions: dict[tuple[str, str], dict[str, int]]) -> bool:
        return {one: row.seq for one, row in watcher.rows.items()} == positions[watcher.org, watcher.test_id]

    async def _ask_everything(self, rest: Rest) -> dict[str, ToldOfAttempt]:
        """Asks a node about every attempt. Records its states, and returns all."""
        told: dict[str, ToldOfAttempt] = {}
        room = asyncio.Semaphore(_QUESTIONS_AT_ONCE)

        async def ask(sitter: Sitter, attempt_id: str) -> None:
            async with room:
                told[attempt_id] = await self._ask_about(attempt_id, rest, sitter.org)

        asked = [(sitter, sitter.attempt_id) for sitter in self.sitters if sitter.attempt_id is not None]
        if len(asked) > _MOST_ASKED:
            asked = self.chance.sample(asked, _MOST_ASKED)
        await asyncio.gather(*(ask(sitter, attempt_id) for sitter, attempt_id in asked))
        return told

    async def _ask_about(self, attempt_id: str, rest: Rest, org: str) -> ToldOfAttempt:
        service = rest.as_user(self.stage.token("service", "platform", org))
        try:
            told = await ask_about(attempt_id, service)
        except (aiohttp.ClientError, TimeoutError, Refused) as error:
            raise StageError(f"after healing nobody answers for {attempt_id}: {error!r}") from error
        self.recorder.note(
            Told(
                at_ms=self.recorder.now_ms(),
                who="platform",
                attempt_id=attempt_id,
                connection_id=None,
                state=told.state,
            )
        )
        return told

    async def _ask_about_work(self, rest: Rest) -> list[ToldOfWork]:
        """Asks a node about every act and every regrade that was accepted."""
        try:
            return [
                await ask_about_work(office, rest.as_user(self.stage.token("service", "platform", office.org)))
                for office in self._offices
            ]
        except (aiohttp.ClientError, TimeoutError, Refused) as error:
            raise StageError(f"after healing nobody answers for what offices have given: {error!r}") from error

    async def _judge(
        self, waited_ms: int, told: dict[str, ToldOfAttempt], work: list[ToldOfWork], heal_s: float | None
    ) -> Outcome:
        recorder = self.recorder
        answers = {attempt_id: what.answers for attempt_id, what in told.items()}
        database = with_answers(await self.stage.archive.read(recorder), answers)
        for node in self.stage.nodes:
            canaries_in(node.output.splitlines(), recorder, f"the log of {node.name}")
        violations = [*self.found, *differ(told, work, database)]
        try:
            await self.stage.verify_log()
        except StageError as error:
            violations.append(Violation("I9", "verify-log", str(error)))
        unfinished = sum(not sitter.done for sitter in self.sitters)
        if unfinished:
            violations.append(Violation("I11", "candidates", f"{unfinished} could not bring their attempts to an end"))
        setup = Setup(
            at_ms=recorder.history[0].at_ms,
            who="recorder",
            scan_ms=SWEEP_MS,
            clock_error_ms=250,
            heal_ms=HEAL_MS,
            # The drill has waited for these, so they must be right now.
            settled_ms=min(HEAL_MS, waited_ms),
            back_ms=(limits.MISSED_BEATS + 1) * self.stage.heartbeat_ms + limits.RECONNECT_CAP_MS + DRAIN_MS,
            return_ms=limits.RECONNECT_CAP_MS,
            lag_ms=recorder.late_ms,
            nodes=[node.name for node in self.stage.nodes],
            bounds={
                MEMORY: _MOST_KIB,
                JOURNAL_QUEUE: 100_000,
                OUTBOX: limits.OUTBOX_MESSAGES + 1,
                RELAY_QUEUE: 10_000,
                LOOP_LAG: _MOST_LAG_MS + _LAG_EACH_MS * self._attendance.clients + recorder.late_ms,
            },
        )
        history = [setup, *recorder.history]
        violations += check(history, database)
        # The checker has been given the logs as they were before.
        violations += await erase_and_look(self.stage, self.sitters, self._watchers, self.chance)
        found = [returns(history, event, setup.return_ms) for event in history if isinstance(event, Scattered)]
        return Outcome(
            history=history,
            database=database,
            violations=violations,
            operations=sum(isinstance(event, Invoke) for event in history),
            attempts=len(database.attempts),
            records=sum(len(attempt.records) for attempt in database.attempts),
            heal_s=heal_s,
            wait_s=longest_wait_s(history),
            late_s=latest_closing_s(database),
            returned_ms=sorted(back_ms for one in found for back_ms in one.back.values()),
            missing=sum(len(one.missing) for one in found),
            peaks=peaks(history),
        )
