"""One node: everything that runs in one server process, put together."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from protocol import limits
from protocol.attempt.model import Actor
from protocol.codes import Code
from protocol.errors import Refused, refuse
from server.access.confirming import Confirming
from server.access.principal import Principal
from server.access.revocations import REVOCATIONS_CHANNEL, Withdrawn
from server.access.service_keys import ServiceKeys
from server.access.tokens import Tokens
from server.access.withdrawing import Withdrawing
from server.ages import Ages
from server.analysis.analyst import Analyst
from server.analysis.cohorts import Cohorts
from server.analysis.course_keeper import CourseKeeper
from server.analysis.live import LiveAnalytics
from server.archivist import Archivist
from server.attempts.registry import Registry
from server.boards import Boards
from server.bounds import bounds_of
from server.bringing import Bringing
from server.bulk import BULK_CHANNEL, BulkWorker
from server.catalogue import Catalogue
from server.chronicle import Chronicle
from server.clock import Clock, running_s
from server.commit_observer import CommitObserver
from server.cursors import Cursors
from server.delivery.courier import Courier
from server.fleet import Fleet
from server.heads.keeper import HeadKeeper
from server.health import Health
from server.housekeeping import Housekeeping
from server.ids import new_id
from server.late.sealed import SealedAnswers
from server.limits.budgets import Budgets
from server.limits.capacity import Capacity, most_half_open
from server.limits.strangers import Strangers
from server.mail.digests import Digests
from server.marking.marker import Marker
from server.marking.regrader import Regrader
from server.media.addresses import MediaAddresses
from server.media.cache import MediaCache
from server.media.captured import CapturedRoom
from server.media.stores import open_media
from server.metrics.tally import Tally
from server.monitor.rooms import Rooms
from server.once_keys import OnceKeys
from server.outage import Outage
from server.pacing.loop_lag import LoopLag
from server.pacing.loops import Loops
from server.pacing.repeating import Repeating
from server.pacing.spread import Spread
from server.pacing.turns import turns
from server.papers import Papers
from server.people.aliases import hidden_name
from server.people.erasing import ERASURES_CHANNEL, Erasures
from server.people.following import TESTS_CHANNEL, Following
from server.people.granting import PEOPLE_CHANNEL, Granting
from server.people.grants import Grants
from server.presence.absences import Absences
from server.presence.addresses import Addresses
from server.presence.connections import Connections
from server.presence.contacts import Contacts
from server.presence.losses import Losses
from server.presence.refused_devices import RefusedDevices
from server.presence.seats import Seats
from server.process.clock_check import check_clock
from server.process.vital import Vital
from server.relay import Relay
from server.relay.frames import (
    RECORDS_CHANNELS,
)
from server.relay.local import LocalRelay
from server.relay.seal import Seal, relay_key
from server.settings import Settings, token_secret
from server.sitting import Sitting
from server.snapshotter import Snapshotter
from server.sweeper import Sweeper
from server.thinner import Thinner
from server.tracing import start_tracing
from server.walls import watch_walls
from storage.answer_files import AnswerFiles
from storage.answers import Answers
from storage.api_keys import ApiKeys
from storage.archives.kept import ArchivedLogs
from storage.attempt_list import AttemptLists
from storage.attempts import Attempts
from storage.audit import Audit
from storage.bulk import BulkActs
from storage.captured_pictures import CapturedPictures
from storage.claims import Claims
from storage.courses import Courses
from storage.database import Database
from storage.deliveries import Deliveries
from storage.directory import Directory
from storage.enrolments import Enrolments
from storage.errors import StorageUnavailable
from storage.events import Events
from storage.fleet import FleetTable
from storage.keyed_calls import KeyedCalls
from storage.last_connections import LastConnections
from storage.leaderboard import Leaderboards
from storage.letters import MailStops, Private
from storage.log.batch import LogWriter
from storage.log.head_files import HeadFiles
from storage.log.journal import Journal
from storage.marking_tasks import MarkingTasks
from storage.nodes import Nodes
from storage.outbox import Outbox
from storage.overrides import Overrides
from storage.people import People
from storage.people_revisions import PeopleRevisions
from storage.regrades import Regrades
from storage.releases import Releases
from storage.results import Results
from storage.retention import RetentionRules
from storage.revision import check_schema
from storage.revocations import Revocations
from storage.sealed import Sealer
from storage.sittings import Sittings
from storage.snapshots import Snapshots
from storage.staff_commands import StaffCommands
from storage.statistics import Statistics
from storage.subscriptions import Subscriptions
from storage.tests import Tests
from storage.unused_media import UnusedMedia

if TYPE_CHECKING:
    from server.access.oidc.sign_in import SignIn

log = logging.getLogger(__name__)

_DEALT_OUT: Final = 0.75
"""The share of its connections that a worker sends away when another worker was replaced. These clients reconnect to
any worker; of two workers the new one gets three eighths. It takes no longer than a drain."""
_RUSH: Final = 200
"""Records that wait for the database while a whole room ends or begins: marks can wait until it is over."""
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
        claims: Claims | None = None,
        writer: LogWriter | None = None,
        chance: random.Random | None = None,
        analyst: Analyst | None = None,
    ) -> None:
        self.settings = settings
        self.name = new_id()
        self.clock = clock or Clock()
        self.database = database
        self.tally = Tally()
        self.tracing = start_tracing(settings.otlp_endpoint, self.name, self.clock)
        self.chronicle = Chronicle(self.tally)
        hide = partial(hidden_name, token_secret(settings))
        self.audit = Audit(database)
        self.withdrawn = Withdrawn(Revocations(database), self.clock.now_ms, hide)
        self.api_keys = ApiKeys(database)
        self.service_keys = ServiceKeys(self.api_keys, self.clock.now_ms)
        self.tokens = Tokens(settings, self.clock, self.is_withdrawn, self.service_keys.check)
        self.sign_in = _sign_in_of(settings, self.clock)
        bounds = bounds_of(settings)
        self.tests = Tests(database, bounds.captured_days)
        self.catalogue = Catalogue(self.tests)
        self.media = open_media(settings, database)
        self.unused_media = UnusedMedia(database, self.media)
        self.media_addresses = MediaAddresses(token_secret(settings))
        self.confirming = Confirming(token_secret(settings))
        self.cursors = Cursors(token_secret(settings))
        self.once_keys = OnceKeys(token_secret(settings))
        self.sealed_answers = SealedAnswers(token_secret(settings))
        self.media_cache = MediaCache()
        self.attempts = attempts or Attempts(database)
        self.attempt_lists = AttemptLists(database)
        self.claims = claims or Claims(database)
        self.results = Results(database)
        self.releases = Releases(database)
        self.regrades = Regrades(database)
        self.leaderboards = Leaderboards(database)
        self.bulk_acts = BulkActs(database)
        self.sitting = Sitting(database, self.clock)
        self.statistics = Statistics(database)
        self.sittings = Sittings(database)
        self.analyst = analyst or Analyst()
        self.bringing = Bringing()
        self.marking_tasks = MarkingTasks(database)
        self.answers = Answers(database)
        self.answer_files = AnswerFiles(database)
        self.captured_pictures = CapturedPictures(database)
        self.captured_room = CapturedRoom(self.captured_pictures.total, settings.captured_quota_bytes, self.clock)
        self.people = People(database)
        self.directory = Directory(database)
        self.enrolments = Enrolments(database)
        self.overrides = Overrides(database)
        self.grants = Grants(self.overrides)
        self.staff_commands = StaffCommands(database)
        self.outbox = Outbox(database)
        self.archived_logs = ArchivedLogs(database)
        self.events = Events(database)
        self.sealer = Sealer(token_secret(settings))
        self.subscriptions = Subscriptions(database, self.sealer)
        self.private_events = Private(database)
        self.mail_stops = MailStops(database)
        self.keyed_calls = KeyedCalls(database, self.sealer)
        self.deliveries = Deliveries(database)
        self.journal = Journal(
            database,
            self.clock.now_ms,
            writer=writer,
            on_commit=self.tally.commit,
            on_awaited=self._let_acknowledgements_pass,
            away_after_ms=settings.away_ms,
        )
        self.relay = relay or _relay_for(settings, self.name, self.clock.now_ms)
        self.papers = Papers(self.tests, self.enrolments, self.media_addresses.address)
        self.strangers = Strangers(self.tally, most_half_open())
        self.budgets = Budgets(self.clock, settings, self.tally)
        self.draining = False
        lag = LoopLag(self.tally.loop_lag_s)
        self.capacity = Capacity(settings.max_seats, lag, lambda: self.journal.queued, self.tally)
        self._alone = not settings.on_postgres
        self.housekeeping = Housekeeping(self, lag, alone=self._alone)
        self.end_process: Callable[[], None] | None = None
        """Called if this node is too old for the others, or a task that it needs has ended; without it the node only
        sends everybody away."""
        self.vital = Vital(lambda _: self._retire())
        self.fleet = Fleet(FleetTable(database), self.name, alone=self._alone, on_outdated=self._retire)
        self._observer = CommitObserver(self, alone=self._alone)
        self.registry = Registry(
            clock=self.clock,
            journal=self.journal,
            store=self.attempts,
            papers=self.papers,
            grants=self.grants,
            observer=self._observer,
            alone=self._alone,
            fleet=self.fleet,
            tally=self.tally,
            tracing=self.tracing,
        )
        self.erasures = Erasures(
            database,
            settings.eraser_database_url,
            self.clock,
            self.registry,
            hide,
            self.withdrawn.read_anew,
            self.budgets.forget_full,
        )
        self._learning_erasures = Repeating(self.erasures.learn, self.keep, "learn erasures")
        self.following = Following(self.name, self.registry, self.papers, self.relay, self.keep)
        self.nodes = Nodes(database)
        self.ages = Ages(database)
        self.retention = RetentionRules(database, bounds)
        self.thinner = Thinner(self)
        self.archivist = Archivist(self, settings.archives_folder, settings.archive_form)
        self.rooms = Rooms(
            node=self.name,
            clock=self.clock,
            relay=self.relay,
            store=self.attempts,
            flush_ms=settings.monitor_flush_ms,
            live=self.registry.of_test,
            bring_up=self.housekeeping.bring_up,
            living=self.nodes.living,
            members=self.people.in_any,
        )
        self.granting = Granting(
            self.name,
            self.registry,
            self.papers,
            self.attempts,
            self.overrides,
            self.people,
            PeopleRevisions(database),
            self.relay,
            self.rooms.changed,
            self.keep,
        )
        self._random = chance or random.Random()  # noqa: S311 (spreads load, guards nothing)
        self.spread = Spread(self._random, settings)
        snapshots = Snapshots(database)
        self.marker = Marker(
            clock=self.clock,
            registry=self.registry,
            papers=self.papers,
            results=self.results,
            claims=self.claims,
            snapshots=snapshots,
            regrades=self.regrades,
            tally=self.tally,
            hurried=lambda: self.journal.queued + self.journal.untold > _RUSH,
            alone=self._alone,
        )
        self.course_keeper = CourseKeeper(
            Courses(database),
            self.tests,
            self.analyst,
            hurried=lambda: self.journal.queued + self.journal.untold > 0,
        )
        self.boards = Boards(self.clock, self.leaderboards, self.results, Courses(database), self.course_keeper)
        self.cohorts = Cohorts(self.clock, self.sittings, self.tests, self.statistics, self.analyst, self.course_keeper)
        self.live_analytics = LiveAnalytics(
            self.name,
            self.clock,
            self.nodes,
            self.subscriptions,
            self.sittings,
            self.cohorts,
            self.events,
            hurried=lambda: self.journal.queued + self.journal.untold > _RUSH,
        )
        self.courier = Courier(self)
        self.digests = Digests(self)
        self.regrader = Regrader(self.clock, self.registry, self.regrades, self.marker)
        self.bulk = BulkWorker(self)
        self.snapshotter = Snapshotter(
            clock=self.clock,
            registry=self.registry,
            snapshots=snapshots,
            interval_ms=settings.snapshot_ms,
            chance=self._random,
            tally=self.tally,
        )
        self.seats = Seats(self.clock, self.capacity, self.rooms, self.snapshotter)
        self.sweeper = Sweeper(self.clock, self.registry, self.claims, self.papers, self.tally)
        self.addresses = Addresses(self.attempts)
        self.refused_devices = RefusedDevices(self.events)
        self.connections = Connections(settings.heartbeat_ms)
        self.contacts = Contacts(self.nodes, self.registry, (limits.MISSED_BEATS + 1) * settings.heartbeat_ms)
        self.withdrawing = Withdrawing(
            self.name, self.withdrawn, self.is_withdrawn, self.connections, self.relay, self.keep
        )
        self.losses = Losses(self.name, self.clock, self.nodes, self.contacts, alone=self._alone)
        self.absences = Absences(
            self.name,
            self.clock,
            self.registry,
            self.losses,
            self.nodes,
            LastConnections(database),
            self.events,
            settings.away_ms,
            alone=self._alone,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self.heads = (
            HeadKeeper(settings.heads_folder, settings.heads_key.encode(), self.name, HeadFiles(database))
            if settings.heads_folder
            else None
        )
        outage = Outage(running_s)
        self.health = Health(database, self.journal, outage)
        self._loops = Loops(outage, self.vital)

    def is_withdrawn(self, principal: Principal) -> bool:
        """Whether the caller's token was withdrawn, or the key that gave it; or all that its giver had."""
        giver = self.service_keys.giver(principal)
        by_giver = giver is not None and self.withdrawn.covers(giver)
        return by_giver or self.withdrawn.covers(principal) or self.service_keys.is_revoked(principal)

    # Life

    async def start(self) -> None:
        """Returns when the node can serve."""
        await check_schema(self.database)
        if self._alone:
            self.database.serve_alone()
            await check_clock(self.attempts, self.clock.now_ms(), accept=self.settings.accept_clock)
        else:
            await watch_walls(self.database)
            await self.clock.follow(self.database.now_ms, first=True)
        # Before anything is written by it.
        await (self.ages.accept if self.settings.accept_clock else self.ages.look)(self.clock.now_ms())
        await self.fleet.join()
        self.losses.started_ms = self.clock.now_ms()
        self.vital.watch(await self.journal.start())
        await self.relay.start()
        for channel in RECORDS_CHANNELS:
            self.relay.subscribe(channel, self._observer.hear)
        self.relay.subscribe(REVOCATIONS_CHANNEL, self.withdrawing.hear)
        self.relay.subscribe(ERASURES_CHANNEL, self._hear_of_erasures)
        self.relay.subscribe(TESTS_CHANNEL, self.following.hear)
        self.relay.subscribe(PEOPLE_CHANNEL, self.granting.hear)
        self.relay.subscribe(BULK_CHANNEL, self.bulk.hear)
        await self.withdrawn.refresh()
        await self.service_keys.refresh()
        await self.courier.prepare()
        await self.absences.learn()
        await self.housekeeping.start(self._loops)

    async def drain(self) -> None:
        """Stops admitting. After the notice, tells every client when to come back, and closes its socket. Messages that
        clients have sent are kept."""
        self.draining = True
        log.info("Leaving: %d connections are sent away", len(self.connections))
        if self.vital.ended is None:
            await asyncio.sleep(self.settings.drain_notice_ms / 1000)
        self.connections.send_away(self.spread.return_after_ms)
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
        sent = self.connections.send_some_away(_DEALT_OUT, self._random, self.spread.return_after_ms)
        log.info("A worker was replaced: %d connections are sent away to be redistributed", sent)

    async def stop(self) -> None:
        """Commits, takes snapshots, and leaves."""
        self.draining = True
        self.connections.send_away(self.spread.return_after_ms)
        await self._loops.stop()
        await self.cohorts.stop()
        await self.courier.stop()
        self.health.stop()
        try:
            # Where the journal has ended, nothing settles any more.
            async with asyncio.timeout(_SETTLE_S if self.vital.ended is None else 0):
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
            await self.refused_devices.tell(self.clock.now_ms())
            await self.fleet.leave()
        except StorageUnavailable:
            log.warning("The last snapshots could not be saved; nothing is lost, since the log has everything")
        with suppress(StorageUnavailable):  # the database then knows of some lines less than there are
            await self.housekeeping.keep_heads()
        await self.relay.close()
        await self.media.close()
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

    def _let_acknowledgements_pass(self, somebody: bool) -> None:
        """`somebody`: whether one waits for hers."""
        # On PostgreSQL a commit needs nothing of this process, and nobody waits for more than one step of others.
        (turns().space_out if self.settings.on_postgres else turns().give_way)(somebody)

    # Connections

    def check_room(self) -> None:
        """Raises `Refused` where newcomers are to try again later."""
        if self.draining:
            raise Refused(refuse(Code.DRAINING))
        self.capacity.check()

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
            self._learning_erasures.ask()


def _sign_in_of(settings: Settings, clock: Clock) -> "SignIn | None":
    if not settings.oidc_issuer:
        return None
    # Only with a provider: aiohttp is slow to import.
    from server.access.oidc.sign_in import SignIn

    return SignIn(settings, clock)


def _relay_for(settings: Settings, name: str, now_ms: Callable[[], int]) -> Relay:
    if not settings.redis_url:
        return LocalRelay()
    # Import the Redis client only if Redis is used: the import is slow.
    from server.relay.redis import RedisRelay

    return RedisRelay(settings.redis_url, Seal(relay_key(token_secret(settings)), name, now_ms))
