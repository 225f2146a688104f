"""What the journal promises, over both databases."""

import asyncio
from collections import Counter

import pytest
from msgspec.structs import replace
from sqlalchemy import insert

from protocol.attempt.chain import BrokenChain
from protocol.attempt.facts import Moved, Warned
from storage.attempts import Attempts
from storage.database import Database
from storage.log import append_queue
from storage.log.append_queue import MAX_BATCH_RECORDS, SHARE_BYTES
from storage.log.journal import (
    Append,
    Committed,
    Journal,
    Outcome,
    Rejected,
)
from storage.schema import attempt_log
from tests.storage.conftest import SettableClock
from tests.storage.making import FENCED, NOW, Owner, started


async def test_what_is_committed_is_in_the_log(journal: Journal, attempts: Attempts, clock: SettableClock) -> None:
    owner = await started(journal)
    clock.now_ms += 7
    assert journal.submit(owner.answered("q1", "a"))
    assert await owner.heard() == [Committed(NOW + 7)]
    assert await attempts.load(owner.id) == owner.state
    assert [record.entry.seq for record in await attempts.records(owner.id)] == [1, 2, 3]
    assert journal.stats.records == 3
    assert journal.queued == 0


async def test_all_that_is_queued_goes_in_one_transaction(journal: Journal, database: Database) -> None:
    owners = [Owner() for _ in range(20)]
    for owner in owners:
        assert journal.submit(owner.made())
    assert journal.queued == 20
    await owners[-1].heard()
    assert journal.stats.commits == 1
    assert journal.stats.last_batch_records == 20


async def test_what_comes_during_a_commit_goes_in_the_next_one(journal: Journal) -> None:
    first, *later = [await started(journal) for _ in range(6)]
    commits = journal.stats.commits

    def during(_: Outcome) -> None:
        for owner in later:
            assert journal.submit(owner.answered("q1", "a"))
            assert journal.submit(owner.answered("q2", "b"))

    assert journal.submit(first.answered("q1", "a", on_outcome=during))
    for owner in later:
        await owner.heard(2)
    assert journal.stats.commits == commits + 2
    assert journal.stats.last_batch_records == 10


