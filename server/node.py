"""One node: everything that runs in one server process, put together."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from protocol import limits
from protocol.attempt.chain import NewerLog
from protocol.attempt.commands import Disconnect
from protocol.attempt.facts import Connected, Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import ENDED, Actor, Attempt, Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from server.addresses import Addresses
from server.attempts.live import LiveAttempt
from server.attempts.newer import Outgrown
from server.attempts.presence import Seated
from server.attempts.registry import Registry
from server.budgets import Budgets
from server.capacity import Capacity, most_half_open
from server.chronicle import Chronicle
from server.clock import Clock, running_s
from server.clock_check import check_clock
from server.connections import Connections
from server.contacts import Contacts
from server.erasing import ERASURES_CHANNEL, Erasures, hidden_name
from server.fleet import Fleet
from server.following import TESTS_CHANNEL, Following
from server.granting import PEOPLE_CHANNEL, Granting
from server.grants import Grants
from server.head_keeper import HeadKeeper
from server.heads import of_audit
from server.health import LOOK_EVERY_S, Health
from server.ids import new_id
from server.loop_lag import LoopLag
from server.loops import Loops
from server.losses import Losses
from server.marker import Marker
from server.metrics.tally import Tally
from server.monitor.rooms import Rooms
from server.outage import Outage
from server.papers import Papers
from server.regrader import Regrader
from server.relay import Relay
from server.relay.frames import (
    RECORDS_CHANNELS,
    Executed,
    encode,
    read_executed,
    records_channel,
)
from server.relay.local import LocalRelay
from server.relay.seal import Seal, relay_key
from server.revocations import REVOCATIONS_CHANNEL, Withdrawn
from server.settings import Settings, token_secret
from server.sitting import Sitting
from server.snapshotter import Snapshotter
from server.strangers import Strangers
from server.sweeper import Sweeper
from server.tokens import Tokens
from server.tracing import start_tracing, traceparents
from server.turns import turns
from storage.answers import Answers
from storage.attempts import Attempts
from storage.audit import Audit
from storage.batch import LogWriter
from storage.database import Database
from storage.enrolments import Enrolments
from storage.errors import StorageUnavailable
from storage.fleet import FleetTable
from storage.head_files import HeadFiles
from storage.journal import Journal
from storage.nodes import Nodes
from storage.outbox import Outbox
from storage.overrides import Overrides
from storage.people import People
from storage.people_revisions import PeopleRevisions
from storage.regrades import Regrades
from storage.releases import Releases
from storage.results import Results
from storage.revision import check_schema
from storage.revocations import Revocation, Revocations
from storage.snapshots import Snapshots
from storage.staff_commands import StaffCommands
from storage.tests import Tests

log = logging.getLogger(__name__)

_POSITIONS_EVERY_S: Final = 3.0
_CATCH_UP_EVERY_S: Final = 3.0
"""The interval of the look for rows that lag the log. Two of them and a flush take less than ten seconds."""
_CLOCK_EVERY_S: Final = 10.0
_MOST_OFF_MS: Final = 1_000
"""A clock that is further off than this is logged: the machine was frozen, or the database's clock was set. The node
stays ready: if the database's clock was set, every node is off, and nobody would be served."""
_REVOCATIONS_EVERY_S: Final = 5.0
_AUDIT_OVERLAP_MS: Final = 60_000
"""An entry of an audit log is found although its transaction took so long."""
_ERASURES_EVERY_S: Final = 5.0
_SCRUB_EVERY_S: Final = 60.0
_SIGN_OF_LIFE_EVERY_S: Final = 5.0
_CONTACTS_EVERY_S: Final = 5.0
_TESTS_EVERY_S: Final = 3.0
_REGRADES_EVERY_S: Final = 1.0
_PEOPLE_EVERY_S: Final = 3.0
_ABSENT_EVERY_S: Final = 5.0
_TIDY_EVERY_S: Final = 1.0
_PRUNE_EVERY_S: Final = 3600.0
_DEALT_OUT: Final = 0.75
"""The share of its connections that a worker sends away when another worker was replaced. These clients reconnect to
any worker; of two workers the new one gets three eighths. It takes no longer than a drain."""
_CANDIDATE: Final = Role.CANDIDATE
"""Asked for with every record: a member of an `Enum` is slow to read."""
_SETTLE_S: Final = 10.0
"""How long a stopping node waits for its last commits."""
_GOODBYE_S: Final = 3.0
"""How long a stopping node waits for its sockets to close."""


