"""The journal: a group commit by greed, and while many write, in step.

One task takes some of the queued appends (`append_queue`), writes them in one transaction, reports the outcomes, and
takes what was queued meanwhile. A commit alone costs as much as seven records. So after one for several attempts the
next one begins `PACE_S` after it has begun; whoever writes alone never waits, nor does what is late soon. A caller that
is cancelled does not stop it, nor does a listener that fails.

What keeps a log whole:

* A record that exists already: the primary key (attempt_id, seq) refuses it, and its whole append.
* A gap, or a record that does not chain: `KnownHeads` computes every record's hash from its predecessor's. The
  predecessor's hash comes from this journal's own last commit for the attempt, or from the log. Records are never
  removed, so a hash seen once stays valid. It costs one SHA-256 over a hundred bytes per record.
* A record whose predecessor was rejected: all queued appends of that attempt are rejected too.
"""

import asyncio
import logging
from collections.abc import Callable
from itertools import chain
from time import perf_counter
from typing import Final

import msgspec

from protocol.attempt.kinds import KIND_OF
from protocol.limits import AWAY_AFTER_MS
from protocol.marks import mark
from storage.columns import is_attempt_id
from storage.database import Database
from storage.log.append_queue import AppendQueue
from storage.log.batch import (
    Append,
    Committed,
    LogWriter,
    Newcomer,
    NotWritten,
    Outcome,
    OutcomeUnknown,
    Rejected,
    Unstorable,
    make_rows,
)
from storage.log.known_heads import KnownHeads
from storage.log.sqlite import SqliteLogWriter
from storage.sqlite import SqliteEngine
from storage.telling import Telling

__all__ = ["Append", "Committed", "Journal", "JournalStats", "Newcomer", "Outcome", "Rejected"]

PACE_S: Final = 0.003
"""From the beginning of a commit for several attempts to that of the next one, unless it takes longer."""
BRINK_MS: Final = 10
"""An append that is late in less time than this is committed without waiting for others."""
BACKOFF_S: Final = 0.1
BACKOFF_CAP_S: Final = 0.5
"""The wait between two tries while the database is away: it doubles from the first to the cap. The cap is short, so
that attempts whose time is up are closed within a second of the database's return."""
CLOSING_PATIENCE_S: Final = 10.0
"""How long `close` goes on trying while the database is away."""

_log: Final = logging.getLogger("pencilsdown.journal")


class JournalStats(msgspec.Struct):
    """Counters since the start, and the last commit."""

    commits: int = 0
    records: int = 0
    conflicts: int = 0
    """Appends rejected as fenced."""
    late: int = 0
    unknown: int = 0
    retries: int = 0
    """Transactions tried again because the database was away."""
    listener_errors: int = 0
    last_batch_records: int = 0
    last_commit_s: float = 0.0
    last_committed_s: float = 0.0
    """When the last commit returned, by `time.perf_counter`."""
    commit_s: float = 0.0
    """The sum of the seconds spent in transactions."""


