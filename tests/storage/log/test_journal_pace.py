"""When a commit begins: at once for whoever writes alone, and in step where many write."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from storage.log.append_queue import SHARE_BYTES
from storage.log.journal import Committed, Journal
from tests.services.patience import PATIENCE_S
from tests.storage.conftest import SettableClock
from tests.storage.making import Owner, started

NEVER_S = 3_600.0


class Watched(Journal):
    """Says whom it gives way to."""

    told: list[bool]


@pytest.fixture
async def slow(database: Database, clock: SettableClock) -> AsyncIterator[Watched]:
    """A journal whose next commit for several never comes by itself."""
    told: list[bool] = []
    journal = Watched(database, clock, pace_s=NEVER_S, on_awaited=told.append)
    journal.told = told
    await journal.start()
    yield journal
    await journal.close()


async def test_who_writes_alone_never_waits(slow: Journal) -> None:
    owner = await started(slow)
    for number in range(1, 4):
        assert slow.submit(owner.answered("q1", "a"))
        assert isinstance((await owner.heard(number))[-1], Committed)


async def crowd(journal: Journal) -> list[Owner]:
    owners = [await started(journal) for _ in range(3)]
    for owner in owners:
        assert journal.submit(owner.answered("q1", "a"))
    for owner in owners:
        await owner.heard()
        owner.outcomes.clear()
    return owners


async def test_after_a_commit_for_several_others_come_into_the_next_one(slow: Watched) -> None:
    owners = await crowd(slow)
    commits = slow.stats.commits
    for owner in owners:
        assert slow.submit(owner.answered("q2", "b"))
        await asyncio.sleep(0)
    assert slow.stats.commits == commits
    assert slow.told[-1] is False, "nobody gives way to a journal that only waits"
    # It does not wait any longer when it is to end.
    await slow.close()
    for owner in owners:
        assert isinstance((await owner.heard())[0], Committed)
    assert slow.stats.commits == commits + 1


@pytest.mark.parametrize("lingers", [True, False])
async def test_what_is_late_soon_does_not_wait_for_others(slow: Watched, clock: SettableClock, lingers: bool) -> None:
    """An answer that came a moment before the closing was refused as late, since the commit waited for others."""
    owner, *others = await crowd(slow)
    if lingers:
        assert slow.submit(others[0].answered("q2", "b"))
        await asyncio.sleep(0)
        assert slow.told[-1] is False
    assert slow.submit(owner.answered("q2", "b", not_after_ms=clock() + 2))
    async with asyncio.timeout(PATIENCE_S):
        assert isinstance((await owner.heard())[0], Committed)


async def test_what_one_commit_left_over_does_not_wait_for_another_one(slow: Journal) -> None:
    owner, other = [await started(slow) for _ in range(2)]
    long = "x" * SHARE_BYTES
    for number in range(3):
        assert slow.submit(owner.answered("essay", f"{number} {long}"))
    assert slow.submit(other.answered("q1", "a"))
    assert all(isinstance(outcome, Committed) for outcome in await owner.heard(3))


async def test_the_next_commit_comes_by_itself(database: Database, clock: SettableClock) -> None:
    journal = Journal(database, clock, pace_s=0.01)
    await journal.start()
    owners = await crowd(journal)
    for owner in owners:
        assert journal.submit(owner.answered("q2", "b"))
        assert isinstance((await owner.heard())[0], Committed)
    await journal.close()
