"""A live attempt: the folded state in memory, and commands on their way to the log.

The loop is always the same: decide → evolve speculatively → journal → tell → arm the timer again. When the journal
rejects an append (another node was first, it was late, or its outcome is unknown), the live attempt reads the log
again. Commands whose records are in the log are done; the others are decided anew.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from protocol.attempt.chain import BrokenChain, ErasedLog, NewerLog
from protocol.attempt.commands import AnyCommand, Assess, Begin, Connect, Disconnect, Grant, Operate, Wake
from protocol.attempt.decide import decide
from protocol.attempt.decisions.rules import AskCandidacy, AskLog
from protocol.attempt.decisions.terms import CHANGED
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Record, Started
from protocol.attempt.finality import holds, not_after_ms, takes_newest_test
from protocol.attempt.invariants import check
from protocol.attempt.model import OPEN, Accommodation, Actor, Attempt, Role, Terms
from protocol.attempt.sheet import Sheet, terms_in_force
from protocol.attempt.wake import next_closing, next_wake, wakes_alike
from protocol.attempt.words import in_words_of_paper
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.marks import mark
from protocol.messages.operations import Start
from server.attempts.alarm import Alarm
from server.attempts.hearsay import HeardTraces, Hearsay
from server.attempts.observer import Observer
from server.attempts.pending import (
    WHILE_SOMEBODY_WAITS,
    Done,
    Pending,
    Reply,
    Traced,
    find_in_log,
    reply_to,
    take_all,
    trace_rejection,
)
from server.attempts.presence import Presence
from server.attempts.reading import LogReader, must_look
from server.attempts.spoken import ALL_OF_THIS_RELEASE, Spoken
from server.clock import Clock
from server.metrics.tally import Tally
from server.pacing.few import few
from storage.archives.faults import ArchivedLog
from storage.errors import StorageUnavailable
from storage.log.journal import Append, Committed, Journal, Outcome

if TYPE_CHECKING:
    from server.tracing.spans import Tracing

log = logging.getLogger(__name__)

PATIENCE_S: Final = 8.0
"""How long a caller waits for the log before it is told that nothing can be saved. Longer than any healthy database
takes, and shorter than clients wait for a reply (15 s in the browser): the refusal must reach them."""
_PATIENT: Final = frozenset({Wake, Assess, Connect, Begin})
"""Commands that may wait for answers: nobody waits for the first two, and a whole room comes and starts at once."""
_TIMER: Final = Actor(Role.SYSTEM, "timer")
_TABLES: Final = Actor(Role.SYSTEM, "override")


class LiveAttempt:
    """One attempt in memory. All methods run on the event loop; none but `run`, `settle` and `newest` waits."""

    # A node has tens of thousands of them.
    __slots__ = (
        "_alarm",
        "_alarm_is_old",
        "_alone",
        "_arriving",
        "_clock",
        "_closed",
        "_closed_for",
        "_due_ms",
        "_fleet",
        "_head",
        "_hearsay",
        "_held",
        "_journal",
        "_observer",
        "_outstanding",
        "_patient",
        "_pending",
        "_quiet",
        "_reader",
        "_rejected",
        "_reloading",
        "_tally",
        "_tracing",
        "attempt_id",
        "branch_id",
        "committed",
        "display_name",
        "last_used_ms",
        "presence",
        "sheet",
        "traces",
    )

    def __init__(
        self,
        attempt: Attempt,
        sheet: Sheet,
        display_name: str,
        *,
        clock: Clock,
        journal: Journal,
        reader: LogReader,
        observer: Observer,
        tally: Tally,
        alone: bool = True,
        fleet: Spoken = ALL_OF_THIS_RELEASE,
        tracing: "Tracing | None" = None,
    ) -> None:
        """`sheet`: what it is sat under, as of now. `alone`: no other node writes to this database."""
        self.attempt_id = attempt.identity.attempt_id
        self.committed = attempt
        self.branch_id = attempt.identity.branch_id
        """Where its candidate belongs now; she may have moved since it was made."""
        self.sheet = sheet
        self.display_name = display_name
        self.presence = Presence()
        self.last_used_ms = clock.now_ms()
        self.traces: Traced = ()
        """Traced commands with records since the last `settled`: other nodes continue their traces."""
        self._head = attempt
        self._due_ms = next_closing(attempt)
        """The next closing of `_head`: asked before every command."""
        self._clock = clock
        self._journal = journal
        self._reader = reader
        self._observer = observer
        self._tally = tally
        self._alone = alone
        self._arriving = 0
        self._fleet = fleet
        self._tracing = tracing
        self._pending: list[Pending] = []
        self._held: list[Pending] = []
        """A start, or what else the newest rules of the test decide on, and what came after it."""
        self._outstanding = 0
        self._patient = False
        """Whether what is under way is in the journal's patient lane."""
        self._rejected = False
        self._hearsay: Hearsay | None = None
        self._reloading: asyncio.Task[None] | None = None
        self._alarm = Alarm(clock, self._on_alarm)
        self._alarm_is_old = False
        self._quiet: asyncio.Event | None = None
        self._closed = False
        self._closed_for = Code.STORAGE_UNAVAILABLE
        """What commands are refused with that come after the end."""
        self._set_alarm()

    @property
    def closed(self) -> bool:
        """Whether the registry has let go of it: its timer has ended, and it hears of no more records."""
        return self._closed

    @property
    def busy(self) -> bool:
        """Whether something is on its way to the log, or the log is being read again."""
        return bool(self._pending or self._held) or self._reloading is not None

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """Keeps this copy at hand for a candidate who is about to connect to it."""
        self._arriving += 1
        try:
            yield
        finally:
            self._arriving -= 1

    @property
    def in_use(self) -> bool:
        """Whether somebody is connected to it, or about to be, or waits for what is on its way."""
        presence = self.presence
        # Asked of everybody, every second: most of them have a connection.
        return bool(presence.sessions) or presence.heard or self._arriving > 0 or self.busy

    @property
    def terms(self) -> Terms:
        """The terms in force: what was pinned, or before the start what is offered."""
        return terms_in_force(self.committed, self.sheet)

    def offer(
        self, command: AnyCommand, reply: Reply, *, now_ms: int | None = None, give_up_ms: int | None = None
    ) -> None:
        """Decides the command now. Replies once everything that the answer depends on is committed. From `give_up_ms`
        on (by this node's clock) the command is refused with `storage_unavailable` instead of being carried out.
        `now_ms` is the time by that clock, where the caller has just looked."""
        if now_ms is None:
            now_ms = self._clock.now_ms()
        self.last_used_ms = now_ms
        pending = self._begin(command, reply)
        pending.give_up_ms = give_up_ms
        if self._closed:
            self._reply(pending, refuse(self._closed_for))
            return
        if self._held:
            self._held.append(pending)
        elif self._head.terms is None and takes_newest_test(command):
            self._held.append(pending)
            task = asyncio.create_task(self._start_under_newest(), name="look for the newest version before a decision")
            task.add_done_callback(_looked_at)
        else:
            self._take(pending, now_ms)

    def _take(self, pending: Pending, now_ms: int) -> None:
        if self._rejected or must_look(self._head, self.presence, now_ms):
            self._pending.append(pending)
            self.reload()
            self._reload_when_quiet()
            return
        if not isinstance(pending.command, Grant):
            self._wake_if_due(now_ms)
        self._decide(pending, now_ms)

    async def _start_under_newest(self) -> None:
        """A start pins the newest version of the test, and what the candidate is granted; the test's rules decide who
        is let in, and who is absent. What comes after such a command is decided after it."""
        found = False
        try:
            await self.follow_test()
            self.grant(await self._reader.granted(self.committed), first=True)
            found = True
        except StorageUnavailable as error:
            log.debug("Attempt %s: the newest version of its test cannot be read (%s)", self.attempt_id, error)
        finally:
            # One look answers a hundred, and to decide on a start takes as long as any alarm.
            few().call(partial(self._take_held, found))

    def _take_held(self, found: bool) -> None:
        held, self._held = self._held, []
        now_ms = self._clock.now_ms()
        for pending in held:
            if self._closed or not (found or not takes_newest_test(pending.command)):
                self._reply(pending, refuse(Code.STORAGE_UNAVAILABLE))
            else:
                self._take(pending, now_ms)
        self._note_quiet()

    def grant(self, accommodation: Accommodation, *, first: bool = False) -> None:
        """The candidate is granted this now. It comes before a closing that is due. `first`: before the commands that
        wait for a start, too."""
        if accommodation == self._head.accommodation or self._closed or self._head.status not in OPEN:
            return
        command = Grant(_TABLES, accommodation, CHANGED)
        if first:
            self._take(self._begin(command, _ignore), self._clock.now_ms())
        else:
            self.offer(command, _ignore)

    async def follow_test(self) -> None:
        """Until the start the attempt follows its test: looks for the newest version. Raises `StorageUnavailable`."""
        if self.committed.terms is None:
            self._put_under(await self._reader.sheet(self.committed))

    def _put_under(self, sheet: Sheet) -> None:
        """Takes the sheet, unless a start has pinned one, or a newer one was found meanwhile."""
        if self._head.terms is None and sheet.test_version >= self.sheet.test_version:
            self.sheet = sheet
            for session in self.presence.sessions:
                session.sheet_changed()

    async def run(self, command: AnyCommand) -> Done | Refusal:
        """The same for a caller that waits, for `PATIENCE_S` at most: after that it is `storage_unavailable`. See
        `WHILE_SOMEBODY_WAITS` for what may still be carried out then."""
        future: asyncio.Future[Done | Refusal] = asyncio.get_running_loop().create_future()

        def reply(outcome: Done | Refusal) -> None:
            if not future.done():
                future.set_result(outcome)

        waits = isinstance(command, WHILE_SOMEBODY_WAITS)
        self.offer(command, reply, give_up_ms=self._clock.now_ms() + int(PATIENCE_S * 1000) if waits else None)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await future
        except TimeoutError:
            return refuse(Code.STORAGE_UNAVAILABLE)

    def hear(self, seq: int, head: bytes, traceparents: Sequence[str] = ()) -> None:
        """Another node says that the log has reached record `seq` with the hash `head`. The records themselves are read
        from the log; the message is believed in nothing else. `traceparents`: of the commands behind the records."""
        committed = self.committed
        if seq < committed.seq or (seq, head) == (committed.seq, committed.head):
            self._trace_heard([(traceparents, perf_counter_ns())], "unchanged")
            return
        if self._hearsay is None:
            self._hearsay = Hearsay()
        # Same number, other hash: our copy is not on the log. Reading finds that out.
        self._hearsay.hear(
            seq + (seq == committed.seq), traceparents, perf_counter_ns(), traced=self._tracing is not None
        )
        self._catch_up()

    def _trace_heard(self, heard: HeardTraces, outcome: str) -> None:
        if self._tracing is not None:
            committed = self.committed
            for traceparents, began_ns in heard:
                self._tracing.adopted(traceparents, committed.identity, outcome, committed.seq, began_ns)

    def reload(self) -> None:
        """Reads the log again: it has, or may have, records that this node did not write."""
        if not self._rejected:
            if self._outstanding:
                mark("live: read again during a commit")
            self._rejected = True
            self._go_back()
            self._reload_when_quiet()

    def _catch_up(self) -> None:
        """Reads announced records once nothing of ours is pending. Our pending append may commit first; nobody
        announces those records again, so they are remembered."""
        if self._hearsay is None or self.busy:
            return
        outcome = self._hearsay.weigh(self.committed.seq, self._clock.now_ms())
        if outcome is None:
            self.reload()
        else:
            self._trace_heard(self._hearsay.take_traces(), outcome)

    async def settle(self) -> None:
        """Returns when nothing is on its way any more."""
        while self.busy:
            if self._quiet is None:
                self._quiet = asyncio.Event()
            await self._quiet.wait()

    async def newest(self) -> Attempt:
        """The attempt as the log has it now: what another node has acknowledged holds here, heard of or not. Raises
        `StorageUnavailable` after `PATIENCE_S`, and `Refused` where the candidate was erased, the log is in an
        archive, or is newer than this node."""
        if self._alone:
            return self.committed
        try:
            async with asyncio.timeout(PATIENCE_S):
                records = await self._reader.records_after(self.committed)
                while records and self.committed.seq < records[-1].entry.seq and not self._closed:
                    self.reload()
                    await self.settle()
        except ErasedLog:
            self.reload()
            raise Refused(refuse(Code.ERASED)) from None
        except NewerLog:
            self.reload()
            raise Refused(refuse(Code.NEWER_LOG)) from None
        except ArchivedLog:
            self.reload()
            raise Refused(refuse(Code.ARCHIVED)) from None
        except (TimeoutError, BrokenChain) as error:
            self.reload()
            raise StorageUnavailable(f"the log of attempt {self.attempt_id} cannot be read") from error
        return self.committed

    def close(self) -> None:
        """Ends the timer. The attempt in the database is not touched. Commands that come later, or that can't be
        decided any more, are refused for now."""
        self._closed = True
        self._alarm.close()
        if self._reloading is not None:
            self._reloading.cancel()
            self._reloading = None
        if self._rejected:
            self._reload_when_quiet()
        self._note_quiet()

    # Deciding

    def _begin(self, command: AnyCommand, reply: Reply) -> Pending:
        pending = Pending(command, reply)
        if self._tracing is not None:
            pending.trace = self._tracing.command(command, self.committed.identity)
        return pending

    def _wake_if_due(self, now_ms: int, gone: Disconnect | None = None) -> None:
        due_ms = self._due_ms
        if due_ms is not None and now_ms >= due_ms:
            self._decide(self._begin(Wake(_TIMER, gone), _ignore), now_ms)

    def _decide(self, pending: Pending, now_ms: int) -> None:
        if pending.give_up_ms is not None and now_ms >= pending.give_up_ms:
            self._reply(pending, refuse(Code.STORAGE_UNAVAILABLE))
            return
        try:
            decision = decide(self._head, pending.command, now_ms, self.sheet, self._fleet.version)
            if pending.trace is not None:
                pending.trace.decided()
            if isinstance(decision, tuple) and decision:
                self._append(pending, decision, now_ms)
            elif isinstance(decision, AskLog | AskCandidacy):
                mark("live: asks the log before it decides")
                self._pending.append(pending)
                self.reload()
            else:
                self._answer(pending, decision)
        except Exception:
            # A bug in one command must not keep others from their answers.
            log.exception("Attempt %s: deciding on %s failed", self.attempt_id, type(pending.command).__name__)
            self._reply(pending, refuse(Code.INTERNAL))

    def _answer(self, pending: Pending, decision: tuple[Record, ...] | Refusal) -> None:
        """Answers a refusal, or "done already". Neither is written to the log, so neither may depend on records that
        may still be rejected, or on a copy that other nodes may have overtaken. So it waits for our pending records,
        or for a read of the log."""
        pending.refusal = decision if isinstance(decision, Refusal) else None
        if self._pending:
            self._pending[-1].followers.append(pending)
        elif self._alone or pending.sure or holds(self._head, pending.command, decision):
            self._reply(pending, pending.refusal or Done((), self.committed, self._clock.now_ms()))
        else:
            self._pending.append(pending)
            self.reload()

    def _append(self, pending: Pending, records: tuple[Record, ...], now_ms: int) -> None:
        states: list[Attempt] = []
        before = self._head
        for record in records:
            after = evolve(before, record)
            check(before, record, after)
            states.append(after)
            before = after
        if not wakes_alike(self._head, before):
            due_ms, self._alarm_is_old = next_closing(before), True
        else:
            due_ms = self._due_ms
        until_ms = not_after_ms(
            self._head, pending.command, records, again=bool(pending.records), give_up_ms=pending.give_up_ms
        )
        if until_ms is not None and now_ms >= until_ms:
            # The journal would reject it as late, and decided anew it would come to the same, for ever.
            mark("live: decided what is late already")
            log.error(
                "Attempt %s: %s was decided at %d, and may not be written from %d on. That is a fault of the server.",
                self.attempt_id,
                type(pending.command).__name__,
                now_ms,
                until_ms,
            )
            self._reply(pending, refuse(Code.INTERNAL))
            return
        append = Append(
            attempt_id=self.attempt_id,
            records=records,
            states=tuple(states),
            not_after_ms=until_ms,
            newcomer=None,
            on_outcome=self._on_outcome,
            others=pending.others,
            # In the lane of what is under way: the journal keeps the order within a lane alone.
            patient=self._patient if self._outstanding else _may_wait(pending.command),
        )
        if not self._journal.submit(append):
            self._reply(pending, refuse(Code.OVERLOADED))
            return
        pending.records = records
        pending.states = append.states
        pending.appended = True
        self._head, self._due_ms = before, due_ms
        self._patient = append.patient
        self._outstanding += 1
        self._pending.append(pending)

    # What the journal says

    def _on_outcome(self, outcome: Outcome) -> None:
        self._outstanding -= 1
        if isinstance(outcome, Committed) and not self._rejected:
            pending = self._pending.pop(0)
            if pending.trace is not None:
                pending.trace.journalled(outcome, self._journal.stats)
                self.traces += ((pending.records, pending.trace),)
            self._tell(pending.records, pending.states, own=True)
            self._reply(pending, Done(pending.records, self.committed, outcome.at_ms))
            for follower in pending.followers:
                written = follower.records if follower.found else ()
                self._reply(follower, follower.refusal or Done(written, self.committed, outcome.at_ms))
            if not self._pending:
                self._settled()
                if self._hearsay is not None:
                    self._catch_up()
            return
        if not isinstance(outcome, Committed):
            log.debug("Attempt %s: a record was rejected as %s; its log is read again", self.attempt_id, outcome.reason)
            if not self._rejected:
                trace_rejection(self._pending, outcome, self._journal.stats)
        self._rejected = True
        self._reload_when_quiet()

    def _reload_when_quiet(self) -> None:
        if self._outstanding or self._reloading is not None:
            return
        if self._closed:
            mark("live: rejected while it closes")
            for pending in take_all(self._pending):
                self._reply(pending, refuse(self._closed_for))
            self._note_quiet()
        else:
            self._tally.reloads += 1
            self._reloading = asyncio.create_task(self._reload(), name="reload an attempt")

    async def _reload(self) -> None:
        try:
            records, look, logged, sheet, candidacy = await self._reader.read(
                self.committed, self.presence, self._pending, self.sheet
            )
        except BrokenChain as error:
            mark("live: its copy is not on the log")
            self._reloading = None
            log.error("Attempt %s: what this node has is not in the log; it is read anew (%s)", self.attempt_id, error)
            self.close()
            self._observer.diverged(self)
            return
        except ErasedLog as erased:
            mark("live: erased while in memory")
            self._reloading = None
            self._forget_person(erased.record)
            return
        except ArchivedLog:
            mark("live: archived while in memory")
            self._reloading = None
            self._closed_for = Code.ARCHIVED
            self.close()
            self._observer.diverged(self)
            return
        except NewerLog as error:
            mark("live: handed away to newer nodes")
            self._reloading = None
            self._closed_for = Code.NEWER_LOG
            self.close()
            self._observer.outgrown(self, error)
            return
        self._reloading = None
        waiting = take_all(self._pending)
        self._rejected = False
        ours = {record.hash for pending in waiting for record in pending.records}
        self.traces += find_in_log(waiting, records)
        try:
            self._adopt(tuple(records), ours, sheet)
        except Exception:
            log.exception("Attempt %s: its log cannot be folded", self.attempt_id)
            for pending in waiting:
                self._reply(pending, refuse(Code.INTERNAL))
            return
        finally:
            self._go_back()
            self._note_quiet()
        now_ms = self._clock.now_ms()
        if look is not None and not look.is_known:
            self._alarm.ring_soon()
        for pending in waiting:
            if pending.appended and not self._pending:
                self._reply(pending, Done(pending.records, self.committed, now_ms))
            elif pending.appended:
                # What comes before it may be refused yet, and an acknowledgement speaks for all lesser numbers.
                mark("live: an acknowledgement waits for a refusal")
                self._pending[-1].followers.append(pending)
            elif look is not None and not look.is_known:
                mark("live: waits until a loss is known")
                self._reply(pending, refuse(Code.STORAGE_UNAVAILABLE))
            elif self._rejected or (look is None and must_look(self._head, self.presence, now_ms)):
                # The log must be read once more: a command before this one asks for more of it, or the closing came.
                mark("live: the log is read once more")
                self._pending.append(pending)
                self.reload()
            else:
                pending.hear_log(logged, candidacy)
                if not isinstance(pending.command, Grant):
                    self._wake_if_due(now_ms, None if look is None else look.gone)
                self._decide(pending, now_ms)
        self._catch_up()

    def _forget_person(self, record: Record) -> None:
        """The candidate was erased by `record`, and what is in memory of her goes too."""
        before = replace(self.committed, seq=record.entry.seq - 1)
        self.committed = evolve(before, record)
        self._go_back()
        self.display_name = ""
        self.close()
        self._observer.erased(self)

    def _adopt(self, records: tuple[Record, ...], ours: set[bytes], sheet: Sheet | None) -> None:
        """Applies records that are in the log already."""
        if sheet is not None:
            self.sheet = sheet
        for record in records:
            after = evolve(self.committed, record)
            if isinstance(record.entry.fact, Started):
                after = in_words_of_paper(after, self.sheet)
            self._tell((record,), (after,), own=record.hash in ours)
        self._go_back()
        self._alarm_is_old = True
        self._settled()

    def _go_back(self) -> None:
        """What is decided next is decided on what the log has."""
        self._head = self.committed
        self._due_ms = next_closing(self._head)

    def _tell(self, records: tuple[Record, ...], states: tuple[Attempt, ...], *, own: bool) -> None:
        for record, state in zip(records, states, strict=True):
            before, self.committed = self.committed, state
            try:
                self._observer.committed(self, before, record, state, own=own)
            except Exception:
                log.exception("Attempt %s: telling what has become true failed", self.attempt_id)

    def _note_quiet(self) -> None:
        if self._quiet is not None and not self.busy:
            self._quiet.set()
            self._quiet = None

    def _settled(self) -> None:
        if self._quiet is not None:
            self._note_quiet()
        try:
            self._observer.settled(self)
        except Exception:
            log.exception("Attempt %s: telling that all is told failed", self.attempt_id)
        self.traces = ()
        if self._alarm_is_old or not self._alarm.waits:
            self._set_alarm()

    def _reply(self, pending: Pending, outcome: Done | Refusal) -> None:
        reply_to(pending, outcome, self._tally, self.attempt_id)

    # The timer

    def _set_alarm(self) -> None:
        self._alarm_is_old = False
        self._alarm.set(next_wake(self._head))

    def _on_alarm(self) -> None:
        wake_ms = next_wake(self._head)
        if wake_ms is None:
            return
        now_ms = self._clock.now_ms()
        if self._rejected:
            self._alarm.ring_soon()
        elif now_ms < wake_ms:
            self._alarm.set(wake_ms)
        else:
            self._tally.timer_late_s.observe((now_ms - wake_ms) / 1000)
            self.offer(Wake(_TIMER), self._on_woken)

    def _on_woken(self, outcome: Done | Refusal) -> None:
        """Looks again later if the wake was not committed: a commit would have set the alarm."""
        if not self._alarm.waits and next_wake(self._head) is not None:
            self._alarm.ring_soon()


def _may_wait(command: AnyCommand) -> bool:
    """Whether answers go before it."""
    kind = type(command)
    return kind in _PATIENT or (kind is Operate and type(command.operation) is Start)  # type: ignore[union-attr]


def _looked_at(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("A start was not decided", exc_info=task.exception())


def _ignore(outcome: Done | Refusal) -> None:
    """The reply of commands that no caller waits for."""