class Node:
    """Everything a request or a socket needs. `name` is made anew at each start.

    The other arguments replace parts that the settings and the database would give, so that a node can run in simulated
    time.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock | None = None,
        *,
        relay: Relay | None = None,
        attempts: Attempts | None = None,
        writer: LogWriter | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.settings = settings
        self.name = new_id()
        self.clock = clock or Clock()
        self.database = database
        self.tally = Tally()
        self.tracing = start_tracing(settings.otlp_endpoint, self.name, self.clock)
        self._chronicle = Chronicle(self.tally)
        hide = partial(hidden_name, token_secret(settings))
        self.audit = Audit(database)
        self._audited_ms = 0
        """From when on entries of audit logs are to be looked at for signed heads."""
        self._audited: dict[str, int] = {}
        """The last entry that has a signed head, of the audit logs that were found at the last look."""
        self.withdrawn = Withdrawn(Revocations(database), self.clock.now_ms, hide)
        self.tokens = Tokens(settings, self.clock, self.withdrawn.covers)
        self.tests = Tests(database)
        self.attempts = attempts or Attempts(database)
        self.results = Results(database)
        self.releases = Releases(database)
        self.regrades = Regrades(database)
        self.sitting = Sitting(self.attempts, self.clock)
        self.answers = Answers(database)
        self.people = People(database)
        self.enrolments = Enrolments(database)
        self.overrides = Overrides(database)
        self.grants = Grants(self.overrides)
        self.staff_commands = StaffCommands(database)
        self.outbox = Outbox(database)
        self.journal = Journal(
            database,
            self.clock.now_ms,
            writer=writer,
            on_commit=self.tally.commit,
            on_awaited=lambda somebody: turns().give_way(somebody),
        )
        self.relay = relay or _relay_for(settings, self.name, self.clock.now_ms)
        self.papers = Papers(self.tests, self.enrolments)
        self.strangers = Strangers(self.tally, most_half_open())
        self.budgets = Budgets(self.clock, settings, self.tally)
        self.draining = False
        self._lag = LoopLag(self.tally.loop_lag_s)
        self.capacity = Capacity(settings.max_seats, self._lag, lambda: self.journal.queued, self.tally)
        self._alone = not settings.on_postgres
        self.end_process: Callable[[], None] | None = None
        """Called if this node is too old for the others; without it the node only sends everybody away."""
        self.fleet = Fleet(FleetTable(database), self.name, alone=self._alone, on_outdated=self._retire)
        self.registry = Registry(
            clock=self.clock,
            journal=self.journal,
            store=self.attempts,
            papers=self.papers,
            grants=self.grants,
            observer=self,
            alone=self._alone,
            fleet=self.fleet,
            tally=self.tally,
            tracing=self.tracing,
        )
        self.erasures = Erasures(
            database, settings.eraser_database_url, self.clock, self.registry, hide, self.withdrawn.read_anew
        )
        self.following = Following(self.name, self.registry, self.papers, self.relay, self.keep)
        self.nodes = Nodes(database)
        self.granting = Granting(
            self.name, self.registry, self.overrides, PeopleRevisions(database), self.relay, self.keep
        )
        self.rooms = Rooms(
            node=self.name,
            clock=self.clock,
            relay=self.relay,
            store=self.attempts,
            flush_ms=settings.monitor_flush_ms,
            live=self.registry.of_test,
            bring_up=self._bring_up,
            living=self.nodes.living,
            members=self.people.in_any,
        )
        self._random = chance or random.Random()  # noqa: S311 (spreads load, guards nothing)
        snapshots = Snapshots(database)
        self.marker = Marker(self.clock, self.registry, self.papers, self.results, self.attempts, snapshots, self.tally)
        self.regrader = Regrader(self.clock, self.registry, self.regrades, self.marker)
        self.snapshotter = Snapshotter(
            clock=self.clock,
            registry=self.registry,
            snapshots=snapshots,
            interval_ms=settings.snapshot_ms,
            chance=self._random,
            tally=self.tally,
        )
        self.sweeper = Sweeper(self.clock, self.registry, self.attempts, self.papers, self.tally)
        self.addresses = Addresses(self.attempts)
        self.connections = Connections(settings.heartbeat_ms)
        self.contacts = Contacts(self.nodes, self.registry, (limits.MISSED_BEATS + 1) * settings.heartbeat_ms)
        self.losses = Losses(self.name, self.clock, self.nodes, self.contacts, alone=self._alone)
        self._executed: dict[str, list[Record]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.heads = (
            HeadKeeper(settings.heads_folder, settings.heads_key.encode(), self.name, HeadFiles(database))
            if settings.heads_folder
            else None
        )
        outage = Outage(running_s)
        self.health = Health(database, self.journal, outage)
        self._loops = Loops(outage)

    # Life

    async def start(self) -> None:
        """Returns when the node can serve."""
        await check_schema(self.database)
        if self._alone:
            self.database.serve_alone()
            await check_clock(self.attempts, self.clock.now_ms(), accept=self.settings.accept_clock)
        else:
            await self.clock.follow(self.database.now_ms, first=True)
        await self.fleet.join()
        self.losses.started_ms = self.clock.now_ms()
        await self.journal.start()
        await self.relay.start()
        for channel in RECORDS_CHANNELS:
            self.relay.subscribe(channel, self._hear)
        self.relay.subscribe(REVOCATIONS_CHANNEL, self._hear_of_revocations)
        self.relay.subscribe(ERASURES_CHANNEL, self._hear_of_erasures)
        self.relay.subscribe(TESTS_CHANNEL, self.following.hear)
        self.relay.subscribe(PEOPLE_CHANNEL, self.granting.hear)
        await self.withdrawn.refresh()
        sweep_s = self.settings.sweep_ms / 1000
        loops = self._loops
        loops.every(LOOK_EVERY_S, self.health.look, "health")
        loops.every(sweep_s, self.sweeper.sweep, "sweep")
        loops.every(sweep_s, self.marker.sweep, "marking")
        loops.every(max(sweep_s, _ABSENT_EVERY_S), self.sweeper.find_absent, "absent")
        loops.every(_REGRADES_EVERY_S, self.regrader.look, "regrades")
        loops.every(_TIDY_EVERY_S, self.tidy, "tidy")
        loops.every(_TIDY_EVERY_S, self.snapshotter.take, "snapshots")
        loops.every(_TIDY_EVERY_S, self.addresses.keep, "addresses")
        loops.every(_CONTACTS_EVERY_S, self._look_at_contacts, "contacts over REST")
        loops.every(_CATCH_UP_EVERY_S, self.rooms.catch_up, "catching up")
        loops.every(_SIGN_OF_LIFE_EVERY_S, self._give_sign_of_life, "sign of life")
        loops.every(_PRUNE_EVERY_S, self.prune, "pruning")
        loops.every(_TESTS_EVERY_S, self.following.look, "tests")
        loops.every(_PEOPLE_EVERY_S, self.granting.look, "people")
        loops.every(_PEOPLE_EVERY_S, self.rooms.follow_groups, "groups that are watched")
        # The command line may have erased somebody, beside an embedded database too.
        loops.every(_ERASURES_EVERY_S, self.erasures.learn, "erasures")
        loops.every(_SCRUB_EVERY_S, self.erasures.scrub, "scrubbing")
        if not self._alone:
            loops.every(_REVOCATIONS_EVERY_S, self._learn_revocations, "revocations")
            loops.every(_POSITIONS_EVERY_S, self.registry.find_moved, "positions")
            loops.every(_CLOCK_EVERY_S, self._follow_clock, "clock")
        if self.heads is not None:
            await self._keep_heads()
            loops.every(self.settings.heads_ms / 1000, self._keep_heads, "heads")
        loops.run(self.rooms.run(), "rooms")
        loops.run(self.marker.run(), "marker")
        loops.run(self._lag.run(), "loop lag")
        if self.tokens.keys is not None:
            loops.run(self.tokens.keys.run(), "identity provider's keys")

    async def drain(self) -> None:
        """Stops admitting. After the notice, tells every client when to come back, and closes its socket. Messages that
        clients have sent are kept."""
        self.draining = True
        log.info("Leaving: %d connections are sent away", len(self.connections))
        await asyncio.sleep(self.settings.drain_notice_ms / 1000)
        self.connections.send_away(self.return_after_ms)
        self.strangers.end()
        # Send the goodbyes now: uvicorn cuts all sockets when it is told to stop.
        await self.connections.until_deserted(_GOODBYE_S)

    def _retire(self) -> None:
        if self.end_process is not None:
            self.end_process()
        else:
            self.keep(asyncio.create_task(self.drain(), name="send everybody away"))

    def make_even(self) -> None:
        """Another worker was replaced. The new one has no connections, because its clients went to the other workers.
        Sends a share away, so that connections are distributed again."""
        sent = self.connections.send_some_away(_DEALT_OUT, self._random, self.return_after_ms)
        log.info("A worker was replaced: %d connections are sent away to be redistributed", sent)

    async def stop(self) -> None:
        """Commits, takes snapshots, and leaves."""
        self.draining = True
        self.connections.send_away(self.return_after_ms)
        await self._loops.stop()
        self.health.stop()
        try:
            async with asyncio.timeout(_SETTLE_S):
                while self._tasks:
                    await asyncio.wait(self._tasks)
                await self.registry.settle()
        except TimeoutError:
            log.warning("The database did not commit everything in time; clients send the unacknowledged rest again")
        self.rooms.flush()
        self.registry.close()
        await self.journal.close()
        try:
            await self.snapshotter.take(everything=True)
            await self.addresses.keep()
            await self.fleet.leave()
        except StorageUnavailable:
            log.warning("The last snapshots could not be saved; nothing is lost, since the log has everything")
        with suppress(StorageUnavailable):  # the database then knows of some lines less than there are
            await self._keep_heads()
        await self.relay.close()
        await self.database.close()
        if self.tracing is not None:
            await self.tracing.close()

    def keep(self, task: asyncio.Task[None]) -> None:
        """Registers background work that the node finishes before it stops."""
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("Background work failed: %s", task.get_name(), exc_info=task.exception())

    @property
    def missing(self) -> list[str]:
        """What keeps this node from serving, as of the last probe (a second ago at most)."""
        missing = ["draining"] if self.draining else []
        if self.fleet.outdated:
            missing.append("version")
        if not self.health.database_available:
            missing.append("database")
        return missing

    # Connections

    def check_room(self) -> None:
        """Raises `Refused` where newcomers are to try again later."""
        if self.draining:
            raise Refused(refuse(Code.DRAINING))
        self.capacity.check()

    # Tokens that are withdrawn

    async def withdraw(self, revocation: Revocation, role: Role) -> None:
        """Stores a withdrawal by somebody in this role, and returns when it is durable. From then on this node refuses
        the tokens, and soon every other node does."""
        await self.withdrawn.add(revocation, role)
        self._end_revoked()
        self.relay.publish(REVOCATIONS_CHANNEL, self.name.encode())

    def _hear_of_revocations(self, data: bytes) -> None:
        if data != self.name.encode():
            self.keep(asyncio.create_task(self._learn_revocations(), name="learn revocations"))

    async def _learn_revocations(self) -> None:
        if await self.withdrawn.refresh():
            self._end_revoked()

    def _end_revoked(self) -> None:
        self.connections.end_revoked(self.withdrawn.covers)

    # People who are erased

    async def erase(self, org_id: str, user_id: str, by: Actor) -> int:
        """Erases a person; other nodes forget her very soon. Returns how many attempts she had. Raises what
        `Erasing.erase` raises."""
        heads = await self.erasures.erase(org_id, user_id, by)
        self.relay.publish(ERASURES_CHANNEL, self.name.encode())
        if self.heads is not None:
            for head in heads:
                self.heads.note(head.attempt_id, head.seq, head.hash)
        return len(heads)

    def _hear_of_erasures(self, data: bytes) -> None:
        if data != self.name.encode():
            self.keep(asyncio.create_task(self.erasures.learn(), name="learn erasures"))

    def erased(self, live: LiveAttempt) -> None:
        """Shows what is left of the attempt, forgets it, and sends away whoever looks at it."""
        self.rooms.changed(live)
        self.registry.forget(live)
        for session in list(live.presence.sessions):
            session.send_away(self.return_after_ms())

    def seat(self, live: LiveAttempt, session: Seated) -> None:
        """A candidate's connection is in force on this node."""
        live.presence.sit(session)
        self.capacity.seat(live.attempt_id)
        self.heard_of(live, self.clock.now_ms())

    def unseat(self, live: LiveAttempt, session: Seated) -> None:
        """The connection is gone."""
        live.presence.rise(session)
        if not live.presence.sessions:
            self.capacity.unseat(live.attempt_id)
        live.last_used_ms = self.clock.now_ms()
        attempt = live.committed
        if attempt.status in ENDED:
            # The log does not say whether she has come anywhere else since the end.
            live.presence.fell_silent()
        elif attempt.connection_id in (None, session.connection_id):
            # Otherwise a newer connection is in force, and its node reports whether the candidate is online.
            live.presence.tick = live.last_used_ms
        self.snapshotter.hurry(live.attempt_id)
        self.rooms.changed(live)

    def heard_of(self, live: LiveAttempt, now_ms: int) -> None:
        """The candidate has given a sign of life."""
        live.presence.saw(now_ms)
        self.rooms.changed(live)

    async def loss_before_closing(self, attempt: Attempt) -> Disconnect | None:
        """See `Losses.before_closing`."""
        return await self.losses.before_closing(attempt)

    def first_beat_ms(self) -> int:
        """Spreads the heartbeats of clients that connected at the same instant."""
        return self._random.randrange(self.settings.heartbeat_ms)

    def return_after_ms(self) -> int:
        """Spreads the return of clients that are sent away at the same instant."""
        return limits.RECONNECT_BASE_MS + self._random.randrange(max(1, self.settings.drain_ms))

    def put_off_ms(self) -> int:
        """Spreads the next tries of newcomers who are put off."""
        return limits.RECONNECT_BASE_MS + self._random.randrange(limits.RECONNECT_CAP_MS)

    # Committed records

    def committed(self, live: LiveAttempt, before: Attempt, record: Record, after: Attempt, *, own: bool) -> None:
        """Tells the sessions, the marker, the snapshots and the log file of this node."""
        kind = KIND_OF[type(record.entry.fact)]
        if not own and kind.fact is Connected:
            live.presence.heard = False
        elif own and record.entry.role is _CANDIDATE:
            live.presence.wrote(record.entry.at_ms)
        for session in live.presence.sessions:
            session.record_committed(before, record, after)
        if own and self.heads is not None:
            self.heads.note(live.attempt_id, record.entry.seq, record.hash)
        if kind.hot:
            return
        self._chronicle.note(before, record, own=own)
        if own:
            self._executed.setdefault(live.attempt_id, []).append(record)
        if own and kind.marks_due:
            self.marker.notice(live.attempt_id)
        if (kind.marks_due and kind.target is not None) or after.lost_records > before.lost_records:
            self.snapshotter.hurry(live.attempt_id)

    def settled(self, live: LiveAttempt) -> None:
        """Updates the monitor's row, and announces the new head to other nodes."""
        self.rooms.changed(live)
        self.snapshotter.changed(live.attempt_id)
        records = self._executed.pop(live.attempt_id, None) if self._executed else None
        if records and not self._alone:
            newest = records[-1]
            traced = traceparents(live.traces, records)
            frame = Executed(self.name, live.attempt_id, newest.entry.seq, newest.hash, traced)
            self.relay.publish(records_channel(live.attempt_id), encode(frame))

    def _hear(self, data: bytes) -> None:
        frame = read_executed(data)
        if frame is None:
            return
        live = self.registry.at_hand(frame.attempt_id)
        if frame.node == self.name or live is None:
            return
        live.hear(frame.seq, frame.head, frame.traceparents)

    def diverged(self, live: LiveAttempt) -> None:
        """Forgets the copy in memory, and sends the candidate away. When she reconnects she gets the state of the
        log."""
        self.registry.forget(live)
        for session in live.presence.sessions:
            session.send_away(self.return_after_ms())

    def outgrown(self, live: LiveAttempt, error: NewerLog) -> None:
        """Leaves the attempt to newer nodes, and sends the candidate there."""
        self.registry.newer.leave(error, live.committed.identity)
        self.registry.forget(live)
        for session in live.presence.sessions:
            session.send_away(self.return_after_ms())

    # Periodic work

    async def tidy(self) -> None:
        """Cleans up: silent connections, ended tokens, and attempts and rooms that nobody uses."""
        now_ms = self.clock.now_ms()
        self._chronicle.add_up()
        self.connections.look(now_ms)
        silent_ms = self.connections.silent_since_ms(now_ms)
        for live in self.registry.all():
            presence = live.presence
            if presence.heard and not presence.sessions and (presence.last_seen_ms or 0) < silent_ms:
                # She was connected over REST.
                presence.fell_silent()
                self.rooms.changed(live)
        for live in self.registry.idle():
            # Take a last snapshot before forgetting the attempt: progress and answers are stored with snapshots.
            if live.attempt_id in self.snapshotter:
                self.snapshotter.hurry(live.attempt_id)
            else:
                self.registry.forget(live)
        self.rooms.forget_empty()

    async def _bring_up(self, attempt_id: str) -> bool:
        try:
            live = await self.registry.get(attempt_id)
        except Outgrown:
            return True
        if live is None:
            return False
        # The snapshot brings the projection up to date for the next look.
        self.snapshotter.hurry(attempt_id)
        live.reload()
        await live.settle()
        self.rooms.changed(live)
        return True

    async def _keep_heads(self) -> None:
        if self.heads is None:
            return
        now_ms = self.clock.now_ms()
        audits = await self.audit.heads(self._audited_ms)
        for org_id, seq, head in audits:
            if self._audited.get(org_id) != seq:
                self.heads.note(of_audit(org_id), seq, head)
        self._audited = {org_id: seq for org_id, seq, _ in audits}
        self._audited_ms = now_ms - _AUDIT_OVERLAP_MS
        try:
            await self.heads.keep(now_ms)
        except OSError as error:
            log.error("The heads of the logs cannot be kept in %s: %s", self.settings.heads_folder, error.strerror)

    async def _give_sign_of_life(self) -> None:
        await self.fleet.beat()

    async def _look_at_contacts(self) -> None:
        await self.contacts.look(self.clock.now_ms())

    async def prune(self) -> None:
        """Deletes what nobody needs any more."""
        now_ms = self.clock.now_ms()
        await self.staff_commands.prune(now_ms)
        await self.outbox.prune(now_ms)
        await self.nodes.prune()
        await self.withdrawn.prune(alone=self._alone)

    async def _follow_clock(self) -> None:
        await self.clock.follow(self.database.now_ms, first=False)
        if self.clock.off_ms > _MOST_OFF_MS:
            log.error("This node's clock is %.1f s off the database's", self.clock.off_ms / 1000)


def _relay_for(settings: Settings, name: str, now_ms: Callable[[], int]) -> Relay:
    if not settings.redis_url:
        return LocalRelay()
    # Import the Redis client only if Redis is used: the import is slow.
    from server.relay.redis import RedisRelay

    return RedisRelay(settings.redis_url, Seal(relay_key(token_secret(settings)), name, now_ms))