class Journal:
    """Commits the appends of an attempt in the order in which they were submitted."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        *,
        max_queue_records: int = 100_000,
        writer: LogWriter | None = None,
        on_commit: Callable[[int, float], None] | None = None,
        on_awaited: Callable[[bool], None] | None = None,
        pace_s: float = PACE_S,
        away_after_ms: int = AWAY_AFTER_MS,
    ) -> None:
        """`writer` is the database's own, unless another one is given. `on_commit` hears of every commit: its records,
        and the seconds it took; `on_awaited` when somebody begins to wait for a hot record that is being written, and
        when nothing is written any more. `away_after_ms`: see `make_rows`."""
        self._dialect = database.dialect
        self._away_after_ms = away_after_ms
        self._writer = writer or writer_for(database)
        self._clock = clock
        self._max_queue_records = max_queue_records
        self._on_commit = on_commit
        self._on_awaited = on_awaited
        self._hot = False
        """Whether a hot record was queued since nothing was."""
        self._awaited = False
        self._pace_s = pace_s
        self._next_s = 0.0
        """By the event loop's clock: when the next commit may begin."""
        self._lingering: asyncio.Future[None] | None = None
        self._queue = AppendQueue(_loop_s)
        self._batch_records = 0
        # Of the batch under way: what has become of each append, by identity, and those it took out of the queue.
        self._outcomes: dict[int, Outcome] = {}
        self._taken_out: list[Append] = []
        self._telling = Telling(self._note_failed_listener)
        self._heads = KnownHeads(self._writer)
        self._work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._give_up_at: float | None = None
        self._backoff_s = BACKOFF_S
        self.stats = JournalStats()
        self.available = True
        """Whether the database answered in the last transaction."""

    @property
    def queued(self) -> int:
        """Records that wait, those of the transaction under way included."""
        return self._queue.records + self._batch_records

    @property
    def untold(self) -> int:
        """Appends that have an outcome of which their owners have not heard yet."""
        return self._telling.left

    def can_write(self) -> None:
        """Another part of the node has just written to the database, so it is back. An idle journal does not notice."""
        if not self._queue and not self._batch_records:
            self._note_back()

    def submit(self, append: Append) -> bool:
        """Queues `append`. False: the queue is full or the journal is closed, and the append is not queued.

        Raises `ValueError` for an append that its owner should never have made.
        """
        _check(append)
        if self._closed or self.queued + len(append.records) > self._max_queue_records:
            return False
        if not self._hot and _is_hot(append):
            self._hot = True
            self._tell_awaited()
        if append.not_after_ms is not None and append.not_after_ms - self._clock() < BRINK_MS:
            self._next_s = 0.0
            _end(self._lingering)
        if not self._queue:
            self._work.set()
        self._queue.add(append)
        return True

    async def start(self) -> "asyncio.Task[None]":
        """Starts committing. Appends submitted before are committed first. Returns the task that commits: if it ends
        before `close`, nothing is taken or committed any more."""
        assert self._task is None, "a journal is started once"
        self._task = asyncio.create_task(self._run(), name="journal")
        self._task.add_done_callback(self._ended)
        return self._task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._closed = True

    async def close(self) -> None:
        """Commits what is queued, then stops. If the database is away, it gives up after `CLOSING_PATIENCE_S` and
        rejects the rest as unknown."""
        self._closed = True
        self._give_up_at = _loop_s() + CLOSING_PATIENCE_S
        self._work.set()
        _end(self._lingering)
        if self._task is not None:
            await asyncio.wait([self._task])
        await self._telling.finish()
        await self._writer.close()

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            try:
                while self._queue:
                    await self._keep_pace()
                    await self._settle(self._take())
            finally:
                self._hot = False
                self._tell_awaited()
            self._work.clear()
            if self._closed:
                return

    async def _keep_pace(self) -> None:
        if _loop_s() >= self._next_s or self._closed:
            return
        loop = asyncio.get_running_loop()
        self._lingering = loop.create_future()
        timer = loop.call_at(self._next_s, _end, self._lingering)
        self._tell_awaited()
        try:
            await self._lingering
        finally:
            timer.cancel()
            self._lingering = None
            self._tell_awaited()

    def _take(self) -> list[Append]:
        queued = self._queue.records
        batch = self._queue.take()
        self._batch_records = queued - self._queue.records
        first = batch[0].attempt_id
        # What is left over has waited long enough.
        if not self._queue and any(append.attempt_id != first for append in batch):
            self._next_s = _loop_s() + self._pace_s
        return batch

    async def _settle(self, batch: list[Append]) -> None:
        """Finds the outcome of every append in `batch`, then reports them in order."""
        self._outcomes = {}
        self._taken_out = []
        await self._bring_to_outcome(batch)
        self._batch_records = 0
        assert len(self._outcomes) == len(batch) + len(self._taken_out), "each append has one outcome"
        for append in chain(batch, self._taken_out):
            self._telling.tell(append, self._outcomes[id(append)])

    async def _bring_to_outcome(self, batch: list[Append]) -> None:
        while batch:
            try:
                batch = await self._attempt(batch)
            except NotWritten as error:
                self._note_away(error)
                if self._out_of_patience():
                    mark("journal: gives up")
                    self._reject_all(batch, "unknown")
                    return
                self.stats.retries += 1
                await self._back_off()
            except Unstorable as error:
                if len(batch) > 1:
                    mark("journal: one by one")
                    # One append is at fault, so each is tried alone. The chain finds those that follow a rejected one.
                    for append in batch:
                        await self._bring_to_outcome([append])
                    return
                _log.error("attempt %s: the database refuses the values (%s)", batch[0].attempt_id, error)
                batch = self._reject(batch, {batch[0].attempt_id: "unstorable"})
            except OutcomeUnknown as error:
                mark("journal: outcome unknown")
                self._note_away(error)
                await self._leave_unknown(batch)
                return
            except Exception:  # noqa: BLE001 -- the journal outlives whatever it meets
                _log.exception("the journal met an error it does not know")
                await self._leave_unknown(batch)
                return

    async def _leave_unknown(self, batch: list[Append]) -> None:
        had_to_wait = await self._outlast()
        self._reject_all(batch, "unknown")
        # `_outlast` has waited already; a second wait would only delay deadlines that are due.
        if not had_to_wait:
            await self._back_off()

    async def _outlast(self) -> bool:
        """Waits until the lost transaction can't commit any more: whoever is told "unknown" reads the log, and must
        find there all that will ever be in it. Returns whether that took more than one try."""
        had_to_wait = False
        while not self._out_of_patience():
            try:
                await self._writer.outlast()
            except NotWritten:
                await self._back_off()
            except Exception:  # noqa: BLE001 -- the journal outlives whatever it meets
                _log.exception("the journal met an error it does not know")
                await self._back_off()
            else:
                break
            had_to_wait = True
        return had_to_wait

    async def _attempt(self, batch: list[Append]) -> list[Append]:
        """Tries one transaction over `batch`. Returns the appends to try again: those that nothing was wrong with."""
        now_ms = self._clock()
        late = {a.attempt_id: a for a in reversed(batch) if a.not_after_ms is not None and now_ms >= a.not_after_ms}
        if late:
            mark("journal: late")
            return self._reject_from(batch, late, "late")
        broken = await self._heads.unchained(batch)
        if broken:
            mark("journal: fenced by the chain")
            return self._reject_from(batch, broken, "fenced")
        rows = make_rows(self._dialect, batch, now_ms, self._away_after_ms)
        began = perf_counter()
        against = await self._writer.write(rows)
        ended = perf_counter()
        took_s = ended - began
        self._note_back()
        if against:
            mark("journal: refused by the database")
            return self._reject(batch, against)
        stats = self.stats
        stats.commits += 1
        stats.records += len(rows.log)
        stats.last_batch_records = len(rows.log)
        stats.last_commit_s = took_s
        stats.last_committed_s = ended
        stats.commit_s += took_s
        self._heads.remember(batch)
        outcome = Committed(self._clock())
        self._outcomes.update(dict.fromkeys(map(id, batch), outcome))
        self._count(len(rows.log), took_s)
        return []

    def _count(self, records: int, took_s: float) -> None:
        if self._on_commit is not None:
            try:
                self._on_commit(records, took_s)
            except Exception:  # noqa: BLE001 -- the commit stands, whoever counts it
                _log.exception("counting a commit failed")

    # ── outcomes ───────────────────────────────────────────────────────────────────────────────────────────────

    def _reject(self, batch: list[Append], against: dict[str, str]) -> list[Append]:
        """Rejects every append of the attempts in `against`, the queued ones too. Returns the rest of `batch`."""
        out = [append for append in batch if append.attempt_id in against]
        first: dict[str, Append] = {}
        for append in out:
            first.setdefault(append.attempt_id, append)
        return self._reject_from(batch, first, against)

    def _reject_from(
        self, batch: list[Append], first: dict[str, Append], reasons: str | dict[str, str]
    ) -> list[Append]:
        """For each attempt in `first`: rejects that append for its reason, and all later ones as fenced, the queued
        ones too. Returns the rest of `batch`."""
        rest: list[Append] = []
        begun: set[str] = set()
        for append in batch:
            attempt_id = append.attempt_id
            if first.get(attempt_id) is append:
                begun.add(attempt_id)
                self._note_rejected(append, reasons if isinstance(reasons, str) else reasons[attempt_id])
            elif attempt_id in begun:
                self._note_rejected(append, "fenced")
            else:
                rest.append(append)
        self._take_out(begun)
        return rest

    def _reject_all(self, batch: list[Append], reason: str) -> None:
        for append in batch:
            self._note_rejected(append, reason)
        self._take_out({append.attempt_id for append in batch})

    def _take_out(self, attempt_ids: set[str]) -> None:
        """Rejects the queued appends of these attempts: the records before them are not in the log."""
        out = self._queue.take_out(attempt_ids)
        if out:
            mark("journal: queued behind a rejected one")
            self._taken_out += out
            for append in out:
                self._note_rejected(append, "fenced")

    def _note_rejected(self, append: Append, reason: str) -> None:
        assert id(append) not in self._outcomes, "an outcome is final"
        self._outcomes[id(append)] = Rejected(reason)
        self._heads.forget(append.attempt_id)
        if reason == "fenced":
            self.stats.conflicts += 1
        elif reason == "late":
            self.stats.late += 1
        elif reason == "unknown":
            self.stats.unknown += 1

    def _note_failed_listener(self) -> None:
        self.stats.listener_errors += 1

    def _tell_awaited(self) -> None:
        """While it lingers, others may work."""
        awaited = self._hot and self._lingering is None
        if self._awaited is not awaited:
            self._awaited = awaited
            if self._on_awaited is not None:
                self._on_awaited(awaited)

    # ── the database comes and goes ────────────────────────────────────────────────────────────────────────────

    def _note_away(self, error: Exception) -> None:
        if self.available:
            self.available = False
            _log.warning("the database is away: %s", error)

    def _note_back(self) -> None:
        if not self.available:
            self.available = True
            self._backoff_s = BACKOFF_S
            _log.warning("the database is back")

    async def _back_off(self) -> None:
        await asyncio.sleep(self._backoff_s)
        self._backoff_s = min(2 * self._backoff_s, BACKOFF_CAP_S)

    def _out_of_patience(self) -> bool:
        return self._give_up_at is not None and _loop_s() >= self._give_up_at


def _loop_s() -> float:
    return asyncio.get_running_loop().time()


def _end(waiting: "asyncio.Future[None] | None") -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _is_hot(append: Append) -> bool:
    """Whether it has a record that comes again and again while somebody sits."""
    return any(KIND_OF[type(record.entry.fact)].hot for record in append.records)


def _check(append: Append) -> None:
    records = append.records
    if not records or len(records) != len(append.states):
        raise ValueError("an append has at least one record, and one state for each")
    if append.states[0].identity.attempt_id != append.attempt_id:
        raise ValueError("the append is for another attempt than its states")
    is_first = records[0].entry.seq == 1
    if is_first != (append.newcomer is not None):
        raise ValueError("`newcomer` goes with the first record of a log, and only with it")
    if is_first and append.others is None:
        raise ValueError("whoever makes an attempt says what others its candidate has")
    if is_first and not is_attempt_id(append.attempt_id):
        raise ValueError("the attempt's id is no UUID in its canonical form")


def writer_for(database: Database) -> LogWriter:
    """The database's own way of writing a transaction."""
    engine = database.engine
    if isinstance(engine, SqliteEngine):
        return SqliteLogWriter(engine)
    from storage.log.postgresql import PostgresLogWriter

    return PostgresLogWriter(engine)
