"""A database that goes away or stays behind: the journal gives up, goes on at once, and takes no more than fits."""

import asyncio
from collections.abc import Sequence

import pytest

from protocol.attempt.commands import Begin
from protocol.attempt.facts import Warned
from storage.attempts import Attempts
from storage.database import Database
from storage.log import journal as journal_module
from storage.log.batch import LogWriter, NotWritten, OutcomeUnknown, Rows
from storage.log.journal import (
    Committed,
    Journal,
    Rejected,
    writer_for,
)
from tests.storage.conftest import SettableClock
from tests.storage.making import CANDIDATE, NOW, ORG, TEST, Owner, started


async def test_cancelling_who_waits_does_not_touch_the_commit(journal: Journal, attempts: Attempts) -> None:
    owner = await started(journal)

    async def submit_and_wait() -> None:
        assert journal.submit(owner.answered("q1", "a"))
        await owner.heard()

    task = asyncio.create_task(submit_and_wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert journal.submit(owner.answered("q2", "b"))
    assert await owner.heard(2) == [Committed(NOW)] * 2
    assert await attempts.load(owner.id) == owner.state


async def test_closing_commits_what_is_queued(database: Database, clock: SettableClock, attempts: Attempts) -> None:
    journal = Journal(database, clock)
    owners = [Owner() for _ in range(50)]
    for owner in owners:
        assert journal.submit(owner.made())
    await journal.start()
    await journal.close()
    assert all(owner.outcomes == [Committed(NOW)] for owner in owners)
    assert await attempts.count(ORG, TEST) == 50
    assert not journal.submit(Owner().made())


class GoneAtCommit:
    """The real writer, whose next commit is durable and unknown; the database answers after so many tries."""

    def __init__(self, within: LogWriter, away_for: int) -> None:
        self._within = within
        self._away_for = away_for
        self.armed = False
        self.tries = 0

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        return await self._within.hashes(positions)

    async def write(self, rows: Rows) -> dict[str, str]:
        outcome = await self._within.write(rows)
        if self.armed:
            self.armed = False
            raise OutcomeUnknown("the connection is gone")
        return outcome

    async def outlast(self) -> None:
        self.tries += 1
        if self.tries <= self._away_for:
            raise NotWritten("nobody answers")
        await self._within.outlast()

    async def close(self) -> None:
        await self._within.close()


class Patient(Journal):
    """Counts how often it has waited."""

    waits = 0

    async def _back_off(self) -> None:
        self.waits += 1
        await asyncio.sleep(0)


@pytest.mark.parametrize(("away_for", "waits"), [(0, 1), (3, 3)])
async def test_a_database_that_is_back_is_not_kept_waiting(
    database: Database, clock: SettableClock, away_for: int, waits: int
) -> None:
    """It has just answered; a database that answers and does not commit is given time in any case."""
    writer = GoneAtCommit(writer_for(database), away_for)
    journal = Patient(database, clock, writer=writer)
    await journal.start()
    owner = await started(journal)
    writer.armed = True
    assert journal.submit(owner.answered("q1", "a"))
    assert await owner.heard() == [Rejected("unknown")]
    await started(journal)
    assert (writer.tries, journal.waits) == (away_for + 1, waits)
    await journal.close()


class Away:
    """A database that never answers again."""

    def __init__(self, within: LogWriter) -> None:
        self._within = within
        self.tries = 0

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        return await self._within.hashes(positions)

    async def write(self, rows: Rows) -> dict[str, str]:
        self.tries += 1
        raise NotWritten("nobody answers")

    async def outlast(self) -> None:
        raise NotWritten("nobody answers")

    async def close(self) -> None:
        await self._within.close()


async def test_a_journal_that_closes_while_the_database_is_away_gives_up(
    database: Database, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "CLOSING_PATIENCE_S", 0.0)
    writer = Away(writer_for(database))
    journal = Patient(database, clock, writer=writer)
    owner = Owner()
    assert journal.submit(owner.made())
    await journal.start()
    await journal.close()
    assert await owner.heard() == [Rejected("unknown")]
    assert writer.tries >= 1


async def test_a_full_queue_takes_no_more(database: Database, clock: SettableClock) -> None:
    journal = Journal(database, clock, max_queue_records=3)
    owner = Owner()
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    assert not journal.submit(owner.stated(Warned(1, 1), Warned(1, 1)))
    owner.state = None
    await journal.start()
    await owner.heard(2)
    again = Owner()
    assert journal.submit(again.made())
    assert await again.heard() == [Committed(NOW)]
    await journal.close()