async def test_a_transaction_is_bounded(journal: Journal) -> None:
    owners = [await started(journal) for _ in range(MAX_BATCH_RECORDS // 10)]
    commits = journal.stats.commits
    for _ in range(10):
        for owner in owners:
            assert journal.submit(owner.stated(Warned(1, 1)))
    assert journal.submit(owners[0].stated(Warned(1, 1)))
    await owners[0].heard(11)
    assert journal.stats.commits == commits + 2
    assert journal.stats.last_batch_records == 1


async def test_the_long_answers_of_one_do_not_fill_the_transactions_of_the_others(
    journal: Journal, attempts: Attempts
) -> None:
    greedy, modest = await started(journal), await started(journal)
    told: list[str] = []
    long = "x" * 15_900
    # With one of them she has had her share.
    assert len(long) + 512 > SHARE_BYTES
    for number in range(12):
        append = greedy.answered("essay", f"{number} {long}", on_outcome=lambda _: told.append("greedy"))
        assert journal.submit(append)
    assert journal.submit(modest.answered("q1", "a", on_outcome=lambda _: told.append("modest")))
    # A later one of hers, however small, does not overtake those before it.
    assert journal.submit(greedy.answered("q1", "a"))
    assert await greedy.heard() == [Committed(NOW)]
    assert told == ["greedy"] + ["modest"] + ["greedy"] * 11
    assert await attempts.load(greedy.id) == greedy.state


async def test_what_nobody_waits_for_stands_in_nobodys_way(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A room's closings, and answers of somebody else: each is in the next transaction, and told at once."""
    monkeypatch.setattr(append_queue, "MAX_PATIENT", 10)
    room, other = [await started(journal) for _ in range(40)], await started(journal)
    told: list[str] = []
    over = asyncio.Event()

    def closed(_: Outcome) -> None:
        if told == ["first"]:
            assert journal.submit(other.answered("q1", "b", on_outcome=lambda _: told.append("second")))
        told.append("a closing")
        if len(told) == len(room) + 2:
            over.set()

    for owner in room:
        assert journal.submit(replace(owner.stated(Warned(1, 1), on_outcome=closed), patient=True))
    assert journal.submit(other.answered("q1", "a", on_outcome=lambda _: told.append("first")))
    await over.wait()
    assert told[0] == "first"
    assert told.index("second") <= 21, "one transaction was under way when it came"
    assert (journal.queued, journal.untold) == (0, 0)


async def test_many_outcomes_that_nobody_waits_for_leave_turns_to_others(journal: Journal) -> None:
    room = [await started(journal) for _ in range(40)]
    told: list[int] = []
    turn = 0
    for owner in room:
        append = owner.stated(Warned(1, 1), on_outcome=lambda _: told.append(turn))
        assert journal.submit(replace(append, patient=True))
    while len(told) < len(room):
        turn += 1
        await asyncio.sleep(0)
    assert max(Counter(told).values()) <= 8


async def test_nor_do_many_short_ones(journal: Journal) -> None:
    greedy, modest = await started(journal), await started(journal)
    told: list[str] = []
    for number in range(64):
        append = greedy.answered("q1", "ab"[number % 2], on_outcome=lambda _: told.append("greedy"))
        assert journal.submit(append)
    assert journal.submit(modest.answered("q1", "a", on_outcome=lambda _: told.append("modest")))
    assert journal.submit(greedy.answered("q1", "a"))
    await greedy.heard()
    assert 0 < told.index("modest") <= 16


async def test_outcomes_come_in_the_order_of_submission(journal: Journal) -> None:
    owners = [await started(journal) for _ in range(3)]
    told: list[int] = []
    for number in range(30):

        def note(_: Outcome, number: int = number) -> None:
            told.append(number)

        assert journal.submit(owners[number % 3].answered("q1", "abc"[number % 3], on_outcome=note))
    assert journal.submit(owners[0].answered("q2", "a"))
    await owners[0].heard()
    assert told == list(range(30))


async def test_of_two_journals_that_race_for_a_number_one_wins(
    journal: Journal, database: Database, clock: SettableClock, attempts: Attempts
) -> None:
    owner = await started(journal)
    neighbour = await started(journal)
    other = Journal(database, clock)
    await other.start()
    state = owner.attempt
    here = owner.answered("q1", "a")
    owner.state = state
    there = owner.answered("q1", "b")
    outcomes: dict[str, Outcome] = {}
    here.on_outcome = lambda outcome: outcomes.__setitem__("here", outcome)
    there.on_outcome = lambda outcome: outcomes.__setitem__("there", outcome)
    assert journal.submit(here)
    assert other.submit(there)
    assert journal.submit(neighbour.answered("q1", "a"))
    await neighbour.heard()
    await other.close()
    assert sorted(map(repr, outcomes.values())) == sorted([repr(Committed(NOW)), repr(FENCED)])
    winner = here if outcomes["here"] == Committed(NOW) else there
    assert (await attempts.records(owner.id))[2] == winner.records[0]
    assert neighbour.outcomes == [Committed(NOW)]


async def test_a_fenced_attempt_leaves_its_neighbours_in_peace(
    journal: Journal, database: Database, clock: SettableClock, attempts: Attempts
) -> None:
    fenced = await started(journal)
    neighbours = [await started(journal) for _ in range(4)]
    state = fenced.attempt
    other = Journal(database, clock)
    await other.start()
    assert other.submit(fenced.answered("q9", "c"))
    await fenced.heard()
    await other.close()
    # This journal last wrote record 2 itself, so the key is what stops it.
    fenced.state = state
    fenced.outcomes.clear()
    for owner in (neighbours[0], neighbours[1], fenced, neighbours[2], fenced, neighbours[3]):
        assert journal.submit(owner.answered("q1", "a"))
    for owner in neighbours:
        assert await owner.heard() == [Committed(NOW)]
    assert fenced.outcomes == [FENCED, FENCED]
    assert journal.stats.conflicts == 2
    log = await attempts.records(fenced.id)
    assert [record.entry.seq for record in log] == [1, 2, 3]
    # Whoever has read the log again goes on from there.
    fenced.state = await attempts.load(fenced.id)
    assert journal.submit(fenced.answered("q1", "b"))
    assert (await fenced.heard(3))[-1] == Committed(NOW)


async def test_what_is_still_queued_goes_with_a_fenced_append(
    journal: Journal, database: Database, clock: SettableClock
) -> None:
    """More than one batch is queued: what follows in the next one must go, too."""
    fenced = await started(journal)
    neighbour = await started(journal)
    state = fenced.attempt
    other = Journal(database, clock)
    await other.start()
    assert other.submit(fenced.answered("q9", "c"))
    await fenced.heard()
    await other.close()
    fenced.state = state
    fenced.outcomes.clear()
    for _ in range(MAX_BATCH_RECORDS + 5):
        assert journal.submit(fenced.stated(Warned(1, 1)))
    assert journal.submit(neighbour.answered("q1", "a"))
    assert await neighbour.heard() == [Committed(NOW)]
    assert fenced.outcomes == [FENCED] * (MAX_BATCH_RECORDS + 5)
    assert journal.queued == 0


async def test_a_gap_cannot_be_written(journal: Journal, attempts: Attempts, database: Database) -> None:
    owner = await started(journal)
    state = owner.attempt
    lost = owner.answered("q1", "a")
    gap = owner.answered("q2", "b")
    assert journal.submit(gap)
    assert await owner.heard() == [FENCED]
    assert len(await attempts.records(owner.id)) == 2
    # Nor by a journal that has never seen the attempt.
    stranger = Journal(database, lambda: NOW)
    await stranger.start()
    assert stranger.submit(gap)
    assert await owner.heard(2) == [FENCED] * 2
    assert stranger.submit(lost)
    assert stranger.submit(gap)
    assert (await owner.heard(4))[2:] == [Committed(NOW)] * 2
    await stranger.close()
    assert state.seq == 2


async def test_a_record_that_does_not_chain_cannot_be_written(journal: Journal, attempts: Attempts) -> None:
    """Record 4 was decided on another record 3 than the one that is in the log."""
    owner = await started(journal)
    state = owner.attempt
    owner.answered("q1", "a")
    on_another = owner.answered("q2", "a")
    owner.state = state
    assert journal.submit(owner.answered("q1", "b"))
    assert journal.submit(on_another)
    assert await owner.heard(2) == [Committed(NOW), FENCED]
    assert len(await attempts.records(owner.id)) == 3


async def test_nothing_late_is_committed(journal: Journal, attempts: Attempts, clock: SettableClock) -> None:
    owner = await started(journal)
    neighbour = await started(journal)
    closes_at_ms = owner.attempt.closes_at_ms
    assert closes_at_ms is not None
    clock.now_ms = closes_at_ms - 1
    assert journal.submit(owner.answered("q1", "a", not_after_ms=closes_at_ms))
    assert await owner.heard() == [Committed(clock.now_ms)]
    clock.now_ms = closes_at_ms
    assert journal.submit(owner.answered("q2", "a", not_after_ms=closes_at_ms))
    assert journal.submit(neighbour.answered("q2", "a"))
    assert journal.submit(owner.answered("q3", "a"))
    assert (await owner.heard(3))[1:] == [Rejected("late"), FENCED]
    assert await neighbour.heard() == [Committed(closes_at_ms)]
    assert journal.stats.late == 1
    loaded = await attempts.load(owner.id)
    assert loaded is not None
    assert list(loaded.answers) == ["q1"]


async def test_lateness_is_judged_when_the_transaction_begins(journal: Journal, clock: SettableClock) -> None:
    """In time when it was submitted, late when its turn came."""
    owner = await started(journal)
    assert journal.submit(owner.answered("q1", "a", not_after_ms=NOW + 1))
    clock.now_ms = NOW + 1
    assert await owner.heard() == [Rejected("late")]


async def test_a_listener_that_raises_stops_nobody(
    journal: Journal, attempts: Attempts, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = await started(journal), await started(journal)

    name = f"Ann Other, {second.id}"

    def raises(_: Outcome) -> None:
        raise ValueError(name)

    def cancels(_: Outcome) -> None:
        raise asyncio.CancelledError

    assert journal.submit(first.answered("q1", "a", on_outcome=raises))
    assert journal.submit(first.answered("q1", "b", on_outcome=cancels))
    assert journal.submit(second.answered("q1", "a"))
    assert await second.heard() == [Committed(NOW)]
    assert journal.submit(first.answered("q2", "a"))
    assert await first.heard() == [Committed(NOW)]
    assert await attempts.load(first.id) == first.state
    assert journal.stats.listener_errors == 2
    assert "ValueError" in caplog.text
    assert name not in caplog.text


async def test_who_counts_commits_stops_nobody_either(database: Database, clock: SettableClock) -> None:
    counted: list[int] = []

    def count(records: int, took_s: float) -> None:
        counted.append(records)
        raise ZeroDivisionError(took_s)

    journal = Journal(database, clock, on_commit=count)
    await journal.start()
    owner = Owner()
    assert journal.submit(owner.made())
    assert await owner.heard() == [Committed(NOW)]
    await journal.close()
    assert counted == [1]


async def test_it_is_told_when_somebody_who_sits_begins_to_wait_and_when_all_is_committed(
    database: Database, clock: SettableClock
) -> None:
    told: list[bool] = []
    journal = Journal(database, clock, on_awaited=told.append)
    await journal.start()
    owner = await started(journal)
    assert told == []
    for choice in "ab":
        assert journal.submit(owner.answered("q1", choice))
        assert told == [True]
    await owner.heard(2)
    await journal.close()
    assert told == [True, False]


async def test_an_append_is_all_or_nothing(
    journal: Journal, database: Database, clock: SettableClock, attempts: Attempts
) -> None:
    owner = await started(journal)
    state = owner.attempt
    two = owner.stated(Moved(1, 1, 0), Moved(2, 2, 0))
    owner.state = state
    # somebody else writes the second of the two numbers past everything
    taken = two.records[1]
    await database.write(
        lambda connection: connection.execute(
            insert(attempt_log).values(
                attempt_id=owner.id,
                seq=4,
                at_ms=0,
                kind="moved",
                role="system",
                digest=taken.digest,
                body=taken.body,
                hash=taken.hash,
                written_at_ms=0,
            )
        )
    )
    assert journal.submit(two)
    assert await owner.heard() == [FENCED]
    with pytest.raises(BrokenChain):
        await attempts.records(owner.id)


async def test_a_sloppy_append_is_refused_at_once(journal: Journal) -> None:
    owner = Owner()
    made = owner.made()
    with pytest.raises(ValueError, match="newcomer"):
        journal.submit(Append(owner.id, made.records, made.states, None, None, print))
    with pytest.raises(ValueError, match="at least one"):
        journal.submit(Append(owner.id, (), (), None, None, print))
    with pytest.raises(ValueError, match="another attempt"):
        journal.submit(Append(Owner().id, made.records, made.states, None, made.newcomer, print))
