"""Attempts that are due, and who claims them."""

import asyncio

from protocol.attempt.commands import Begin, MarkByHand, Steer, Wake
from protocol.attempt.facts import Completed
from protocol.attempt.model import Accommodation
from protocol.messages.staff import PauseAttempt, ReopenAttempt
from protocol.rules.admission import Candidacy
from storage.claims import Claims
from storage.database import Database
from storage.log.journal import Journal
from tests.storage.making import CANDIDATE, CONTENT, NOW, STAFF, SYSTEM, Owner, begun, ended, made

DEADLINE = NOW + 600_000
CLOSING = DEADLINE + 2_000
NOBODY = "01890000-0000-7000-8000-000000000000"


async def test_an_attempt_that_does_not_exist_is_not_marked(claims: Claims) -> None:
    for attempt_id in (NOBODY, "", "x"):
        await claims.marking_done([(attempt_id, 1)])


async def test_what_is_due_is_claimed_for_a_while(journal: Journal, claims: Claims) -> None:
    (owner,) = await begun(journal)
    await made(journal)  # has no clock
    assert await claims.claim_due(CLOSING - 1) == []
    assert await claims.claim_due(CLOSING, lease_ms=5_000) == [owner.id]
    assert await claims.claim_due(CLOSING + 4_999) == []
    assert await claims.claim_due(CLOSING + 5_000) == [owner.id]
    owner.now_ms = CLOSING + 5_000
    assert journal.submit(owner.asked(Wake(SYSTEM)))
    await owner.heard(3)
    assert await claims.claim_due(CLOSING + 60_000) == []


async def test_a_pause_by_staff_is_never_due(journal: Journal, claims: Claims) -> None:
    (owner,) = await begun(journal)
    assert journal.submit(owner.asked(Steer(STAFF, PauseAttempt("c1", owner.id, "fire alarm"))))
    await owner.heard(3)
    assert await claims.claim_due(CLOSING * 2) == []


async def test_two_claimants_never_get_the_same(journal: Journal, claims: Claims, database: Database) -> None:
    owners = await begun(journal, 40)
    claimants = [Claims(database) for _ in range(4)]
    claimed: list[str] = []
    while True:
        taken = await asyncio.gather(*(claimant.claim_due(CLOSING, limit=3) for claimant in claimants))
        if not any(taken):
            break
        claimed += [attempt_id for some in taken for attempt_id in some]
    assert sorted(claimed) == sorted(owner.id for owner in owners)


async def test_a_limit_takes_the_longest_overdue_first(journal: Journal, claims: Claims) -> None:
    owners = []
    for minutes in (2, 0, 1):
        owner = Owner(now_ms=NOW + 60_000 * minutes)
        assert journal.submit(owner.made())
        assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
        await owner.heard(2)
        owners.append(owner)
    assert await claims.claim_due(CLOSING + 3_600_000, limit=1) == [owners[1].id]
    assert await claims.claim_due(CLOSING + 3_600_000, limit=1) == [owners[2].id]


async def test_what_has_ended_is_to_be_marked(journal: Journal, claims: Claims) -> None:
    (owner,) = await ended(journal)
    assert await claims.claim_unmarked(NOW) == [owner.id]
    assert await claims.claim_unmarked(NOW) == []
    assert await claims.claim_unmarked(NOW + 10_000) == [owner.id]
    await claims.marking_done([(owner.id, owner.attempt.seq)])
    assert await claims.claim_unmarked(NOW + 100_000) == []


async def test_a_mark_by_hand_during_marking_stays_due(journal: Journal, claims: Claims) -> None:
    (owner,) = await ended(journal)
    marked_as_of = owner.attempt.seq
    assert await claims.claim_unmarked(NOW) == [owner.id]
    assert journal.submit(owner.asked(MarkByHand(STAFF, "c1", "essay", 500, 1_000, "fair")))
    await owner.heard(4)
    await claims.marking_done([(owner.id, marked_as_of)])
    assert await claims.claim_unmarked(NOW + 10_000) == [owner.id]


async def test_a_completed_attempt_is_to_be_marked_until_somebody_says_it_is(journal: Journal, claims: Claims) -> None:
    """Its marker may have died between the record and the result."""
    (owner,) = await ended(journal)
    assert journal.submit(owner.stated(Completed(1, 1)))
    await owner.heard(4)
    assert await claims.claim_unmarked(NOW) == [owner.id]
    await claims.marking_done([(owner.id, owner.attempt.seq)])
    assert await claims.claim_unmarked(NOW + 100_000) == []


async def test_a_reopened_attempt_is_not_marked_but_closed(journal: Journal, claims: Claims) -> None:
    (owner,) = await ended(journal)
    assert await claims.claim_unmarked(NOW, lease_ms=3_600_000) == [owner.id]
    order, alone = ReopenAttempt("c1", owner.id, 60_000, "outage", False), Candidacy(CONTENT.rules, (), Accommodation())
    assert journal.submit(owner.asked(Steer(STAFF, order, candidacy=alone), others=alone.others))
    await owner.heard(4)
    assert await claims.claim_unmarked(NOW + 100_000) == []
    # nor does the lease of the marking keep the sweeper away
    assert await claims.claim_due(NOW + 62_000) == [owner.id]
