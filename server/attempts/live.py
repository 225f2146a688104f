"""A live attempt: the folded state in memory, commands on their way to the log, and the one timer.

The loop is always the same: decide → evolve speculatively → journal → tell → arm the timer again. When the journal
rejects an append (another node was first, it was late, or its outcome is unknown), the live attempt reads the log
again. Commands whose records are in the log are done; the others are decided anew.
"""

import asyncio
import logging
from collections.abc import Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from protocol.answering import PaperIndex
from protocol.attempt.chain import BrokenChain, ErasedLog
from protocol.attempt.commands import AnyCommand, Disconnect, Wake
from protocol.attempt.decide import decide
from protocol.attempt.decisions.connections import may_stand
from protocol.attempt.decisions.rules import is_late
from protocol.attempt.evolve import evolve, fold
from protocol.attempt.facts import Record
from protocol.attempt.finality import holds, not_after_ms
from protocol.attempt.model import Actor, Attempt, Role
from protocol.attempt.wake import next_closing, next_wake
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from server.attempts.hearsay import HeardTraces, Hearsay
from server.attempts.pending import WHILE_SOMEBODY_WAITS, Done, Look, NotKnownYet, Pending, Reply
from server.attempts.presence import Presence
from server.clock import Clock
from server.metrics.tally import Tally
from storage.attempts import Attempts
from storage.errors import StorageUnavailable
from storage.journal import Append, Committed, Journal, Outcome, Rejected

if TYPE_CHECKING:
    from server.tracing.spans import Trace, Tracing

log = logging.getLogger(__name__)

_RELOAD_BACKOFF_S: Final = (0.02, 0.1, 0.3, 1.0, 2.0)
_LONGEST_SLEEP_S: Final = 60.0
"""The longest time between two looks at the clock. A sleeping machine stops timers, but not the clock."""
_RETRY_WAKE_S: Final = 0.5
PATIENCE_S: Final = 8.0
"""How long a caller waits for the log before it is told that nothing can be saved. Longer than any healthy database
takes, and shorter than clients wait for a reply (15 s in the browser): the refusal must reach them."""
_TIMER: Final = Actor(Role.SYSTEM, "timer")


class Observer(Protocol):
    """Hears of committed records, in the order of the log."""

    def committed(self, live: "LiveAttempt", before: Attempt, record: Record, after: Attempt, *, own: bool) -> None:
        """One record is durable; `own`: this node decided it."""
        ...

    def settled(self, live: "LiveAttempt") -> None:
        """All records that were committed together have been reported."""
        ...

    async def loss_before_closing(self, attempt: Attempt) -> Disconnect | None:
        """Asked before an attempt is closed whose clock stands while its candidate is away, and whose connection is not
        on this node: the end of that connection, if it ended before the deadline and nobody has recorded it. Raises
        `NotKnownYet`."""
        ...

    def diverged(self, live: "LiveAttempt") -> None:
        """The state in memory is not on the log (an older database has taken over). The live attempt is closed, and
        must be loaded again."""
        ...

    def erased(self, live: "LiveAttempt") -> None:
        """The candidate was erased, in memory too. The live attempt is closed."""
        ...


