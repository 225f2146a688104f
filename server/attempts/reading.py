"""Reading what the log of an attempt has beyond a copy of it, and what must be found out before the copy may act."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, NamedTuple

from protocol.attempt.chain import BrokenChain, ErasedLog, NewerLog
from protocol.attempt.commands import Logged, Operate
from protocol.attempt.decisions.connections import may_stand
from protocol.attempt.digests import asks_log, digest
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Record
from protocol.attempt.model import Accommodation, Attempt
from protocol.attempt.sheet import Sheet
from protocol.attempt.wake import next_closing
from protocol.rules.admission import Candidacy
from server.attempts.observer import Observer
from server.attempts.pending import Look, NotKnownYet, Pending
from server.attempts.presence import Presence
from server.clock import Clock
from storage.archives.faults import ArchivedLog
from storage.attempts import Attempts
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

_BACKOFF_S: Final = (0.02, 0.1, 0.3, 1.0, 2.0)


_ROOM: Final = 2
"""Searches for old operations at once, of the node's ten connections: nobody else waits for those who repeat them."""


class Reading(NamedTuple):
    """The log's records after a copy; what was found out for a closing (None: nothing had to be); what the log has
    under the client numbers that were asked for, or some of them; the sheet that the records have pinned (None: the
    copy has it); and the candidacy, where a command asks for it."""

    records: list[Record]
    look: Look | None
    logged: dict[int, Logged]
    sheet: Sheet | None
    candidacy: Candidacy | None


def must_look(attempt: Attempt, presence: Presence, now_ms: int) -> bool:
    """Whether it must be found out first if the candidate's connection was there at a deadline that has passed: her
    clocks stand while she is away, and a node that has died stopped none."""
    # Asked with every answer: what most tests do not allow is asked first, since it costs least.
    if not may_stand(attempt):
        return False
    due_ms = next_closing(attempt)
    return (
        due_ms is not None
        and now_ms >= due_ms
        and attempt.connection_id is not None
        and all(one.connection_id != attempt.connection_id for one in presence.sessions)
    )


class LogReader:
    """Reads logs for all live attempts of a node. `sheet` finds what an attempt is sat under: what was pinned, or
    before the start the newest version of its test; `granted` finds what its candidate is granted now, `candidacy` what
    other attempts she has."""

    def __init__(
        self,
        store: Attempts,
        sheet: Callable[[Attempt], Awaitable[Sheet]],
        observer: Observer,
        clock: Clock,
        granted: Callable[[Attempt], Awaitable[Accommodation]],
        candidacy: Callable[[Attempt], Awaitable[Candidacy]],
    ) -> None:
        self.sheet = sheet
        self.granted = granted
        self._candidacy = candidacy
        self._store = store
        self._observer = observer
        self._clock = clock
        self._room = asyncio.Semaphore(_ROOM)

    async def records_after(self, attempt: Attempt) -> list[Record]:
        """What the log has after this state. Raises `BrokenChain` if it does not continue from there, `ErasedLog`,
        `NewerLog`, `ArchivedLog`, and `StorageUnavailable`."""
        return await self._store.records(attempt.identity.attempt_id, attempt.seq, attempt.head)

    async def read(self, attempt: Attempt, presence: Presence, waiting: Iterable[Pending], sheet: Sheet) -> Reading:
        """The same, with what `must_look` and the decisions on `waiting` ask for, and the sheet if it is another one
        than `sheet` now. It tries until it succeeds: without the records no command can be answered. Raises
        `BrokenChain`, `ErasedLog`, `NewerLog` and `ArchivedLog`."""
        attempt_id = attempt.identity.attempt_id
        tries = 0
        while True:
            try:
                records = await self.records_after(attempt)
                after = _after(attempt, records)
                look = await self._look(after, presence)
                return Reading(
                    records,
                    look,
                    await self._find(attempt, waiting),
                    await self._pinned(after, sheet),
                    await self._find_candidacy(attempt, waiting),
                )
            except StorageUnavailable as error:
                # All attempts meet the same outage; the node logs it once.
                log.debug("Attempt %s: its log cannot be read yet (%s)", attempt_id, error)
            except (ArchivedLog, BrokenChain, ErasedLog, NewerLog):
                raise
            except Exception:
                log.exception("Attempt %s: reading its log failed", attempt_id)
            await asyncio.sleep(_BACKOFF_S[min(tries, len(_BACKOFF_S) - 1)])
            tries += 1

    async def _find(self, attempt: Attempt, waiting: Iterable[Pending]) -> dict[int, Logged]:
        commands = (one.command for first in waiting for one in (first, *first.followers) if not one.found)
        numbers = {one.operation.n for one in commands if isinstance(one, Operate) and asks_log(attempt, one.operation)}
        if not numbers:
            return {}
        async with self._room:
            found = await self._store.operations(attempt.identity.attempt_id, numbers, attempt.seq)
        return {n: Logged(None if fact is None else digest(fact)) for n, fact in found.items()}

    async def _find_candidacy(self, attempt: Attempt, waiting: Iterable[Pending]) -> Candidacy | None:
        asked = any(one.asks_candidacy for first in waiting for one in (first, *first.followers))
        return await self._candidacy(attempt) if asked else None

    async def _pinned(self, attempt: Attempt | None, sheet: Sheet) -> Sheet | None:
        if attempt is None or attempt.terms is None:
            return None
        is_known = (attempt.test_version, attempt.layout) == (sheet.test_version, sheet.layout)
        return None if is_known else await self.sheet(attempt)

    async def _look(self, attempt: Attempt | None, presence: Presence) -> Look | None:
        if attempt is None or not must_look(attempt, presence, self._clock.now_ms()):
            return None
        try:
            return Look(await self._observer.loss_before_closing(attempt))
        except NotKnownYet:
            return Look(None, is_known=False)


def _after(attempt: Attempt, records: list[Record]) -> Attempt | None:
    try:
        return fold(records, attempt)
    except Exception:  # noqa: BLE001 (adopting the records will tell)
        return None
