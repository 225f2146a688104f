"""The live attempts of this node: loaded when somebody asks for one, forgotten when nobody has for a while."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from protocol.attempt.chain import ErasedLog, NewerLog
from protocol.attempt.commands import AnyCommand, Create
from protocol.attempt.decide import create, readable_by
from protocol.attempt.evolve import evolve
from protocol.attempt.model import OPEN, Attempt
from protocol.attempt.wake import next_closing
from protocol.attempt.words import in_words_of_paper
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from protocol.marks import mark
from protocol.rules.admission import Candidacy, Earlier
from protocol.rules.overrides import with_extra_attempts
from server.attempts.live import PATIENCE_S, LiveAttempt
from server.attempts.newer import NewerLogs, Outgrown
from server.attempts.observer import Observer
from server.attempts.pending import Done
from server.attempts.reading import LogReader
from server.attempts.spoken import ALL_OF_THIS_RELEASE, Spoken
from server.clock import Clock
from server.metrics.tally import Tally
from server.pacing.gathered import Gathered
from server.pacing.pieces import pieces
from server.pacing.turns import turns
from server.papers import Papers
from server.people.grants import Grants
from storage.archives.faults import ArchivedLog
from storage.attempts import Attempts, identity_of
from storage.loading import Found
from storage.log.journal import Append, Committed, Journal, Newcomer, Outcome, Rejected
from storage.sharing import outcome_of

if TYPE_CHECKING:
    from server.tracing.spans import Tracing

log = logging.getLogger(__name__)

OVERTAKEN: Final = "attempt_exists"
"""The outcome of making an attempt that means "somebody was faster": look again."""
LOADS_AT_ONCE: Final = 5
"""Connections used for loading long logs, of the node's ten; one more looks for attempts. The rest stays free for
closing what is due while a whole exam comes back at once."""
_IDLE_MS: Final = 120_000
_SOON_MS: Final = 600_000
"""An attempt that closes within this time stays in memory, so that its own timer closes it to the millisecond."""


class Registry:
    """Finds, loads and makes live attempts. `alone`: no other node writes to this database."""

    def __init__(
        self,
        *,
        clock: Clock,
        journal: Journal,
        store: Attempts,
        papers: Papers,
        grants: Grants,
        observer: Observer,
        alone: bool,
        fleet: Spoken = ALL_OF_THIS_RELEASE,
        tally: Tally | None = None,
        tracing: "Tracing | None" = None,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._store = store
        self._papers = papers
        self._grants = grants
        self._reader = LogReader(store, papers.sheet, observer, clock, grants.of_attempt, self._candidacy)
        self._observer = observer
        self._alone = alone
        self._fleet = fleet
        self._tally = tally or Tally()
        self._tracing = tracing
        self.newer = NewerLogs(clock.now_ms)
        """Attempts that only newer nodes can serve."""
        self._live: dict[str, LiveAttempt] = {}
        self._by_test: dict[tuple[str, str], dict[str, LiveAttempt]] = {}
        self._loading: dict[str, asyncio.Task[LiveAttempt | None]] = {}
        self._loads: Gathered[None, str, Found | None] = Gathered(self._find, "look for attempts")
        self._room_to_load = asyncio.Semaphore(LOADS_AT_ONCE)
        self._being_read: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._live)

    def all(self) -> Sequence[LiveAttempt]:
        """Every live attempt of this node."""
        return list(self._live.values())

    def of_test(self, org_id: str, test_id: str) -> Collection[LiveAttempt]:
        """The live attempts at one test of an organisation; they change while the loop runs."""
        return self._by_test.get((org_id, test_id), {}).values()

    @property
    def tests(self) -> list[tuple[str, str]]:
        """(organisation, test) of all live attempts."""
        return list(self._by_test)

    @property
    def being_read(self) -> list[str]:
        """Attempts that are not at hand yet, of which something has been read already."""
        return list(self._being_read)

    def at_hand(self, attempt_id: str) -> LiveAttempt | None:
        """The live attempt, if it is in memory."""
        return self._live.get(attempt_id)

    async def get(self, attempt_id: str) -> LiveAttempt | None:
        """The live attempt, from the database if need be; None where there is no such attempt, its candidate was
        erased, or its log is in an archive. Raises `Outgrown`."""
        while True:
            live = self._live.get(attempt_id)
            if live is not None:
                # Whoever asks is about to do something with it.
                live.last_used_ms = self._clock.now_ms()
                return live
            self.newer.check(attempt_id)
            task = self._loading.get(attempt_id)
            if task is None:
                task = asyncio.create_task(self._load(attempt_id), name="load an attempt")
                self._loading[attempt_id] = task
                task.add_done_callback(lambda task: self._loaded(attempt_id, task))
            live = await outcome_of(task)
            # If the loop is far behind, the attempt may be forgotten again before its waiters run.
            if live is None or not live.closed:
                return live

    def _loaded(self, attempt_id: str, task: "asyncio.Task[LiveAttempt | None]") -> None:
        self._loading.pop(attempt_id, None)
        if not task.cancelled():
            task.exception()  # has been looked at, even if all who waited have gone

    async def execute(self, attempt_id: str, command: AnyCommand) -> Done | Refusal:
        """Runs a command on any attempt, whoever holds it."""
        try:
            live = await self.get(attempt_id)
        except Outgrown as error:
            return error.refusal
        return refuse(Code.NOT_FOUND) if live is None else await live.run(command)

    async def readable(self, attempt_ids: Iterable[str]) -> list[LiveAttempt]:
        """Those of the attempts that there are and that this node can read."""
        found = await asyncio.gather(*(self._get_if_readable(attempt_id) for attempt_id in attempt_ids))
        return [live for live in found if live is not None]

    async def _get_if_readable(self, attempt_id: str) -> LiveAttempt | None:
        try:
            return await self.get(attempt_id)
        except Outgrown:
            return None

    async def make(self, command: Create, newcomer: Newcomer, earlier: tuple[Earlier, ...] = ()) -> LiveAttempt | str:
        """A new attempt after the candidate's `earlier` ones, or why it was not made: `attempt_exists`…, or `late`
        after `PATIENCE_S`. A late one is not made afterwards, unless its transaction is under way: then the next call
        finds that attempt."""
        trace = None if self._tracing is None else self._tracing.command(command, command.identity)
        now_ms = self._clock.now_ms()
        records = create(command, now_ms)
        if not readable_by(self._fleet.version, records):
            return Code.UPGRADE_UNDER_WAY.value
        attempt = evolve(None, records[0])
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def on_outcome(outcome: Outcome) -> None:
            # First of all: whatever fails below, nobody is kept waiting.
            if not future.done():
                future.set_result(outcome)
            if trace is not None:
                trace.journalled(outcome, self._journal.stats)
                if isinstance(outcome, Committed):
                    trace.done(records)
                else:
                    trace.refused(outcome.reason, at_fault=outcome.reason != OVERTAKEN)

        append = Append(
            attempt_id=command.identity.attempt_id,
            records=records,
            states=(attempt,),
            not_after_ms=now_ms + int(PATIENCE_S * 1000),
            newcomer=newcomer,
            on_outcome=on_outcome,
            others=earlier,
        )
        if trace is not None:
            trace.decided()
        if not self._journal.submit(append):
            if trace is not None:
                trace.refused(Code.OVERLOADED, at_fault=True)
            return Code.OVERLOADED.value
        try:
            async with asyncio.timeout(PATIENCE_S):
                outcome = await future
        except TimeoutError:
            mark("registry: made too late")
            outcome = Rejected("late")
        self._tally.command(command, "done" if isinstance(outcome, Committed) else "refused")
        if not isinstance(outcome, Committed):
            return outcome.reason
        live = await self._enliven(attempt, newcomer.display_name)
        self._observer.committed(live, attempt, records[0], attempt, own=True)
        self._observer.settled(live)
        return live

    async def _candidacy(self, attempt: Attempt) -> Candidacy:
        identity = attempt.identity
        test = await self._papers.newest(identity.org_id, identity.test_id)
        assert test is not None, "the test of an attempt is not there"
        granted = await self._grants.of_attempt(attempt)
        rules = with_extra_attempts(test.content.rules, granted)
        hers = await self._store.of_user(identity.org_id, identity.test_id, identity.user_id)
        return Candidacy(rules, tuple(one for one in hers if one.attempt_id != identity.attempt_id), granted)

    async def _find(self, _: None, attempt_ids: Collection[str]) -> Mapping[str, Found | None]:
        self._being_read.update(dict.fromkeys(attempt_ids))
        return {**dict.fromkeys(attempt_ids), **await self._store.find(list(attempt_ids))}

    async def _load(self, attempt_id: str) -> LiveAttempt | None:
        try:
            return await self._read(attempt_id)
        finally:
            self._being_read.pop(attempt_id, None)

    async def _read(self, attempt_id: str) -> LiveAttempt | None:
        found = await self._loads.ask(None, attempt_id)
        if found is None or found.card.erased_at_ms is not None or found.card.archived_at_ms is not None:
            return None
        card = found.card
        # Many were found at once, and to open one log takes as long as any such step.
        await turns().take()
        async with self._room_to_load:
            try:
                attempt = await self._store.open(found)
            except (ArchivedLog, ErasedLog):
                return None
            except NewerLog as error:
                mark("registry: left to newer nodes")
                identity = identity_of(card)
                self.newer.leave(error, identity)
                raise Outgrown(identity) from None
        self.newer.readable(attempt_id)
        if attempt is None:
            return None
        granted = await self._grants.of_attempt(attempt) if attempt.status in OPEN else None
        live = await self._enliven(attempt, card.display_name)
        live.branch_id = card.branch_id
        if granted is not None:
            # Nothing can have happened to it yet: a closing that is due comes after this.
            live.grant(granted)
        return live

    async def _enliven(self, attempt: Attempt, display_name: str) -> LiveAttempt:
        sheet = await self._papers.sheet(attempt)
        attempt_id = attempt.identity.attempt_id
        live = self._live.get(attempt_id)
        if live is None:
            live = LiveAttempt(
                in_words_of_paper(attempt, sheet),
                sheet,
                display_name,
                clock=self._clock,
                journal=self._journal,
                reader=self._reader,
                observer=self._observer,
                tally=self._tally,
                alone=self._alone,
                fleet=self._fleet,
                tracing=self._tracing,
            )
            self._live[attempt_id] = live
            self._by_test.setdefault(_test_of(live), {})[attempt_id] = live
        return live

    def idle(self, among: Iterable[LiveAttempt]) -> list[LiveAttempt]:
        """Those of the attempts that may be forgotten: nobody has a connection, or has called lately. Where other nodes
        write too, such a copy soon goes stale, so it is forgotten at once."""
        now_ms = self._clock.now_ms()
        return [live for live in among if self._is_idle(live, now_ms)]

    def _is_idle(self, live: LiveAttempt, now_ms: int) -> bool:
        if live.in_use or live.closed:
            return False
        closing_ms = next_closing(live.committed)
        if self._alone and closing_ms is not None and closing_ms - now_ms < _SOON_MS:
            return False
        return now_ms - live.last_used_ms > (_IDLE_MS if self._alone else 1_000)

    def forget(self, live: LiveAttempt) -> None:
        """Lets go of one attempt; the database has it."""
        live.close()
        if self._live.pop(live.attempt_id, None) is not None:
            test = _test_of(live)
            of_test = self._by_test[test]
            del of_test[live.attempt_id]
            if not of_test:
                del self._by_test[test]

    async def find_moved(self) -> None:
        """Compares positions with the log and reads records that were not announced (the relay was down). A log shorter
        than before is another log; reading finds that too."""
        async for some in pieces(self.all()):
            held = {one.attempt_id: (one, one.committed.seq) for one in some if one.presence.here and not one.busy}
            positions = await self._store.positions(list(held))
            for attempt_id, (live, known) in held.items():
                position = positions.get(attempt_id, 0)
                if (position > live.committed.seq or position < known) and not live.busy:
                    live.reload()

    async def settle(self) -> None:
        """Returns when no attempt has pending records."""
        for live in self.all():
            if live.busy:
                await live.settle()

    def close(self) -> None:
        for live in self.all():
            live.close()


def _test_of(live: LiveAttempt) -> tuple[str, str]:
    identity = live.committed.identity
    return identity.org_id, identity.test_id