class LiveAttempt:
    """One attempt in memory. All methods run on the event loop; none but `run`, `settle` and `newest` waits."""

    # A node has tens of thousands of them.
    __slots__ = (
        "_alone",
        "_armed_for_ms",
        "_clock",
        "_closed",
        "_head",
        "_hearsay",
        "_journal",
        "_observer",
        "_outstanding",
        "_paper",
        "_pending",
        "_quiet",
        "_rejected",
        "_reloading",
        "_store",
        "_tally",
        "_timer",
        "_tracing",
        "committed",
        "display_name",
        "last_used_ms",
        "presence",
        "traces",
    )

    def __init__(
        self,
        attempt: Attempt,
        paper: PaperIndex,
        display_name: str,
        *,
        clock: Clock,
        journal: Journal,
        store: Attempts,
        observer: Observer,
        tally: Tally,
        alone: bool = True,
        tracing: "Tracing | None" = None,
    ) -> None:
        """`alone`: no other node writes to this database."""
        self.committed = attempt
        self.display_name = display_name
        self.presence = Presence()
        self.last_used_ms = clock.now_ms()
        self.traces: tuple[tuple[tuple[Record, ...], Trace], ...] = ()
        """Traced commands with records since the last `settled`: other nodes continue their traces."""
        self._paper = paper
        self._head = attempt
        self._clock = clock
        self._journal = journal
        self._store = store
        self._observer = observer
        self._tally = tally
        self._alone = alone
        self._tracing = tracing
        self._pending: list[Pending] = []
        self._outstanding = 0
        self._rejected = False
        self._hearsay: Hearsay | None = None
        self._reloading: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for_ms: int | None = None
        self._quiet: asyncio.Event | None = None
        self._closed = False
        self._arm()

    @property
    def attempt_id(self) -> str:
        return self.committed.identity.attempt_id

    @property
    def closed(self) -> bool:
        """Whether the registry has let go of it: its timer has ended, and it hears of no more records."""
        return self._closed

    @property
    def busy(self) -> bool:
        """Whether something is on its way to the log, or the log is being read again."""
        return bool(self._pending) or self._reloading is not None

    def offer(self, command: AnyCommand, reply: Reply, *, give_up_ms: int | None = None) -> None:
        """Decides the command now. Replies once everything that the answer depends on is committed. From `give_up_ms`
        on (by this node's clock) the command is refused with `storage_unavailable` instead of being carried out."""
        self.last_used_ms = now_ms = self._clock.now_ms()
        pending = self._begin(command, reply)
        pending.give_up_ms = give_up_ms
        if self._closed:
            self._reply(pending, refuse(Code.STORAGE_UNAVAILABLE))
            return
        if self._rejected or self._must_look(self._head, now_ms):
            self._pending.append(pending)
            self.reload()
            self._reload_when_quiet()
            return
        self._wake_if_due(now_ms)
        self._decide(pending, now_ms)

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
            self._rejected = True
            self._head = self.committed
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
        `StorageUnavailable` after `PATIENCE_S`, and `Refused` where the candidate was erased."""
        if self._alone:
            return self.committed
        try:
            async with asyncio.timeout(PATIENCE_S):
                known = self.committed
                records = await self._store.records(self.attempt_id, known.seq, known.head)
                while records and self.committed.seq < records[-1].entry.seq and not self._closed:
                    self.reload()
                    await self.settle()
        except ErasedLog:
            self.reload()
            raise Refused(refuse(Code.ERASED)) from None
        except (TimeoutError, BrokenChain) as error:
            self.reload()
            raise StorageUnavailable(f"the log of attempt {self.attempt_id} cannot be read") from error
        return self.committed

    def close(self) -> None:
        """Ends the timer. The attempt in the database is not touched. Commands that come later, or that can't be
        decided any more, are refused for now."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
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
        due_ms = next_closing(self._head)
        if due_ms is not None and now_ms >= due_ms:
            self._decide(self._begin(Wake(_TIMER, gone), _ignore), now_ms)

    def _must_look(self, attempt: Attempt, now_ms: int) -> bool:
        """Whether it must be found out first if the candidate's connection was there at the deadline: her clock stands
        while she is away, and a node that has died stopped none."""
        return (
            is_late(attempt, now_ms)
            and may_stand(attempt)
            and attempt.connection_id is not None
            and all(one.connection_id != attempt.connection_id for one in self.presence.sessions)
        )

    async def _look(self, records: list[Record]) -> Look | None:
        try:
            attempt = fold(records, self.committed) or self.committed
        except Exception:  # noqa: BLE001 (adopting the records will tell)
            return None
        if not self._must_look(attempt, self._clock.now_ms()):
            return None
        try:
            return Look(await self._observer.loss_before_closing(attempt))
        except NotKnownYet:
            return Look(None, is_known=False)

    def _decide(self, pending: Pending, now_ms: int) -> None:
        if pending.give_up_ms is not None and now_ms >= pending.give_up_ms:
            self._reply(pending, refuse(Code.STORAGE_UNAVAILABLE))
            return
        try:
            decision = decide(self._head, pending.command, now_ms, self._paper)
            if pending.trace is not None:
                pending.trace.decided()
            if isinstance(decision, Refusal) or not decision:
                self._answer(pending, decision)
            else:
                self._append(pending, decision)
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

    def _append(self, pending: Pending, records: tuple[Record, ...]) -> None:
        states: list[Attempt] = []
        for record in records:
            states.append(evolve(states[-1] if states else self._head, record))
        append = Append(
            attempt_id=self.attempt_id,
            records=records,
            states=tuple(states),
            not_after_ms=_earlier(
                not_after_ms(self._head, pending.command, records, again=pending.sure), pending.give_up_ms
            ),
            newcomer=None,
            on_outcome=self._on_outcome,
        )
        if not self._journal.submit(append):
            self._reply(pending, refuse(Code.OVERLOADED))
            return
        pending.records = records
        pending.states = append.states
        pending.appended = True
        self._head = states[-1]
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
                self._reply(follower, follower.refusal or Done((), self.committed, outcome.at_ms))
            if not self._pending:
                self._settled()
                self._catch_up()
            return
        if not isinstance(outcome, Committed):
            log.debug("Attempt %s: a record was rejected as %s; its log is read again", self.attempt_id, outcome.reason)
            if not self._rejected:
                self._trace_rejection(outcome)
        self._rejected = True
        self._reload_when_quiet()

    def _trace_rejection(self, outcome: Rejected) -> None:
        """The pending commands after the first rejected one are rejected with it."""
        for pending in self._pending:
            if pending.trace is not None and pending.appended:
                pending.trace.journalled(outcome, self._journal.stats)

    def _reload_when_quiet(self) -> None:
        if self._outstanding or self._reloading is not None:
            return
        if self._closed:
            for pending in self._take_waiting():
                self._reply(pending, refuse(Code.STORAGE_UNAVAILABLE))
            self._note_quiet()
        else:
            self._tally.reloads += 1
            self._reloading = asyncio.create_task(self._reload(), name="reload an attempt")

    def _take_waiting(self) -> list[Pending]:
        """Every command that has no answer yet, in the order in which they came."""
        waiting = [one for pending in self._pending for one in (pending, *pending.followers)]
        for pending in self._pending:
            pending.followers = []
        self._pending.clear()
        return waiting

    async def _reload(self) -> None:
        try:
            records, look = await self._read()
        except BrokenChain as error:
            self._reloading = None
            log.error("Attempt %s: what this node has is not in the log; it is read anew (%s)", self.attempt_id, error)
            self.close()
            self._observer.diverged(self)
            return
        except ErasedLog as erased:
            self._reloading = None
            self._forget_person(erased.record)
            return
        self._reloading = None
        waiting = self._take_waiting()
        self._rejected = False
        ours = {record.hash for pending in waiting for record in pending.records}
        written = {record.hash for record in records}
        for pending in waiting:
            pending.sure = True
            pending.appended = pending.appended and pending.records[-1].hash in written
            if pending.trace is not None:
                pending.trace.reloaded()
                if pending.appended:
                    self.traces += ((pending.records, pending.trace),)
        try:
            self._adopt(tuple(records), ours)
        except Exception:
            log.exception("Attempt %s: its log cannot be folded", self.attempt_id)
            for pending in waiting:
                self._reply(pending, refuse(Code.INTERNAL))
            return
        finally:
            self._head = self.committed
            self._note_quiet()
        now_ms = self._clock.now_ms()
        if look is not None and not look.is_known:
            self._look_again()
        for pending in waiting:
            if pending.appended:
                self._reply(pending, Done(pending.records, self.committed, now_ms))
            elif look is not None and not look.is_known:
                self._reply(pending, refuse(Code.STORAGE_UNAVAILABLE))
            elif look is None and self._must_look(self._head, now_ms):
                # The closing came while the log was read.
                self._pending.append(pending)
                self.reload()
            else:
                self._wake_if_due(now_ms, None if look is None else look.gone)
                self._decide(pending, now_ms)
        self._catch_up()

    def _forget_person(self, record: Record) -> None:
        """The candidate was erased by `record`, and what is in memory of her goes too."""
        before = replace(self.committed, seq=record.entry.seq - 1)
        self.committed = self._head = evolve(before, record)
        self.display_name = ""
        self.close()
        self._observer.erased(self)

    async def _read(self) -> tuple[list[Record], Look | None]:
        """The log's records after ours, and what `_must_look` asks for. It tries until it succeeds: without them no
        command can be answered. Raises `BrokenChain` if the log does not continue from our state, and `ErasedLog`."""
        tries = 0
        while True:
            try:
                records = await self._store.records(self.attempt_id, self.committed.seq, self.committed.head)
                return records, await self._look(records)
            except StorageUnavailable as error:
                # All attempts meet the same outage; the node logs it once.
                log.debug("Attempt %s: its log cannot be read yet (%s)", self.attempt_id, error)
            except (BrokenChain, ErasedLog):
                raise
            except Exception:
                log.exception("Attempt %s: reading its log failed", self.attempt_id)
            await asyncio.sleep(_RELOAD_BACKOFF_S[min(tries, len(_RELOAD_BACKOFF_S) - 1)])
            tries += 1

    def _adopt(self, records: tuple[Record, ...], ours: set[bytes] | None = None) -> None:
        """Applies records that are in the log already."""
        for record in records:
            after = evolve(self.committed, record)
            self._tell((record,), (after,), own=ours is not None and record.hash in ours)
        self._head = self.committed
        self._settled()

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
        self._note_quiet()
        try:
            self._observer.settled(self)
        except Exception:
            log.exception("Attempt %s: telling that all is told failed", self.attempt_id)
        self.traces = ()
        self._arm()

    def _reply(self, pending: Pending, outcome: Done | Refusal) -> None:
        for tell in (self._count, _tell_caller):
            try:
                tell(pending, outcome)
            except Exception:
                log.exception("Attempt %s: telling the outcome of a command failed", self.attempt_id)

    def _count(self, pending: Pending, outcome: Done | Refusal) -> None:
        answered = "refused" if isinstance(outcome, Refusal) else "done" if outcome.records else "unchanged"
        self._tally.command(pending.command, answered)
        if pending.trace is not None:
            if isinstance(outcome, Refusal):
                pending.trace.refused(outcome.code, at_fault=outcome.http_status >= 500)
            else:
                pending.trace.done(outcome.records)

    # The timer

    def _look_again(self) -> None:
        """Soon, and not at once: the attempt is due all the time."""
        if self._timer is not None:
            self._timer.cancel()
        self._sleep(_RETRY_WAKE_S)

    def _arm(self) -> None:
        wake_ms = next_wake(self._head)
        if wake_ms == self._armed_for_ms and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._armed_for_ms = wake_ms
        if wake_ms is not None:
            self._sleep((wake_ms - self._clock.now_ms()) / 1000)

    def _sleep(self, delay_s: float) -> None:
        if not self._closed:
            delay_s = min(max(0.0, delay_s), _LONGEST_SLEEP_S)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        """Checks again: the loop may call a little early, and the clock may have been slewed."""
        self._timer = None
        wake_ms = next_wake(self._head)
        if wake_ms is None:
            return
        if self._rejected:
            self._sleep(_RETRY_WAKE_S)
        elif self._clock.now_ms() < wake_ms:
            self._arm()
        else:
            self._tally.timer_late_s.observe((self._clock.now_ms() - wake_ms) / 1000)
            self.offer(Wake(_TIMER), self._on_woken)

    def _on_woken(self, outcome: Done | Refusal) -> None:
        """Looks again later if the wake was not committed: a commit would have armed the timer."""
        if self._timer is None and next_wake(self._head) is not None:
            self._sleep(_RETRY_WAKE_S)


def _earlier(one_ms: int | None, other_ms: int | None) -> int | None:
    if one_ms is None or other_ms is None:
        return other_ms if one_ms is None else one_ms
    return min(one_ms, other_ms)


def _tell_caller(pending: Pending, outcome: Done | Refusal) -> None:
    pending.reply(outcome)


def _ignore(outcome: Done | Refusal) -> None:
    """The reply of commands that no caller waits for."""
