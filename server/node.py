"""One node: everything that runs in one server process, put together."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from protocol import limits
from protocol.attempt.commands import Wake
from protocol.attempt.facts import (
    Answered,
    Connected,
    Expired,
    Flagged,
    HandMarked,
    Moved,
    Receipted,
    Record,
    Submitted,
)
from protocol.attempt.model import Actor, Attempt, Role
from protocol.codes import Close, Code
from protocol.errors import Refusal, Refused, refuse
from server.attempts.live import LiveAttempt, Seated
from server.attempts.registry import Registry
from server.capacity import Capacity
from server.chronicle import Chronicle
from server.clock import Clock
from server.ids import new_id
from server.loop_lag import LoopLag
from server.marker import Marker
from server.metrics.tally import Tally
from server.monitor.rooms import Rooms
from server.papers import Papers
from server.principal import Principal
from server.relay import Relay
from server.relay.frames import RECORDS_CHANNEL, Executed, decode_executed, encode
from server.relay.local import LocalRelay
from server.relay.redis import RedisRelay
from server.revocations import REVOCATIONS_CHANNEL, Withdrawn
from server.settings import Settings
from server.sockets.outbound import Outbound
from server.throttle import Throttle
from server.tokens import Tokens
from storage.answers import Answers
from storage.attempts import Attempts
from storage.batch import LogWriter
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.journal import Journal
from storage.migrate import check_schema
from storage.results import Results
from storage.revocations import Revocation, Revocations
from storage.snapshots import Snapshots
from storage.tests import Tests

log = logging.getLogger(__name__)

_HOT: Final = (Answered, Flagged, Moved, Receipted)
"""Facts that only the node with the candidate's socket brings about: other nodes see them in the rows."""
_OVERDUE_MS: Final = 400
"""How long the sweeper leaves a due attempt to the timer of the node that holds it. With the sweep's own interval this
is how late an attempt is closed that no node holds: less than a second."""
_SWEEP_BATCH: Final = 200
_POSITIONS_EVERY_S: Final = 3.0
_CATCH_UP_EVERY_S: Final = 3.0
"""Between two looks for rows that have stayed behind the log: two of them and a flush take less than ten seconds."""
_CLOCK_EVERY_S: Final = 10.0
_REVOCATIONS_EVERY_S: Final = 5.0
_TIDY_EVERY_S: Final = 1.0
_SNAPSHOT_BATCH: Final = 200
_SETTLE_S: Final = 10.0
"""How long a stopping node waits for its last commits."""
_GOODBYE_S: Final = 3.0
"""How long a stopping node waits for its sockets to close."""
_SWEEPER: Final = Actor(Role.SYSTEM, "sweeper")


class AnySession(Protocol):
    """A connection, as the node sees it."""

    kind: str
    last_contact_ms: int
    principal: Principal | None
    token_due_ms: int
    out: Outbound

    def check_token(self, now_ms: int) -> None:
        """Its token is about to end, or has."""
        ...

    def end(self, refusal: Refusal) -> None:
        """Refuses the connection as a whole."""
        ...


class Node:
    """Everything a request or a socket needs. `name` is made anew at each start.

    What is given besides settings and database takes the place of what they would lead to: that is how a node runs in
    simulated time.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock | None = None,
        *,
        relay: Relay | None = None,
        writer: LogWriter | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.settings = settings
        self.name = new_id()
        self.clock = clock or Clock()
        self.database = database
        self.tally = Tally()
        self._chronicle = Chronicle(self.tally)
        self.withdrawn = Withdrawn(Revocations(database))
        self.tokens = Tokens(settings, self.clock, self.withdrawn.covers)
        self.tests = Tests(database)
        self.attempts = Attempts(database)
        self.results = Results(database)
        self.answers = Answers(database)
        self.journal = Journal(database, self.clock.now_ms, writer=writer, on_commit=self.tally.commit)
        self.relay = relay or _relay_for(settings, self.name)
        self.papers = Papers(self.tests)
        self.throttle = Throttle(self.clock, settings.rate_per_second, settings.rate_burst)
        self.draining = False
        self._lag = LoopLag(self.tally.loop_lag_s)
        self.capacity = Capacity(settings.max_attempts, self._lag, lambda: self.journal.queued, self.tally)
        self._alone = not settings.on_postgres
        self._snapshots = Snapshots(database)
        self.registry = Registry(
            clock=self.clock,
            journal=self.journal,
            store=self.attempts,
            papers=self.papers,
            observer=self,
            alone=self._alone,
            tally=self.tally,
        )
        self.rooms = Rooms(
            node=self.name,
            clock=self.clock,
            relay=self.relay,
            store=self.attempts,
            flush_ms=settings.monitor_flush_ms,
            live=self.registry.all,
            bring_up=self._bring_up,
        )
        self.marker = Marker(
            self.clock, self.registry, self.papers, self.results, self.attempts, self._snapshots, self.tally
        )
        # In the order of their coming, so that a run can be repeated.
        self._sessions: dict[AnySession, None] = {}
        self._deserted = asyncio.Event()
        self._clients: dict[str, tuple[str, str]] = {}
        self._executed: dict[str, list[Record]] = {}
        self._snapshot_due_ms: dict[str, int] = {}
        self._random = chance or random.Random()  # noqa: S311 (spreads load, guards nothing)
        self._tasks: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []

    # Life

    async def start(self) -> None:
        """Returns when the node can serve."""
        await check_schema(self.database)
        if not self._alone:
            await self.clock.follow(self.database.now_ms, first=True)
        await self.journal.start()
        await self.relay.start()
        self.relay.subscribe(RECORDS_CHANNEL, self._hear)
        self.relay.subscribe(REVOCATIONS_CHANNEL, self._hear_of_revocations)
        await self.withdrawn.refresh()
        loops: list[tuple[str, float, Callable[[], Awaitable[None]]]] = [
            ("sweep", self.settings.sweep_ms / 1000, self._sweep),
            ("tidy", _TIDY_EVERY_S, self._tidy),
            ("snapshots", _TIDY_EVERY_S, self._take_snapshots),
            ("clients", _TIDY_EVERY_S, self._keep_clients),
            ("marking", self.settings.sweep_ms / 1000, self.marker.sweep),
            ("catching up", _CATCH_UP_EVERY_S, self.rooms.catch_up),
        ]
        if not self._alone:
            loops += [
                ("revocations", _REVOCATIONS_EVERY_S, self._learn_revocations),
                ("positions", _POSITIONS_EVERY_S, self.registry.find_moved),
                ("clock", _CLOCK_EVERY_S, self._follow_clock),
            ]
        self._loops = [asyncio.create_task(_every(pause_s, work, name), name=name) for name, pause_s, work in loops]
        self._loops.append(asyncio.create_task(self.rooms.run(), name="rooms"))
        self._loops.append(asyncio.create_task(self.marker.run(), name="marker"))
        self._loops.append(asyncio.create_task(self._lag.run(), name="loop lag"))

    async def drain(self) -> None:
        """Stops admitting; after the notice, tells every socket when to come back, and closes it. What they sent is
        kept."""
        self.draining = True
        log.info("Leaving: %d connections are sent away", len(self._sessions))
        await asyncio.sleep(self.settings.drain_notice_ms / 1000)
        for session in list(self._sessions):
            session.out.close(Close.TRY_AGAIN, after_ms=self.return_after_ms())
        # What carries the sockets cuts them off when it is told to stop: the goodbyes must be out by then.
        if self._sessions:
            self._deserted.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._deserted.wait(), _GOODBYE_S)

    async def stop(self) -> None:
        """Commits, takes snapshots, and leaves."""
        self.draining = True
        for session in list(self._sessions):
            session.out.close(Close.TRY_AGAIN, after_ms=self.return_after_ms())
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        try:
            async with asyncio.timeout(_SETTLE_S):
                while self._tasks:
                    await asyncio.wait(self._tasks)
                await self.registry.settle()
        except TimeoutError:
            log.warning("The database did not take everything in time; what was not acknowledged is with the clients")
        await self.rooms.flush()
        self.registry.close()
        await self.journal.close()
        try:
            await self._take_snapshots(everything=True)
            await self._keep_clients()
        except StorageUnavailable:
            log.warning("The last snapshots were not taken; the log has everything")
        await self.relay.close()
        await self.database.close()

    def keep(self, task: asyncio.Task[None]) -> None:
        """Work that must be finished before the node stops."""
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("Background work failed: %s", task.get_name(), exc_info=task.exception())

    async def missing(self) -> list[str]:
        """What keeps this node from serving."""
        missing = ["draining"] if self.draining else []
        try:
            await self.database.ping()
        except StorageUnavailable:
            missing.append("database")
        return missing

    # Connections

    @property
    def connected(self) -> int:
        return len(self._sessions)

    @property
    def sessions(self) -> list[AnySession]:
        """Every open connection."""
        return list(self._sessions)

    @property
    def snapshots_due(self) -> int:
        """Attempts that have changed since their snapshot."""
        return len(self._snapshot_due_ms)

    def opened(self, session: AnySession) -> None:
        self._sessions[session] = None

    def closed(self, session: AnySession) -> None:
        self._sessions.pop(session, None)
        if not self._sessions:
            self._deserted.set()

    def check_room(self) -> None:
        """Raises `Refused` where newcomers are to try again later."""
        if self.draining:
            raise Refused(refuse(Code.DRAINING))
        self.capacity.check()

    # Tokens that are withdrawn

    async def withdraw(self, revocation: Revocation) -> None:
        """Returns when it is durable; tokens are refused here from then on, and very soon on every other node."""
        await self.withdrawn.add(revocation)
        self._end_revoked()
        self.relay.publish(REVOCATIONS_CHANNEL, self.name.encode())

    def _hear_of_revocations(self, data: bytes) -> None:
        if data != self.name.encode():
            self.keep(asyncio.create_task(self._learn_revocations(), name="learn revocations"))

    async def _learn_revocations(self) -> None:
        if await self.withdrawn.refresh():
            self._end_revoked()

    def _end_revoked(self) -> None:
        for session in list(self._sessions):
            if session.principal is not None and self.withdrawn.covers(session.principal):
                session.end(refuse(Code.TOKEN_REVOKED))

    def seat(self, live: LiveAttempt, session: Seated) -> None:
        """A candidate's connection is in force on this node."""
        live.sessions.add(session)
        self.capacity.seat(live.attempt_id)
        self.heard_of(live, self.clock.now_ms())

    def unseat(self, live: LiveAttempt, session: Seated) -> None:
        """The connection is gone."""
        live.sessions.discard(session)
        if not live.sessions:
            self.capacity.unseat(live.attempt_id)
        live.heard = False
        live.last_used_ms = self.clock.now_ms()
        if live.committed.connection_id == session.connection_id:
            # Otherwise another one is in force, perhaps on another node, and what that node says counts.
            live.presence_ms = live.last_used_ms
        self._snapshot_due_ms[live.attempt_id] = 0
        self.rooms.changed(live)

    def heard_of(self, live: LiveAttempt, now_ms: int) -> None:
        """The candidate has given a sign of life."""
        live.heard = True
        live.last_seen_ms = live.presence_ms = now_ms
        self.rooms.changed(live)

    def note_client(self, attempt_id: str, ip_address: str, user_agent: str) -> None:
        """Keeps where the candidate sits, presently. It decides nothing, and nobody waits for it: after a failure of
        the network everybody comes back at once."""
        self._clients[attempt_id] = ip_address, user_agent

    def first_beat_ms(self) -> int:
        """Spreads the beats of clients that came at the same instant."""
        return self._random.randrange(self.settings.heartbeat_ms)

    def return_after_ms(self) -> int:
        """Spreads the return of clients that are sent away at the same instant."""
        return limits.RECONNECT_BASE_MS + self._random.randrange(max(1, self.settings.drain_ms))

    def put_off_ms(self) -> int:
        """Spreads the next try of newcomers for whom there is no room at the moment."""
        return limits.RECONNECT_BASE_MS + self._random.randrange(limits.RECONNECT_CAP_MS)

    # What has become true

    def committed(self, live: LiveAttempt, before: Attempt, record: Record, after: Attempt, *, own: bool) -> None:
        """Tells everybody here who must know."""
        fact = record.entry.fact
        if not own and isinstance(fact, Connected):
            live.heard = False
        elif own and record.entry.role is Role.CANDIDATE:
            live.last_seen_ms = max(live.last_seen_ms or 0, record.entry.at_ms)
            live.presence_ms = max(live.presence_ms, record.entry.at_ms)
        for session in list(live.sessions):
            session.record_committed(before, record, after)
        self._chronicle.note(before, record, own=own)
        if own and not isinstance(fact, _HOT):
            self._executed.setdefault(live.attempt_id, []).append(record)
        if own and isinstance(fact, Submitted | Expired | HandMarked):
            self.marker.notice(live.attempt_id)
        if isinstance(fact, Submitted | Expired):
            self._snapshot_due_ms[live.attempt_id] = 0

    def settled(self, live: LiveAttempt) -> None:
        """Shows the row, and lets the other nodes know."""
        self.rooms.changed(live)
        self._snapshot_due_ms.setdefault(
            live.attempt_id,
            self.clock.now_ms() + self._random.randrange(self.settings.snapshot_ms // 2, self.settings.snapshot_ms),
        )
        records = self._executed.pop(live.attempt_id, None)
        if records and not self._alone:
            rows = [(record.entry.seq, record.data, record.hash) for record in records]
            self.relay.publish(RECORDS_CHANNEL, encode(Executed(self.name, live.attempt_id, rows)))

    def _hear(self, data: bytes) -> None:
        frame = decode_executed.decode(data)
        live = self.registry.at_hand(frame.attempt_id)
        if frame.node == self.name or live is None:
            return
        live.hear_rows(frame.records)

    # What happens by itself

    async def _sweep(self) -> None:
        """Closes what is overdue and nobody closed: its node has died, or nobody has it in memory."""
        while True:
            due = await self.attempts.claim_due(self.clock.now_ms() - _OVERDUE_MS, _SWEEP_BATCH)
            self.tally.swept += len(due)
            await asyncio.gather(*(self.registry.execute(attempt_id, Wake(_SWEEPER)) for attempt_id in due))
            if len(due) < _SWEEP_BATCH:
                return

    async def _tidy(self) -> None:
        now_ms = self.clock.now_ms()
        self._chronicle.add_up()
        silent_ms = now_ms - (limits.MISSED_BEATS + 1) * self.settings.heartbeat_ms
        for session in list(self._sessions):
            if session.last_contact_ms < silent_ms:
                session.out.close(Close.HEARTBEAT_LOST)
            elif session.token_due_ms <= now_ms:
                session.check_token(now_ms)
        for live in self.registry.all():
            if live.heard and not live.sessions and (live.last_seen_ms or 0) < silent_ms:
                # She was there over REST. The smallest step: whoever has heard of her later is not contradicted.
                live.heard = False
                live.presence_ms += 1
                self.rooms.changed(live)
        for live in self.registry.idle():
            # What follows the snapshots (progress, answers) must not stay behind for good.
            if live.attempt_id in self._snapshot_due_ms:
                self._snapshot_due_ms[live.attempt_id] = 0
            else:
                self.registry.forget(live)
        self.rooms.forget_empty()

    async def _take_snapshots(self, *, everything: bool = False) -> None:
        now_ms = self.clock.now_ms()
        due = [attempt_id for attempt_id, due_ms in self._snapshot_due_ms.items() if everything or due_ms <= now_ms]
        for start in range(0, len(due), _SNAPSHOT_BATCH):
            batch = due[start : start + _SNAPSHOT_BATCH]
            for attempt_id in batch:
                self._snapshot_due_ms.pop(attempt_id, None)
            lives = (self.registry.at_hand(attempt_id) for attempt_id in batch)
            try:
                states = [live.committed for live in lives if live is not None]
                await self._snapshots.save(states)
                self.tally.snapshots += len(states)
            except BaseException:
                for attempt_id in batch:
                    self._snapshot_due_ms.setdefault(attempt_id, 0)
                raise

    async def _bring_up(self, attempt_id: str) -> None:
        live = await self.registry.get(attempt_id)
        if live is None:
            return
        # The next one who looks shall find it in the projection.
        self._snapshot_due_ms[attempt_id] = 0
        live.reload()
        await live.settle()
        self.rooms.changed(live)

    async def _keep_clients(self) -> None:
        for attempt_id, (ip_address, user_agent) in list(self._clients.items()):
            await self.attempts.note_client(attempt_id, ip_address, user_agent)
            if self._clients.get(attempt_id) == (ip_address, user_agent):
                del self._clients[attempt_id]

    async def _follow_clock(self) -> None:
        await self.clock.follow(self.database.now_ms, first=False)


def _relay_for(settings: Settings, name: str) -> Relay:
    return RedisRelay(settings.redis_url, name) if settings.redis_url else LocalRelay()


async def _every(pause_s: float, work: Callable[[], Awaitable[None]], name: str) -> None:
    """Does `work` again and again; a failure is logged, and the next time comes."""
    while True:
        try:
            await work()
        except StorageUnavailable as error:
            log.warning("%s: the database is away (%s)", name, error)
        except Exception:
            log.exception("%s failed", name)
        await asyncio.sleep(pause_s)
