"""What the journal writes beside the records: new attempts, what is derived of them, and events."""

import pytest
from sqlalchemy import select

from protocol.attempt.commands import Begin, HandIn, Steer, Wake
from protocol.attempt.facts import Submitted
from protocol.attempt.model import Accommodation, Status
from protocol.messages.staff import CancelAttempt, ReinstateAttempt
from protocol.rules.admission import Candidacy, Earlier
from storage.attempts import Attempts
from storage.claims import Claims
from storage.database import Database
from storage.log.journal import (
    Committed,
    Journal,
    Newcomer,
    Rejected,
)
from storage.outbox import Outbox
from storage.schema import attempt_log
from tests.storage.conftest import SettableClock
from tests.storage.making import CANDIDATE, CONTENT, FENCED, NOW, ORG, STAFF, SYSTEM, TEST, Owner, new_identity, started

# ── making attempts ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_number_is_given_once(journal: Journal, attempts: Attempts) -> None:
    first = Owner(new_identity(user_id="ann"))
    rival = Owner(new_identity(user_id="ann"))
    for owner in (first, rival):
        assert journal.submit(owner.made())
    assert journal.submit(rival.asked(Begin(CANDIDATE, 0)))
    assert await rival.heard(2) == [Rejected("attempt_exists"), FENCED]
    assert await first.heard() == [Committed(NOW)]
    # and the same when it has been in the database for long
    third = Owner(new_identity(user_id="ann"))
    assert journal.submit(third.made())
    assert await third.heard() == [Rejected("attempt_exists")]
    earlier = Earlier(first.id, 1, Status.INITIATED, None, None, counts=True)
    assert await attempts.of_user(ORG, TEST, "ann") == [earlier]
    second = Owner(new_identity(user_id="ann", number=2))
    assert journal.submit(second.made(others=(earlier,)))
    assert await second.heard() == [Committed(NOW)]
    assert await attempts.load(rival.id) is None


async def test_two_journals_make_an_attempt_once(journal: Journal, database: Database, clock: SettableClock) -> None:
    other = Journal(database, clock)
    await other.start()
    pairs = [(Owner(new_identity(user_id=f"u{i}")), Owner(new_identity(user_id=f"u{i}"))) for i in range(20)]
    for number, (here, there) in enumerate(pairs):
        assert journal.submit(here.made())
        assert other.submit(there.made())
        if number % 5 == 4:
            await here.heard()
    for here, there in pairs:
        outcomes = [*await here.heard(), *await there.heard()]
        assert sorted(map(repr, outcomes)) == sorted([repr(Committed(NOW)), repr(Rejected("attempt_exists"))])
    await other.close()


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["made", "reinstated"])
async def test_of_a_new_attempt_and_one_that_is_reinstated_one_is_open(
    journal: Journal, database: Database, clock: SettableClock, attempts: Attempts, together: bool, first: str
) -> None:
    """In one transaction or in two, of one node or of two."""
    other = Journal(database, clock)
    await other.start()
    old = Owner(new_identity(user_id="ann"))
    for append in (old.made(), old.asked(Steer(STAFF, CancelAttempt("c", old.id, False, "void")))):
        assert journal.submit(append)
    await old.heard(2)
    earlier = await attempts.of_user(ORG, TEST, "ann")
    new = Owner(new_identity(user_id="ann", number=2))
    candidacy = Candidacy(CONTENT.rules, (), Accommodation())
    back = old.asked(
        Steer(STAFF, ReinstateAttempt("r", old.id, False, "back"), candidacy=candidacy), others=candidacy.others
    )
    appends = [new.made(others=tuple(earlier)), back]
    journals = (journal, journal if together else other)
    for one, append in zip(journals, appends if first == "made" else reversed(appends), strict=True):
        assert one.submit(append)
    made, again = await new.heard(), (await old.heard(3))[2:]
    assert sorted(map(repr, [*made, *again])) == sorted([repr(Committed(NOW)), repr(Rejected("attempt_exists"))])
    assert [one.status for one in await attempts.of_user(ORG, TEST, "ann")].count(Status.INITIATED) == 1
    await other.close()


async def test_a_limit_holds_against_what_has_come_and_gone_meanwhile(journal: Journal, attempts: Attempts) -> None:
    """No two attempts are ever open here, and still there would be one too many."""
    old = Owner(new_identity(user_id="ann"))
    for append in (old.made(), old.asked(Steer(STAFF, CancelAttempt("c", old.id, False, "void")))):
        assert journal.submit(append)
    await old.heard(2)
    new = Owner(new_identity(user_id="ann", number=2))
    for append in (
        new.made(others=tuple(await attempts.of_user(ORG, TEST, "ann"))),
        new.asked(Begin(CANDIDATE, 0)),
        new.asked(HandIn(CANDIDATE, 0)),
    ):
        assert journal.submit(append)
    assert await new.heard(3) == [Committed(NOW)] * 3
    order = ReinstateAttempt("r", old.id, False, "back")
    before = Candidacy(CONTENT.rules, (), Accommodation())
    assert journal.submit(old.asked(Steer(STAFF, order, candidacy=before), others=before.others))
    assert (await old.heard(3))[2:] == [Rejected("attempt_exists")]


async def test_values_that_cannot_be_stored_hurt_nobody_else(
    journal: Journal, database: Database, attempts: Attempts
) -> None:
    """A lone surrogate has no UTF-8; PostgreSQL takes no NUL either."""
    bad = Owner()
    made = bad.made()
    made.newcomer = Newcomer("Ann\udc80")
    before, after = Owner(), Owner()
    for append in (before.made(), made, bad.asked(Begin(CANDIDATE, 0)), after.made()):
        assert journal.submit(append)
    assert await bad.heard(2) == [Rejected("unstorable"), FENCED]
    assert await before.heard() == await after.heard() == [Committed(NOW)]
    assert await attempts.load(bad.id) is None

    nul = Owner()
    made = nul.made()
    made.newcomer = Newcomer("Ann\0")
    assert journal.submit(made)
    expected = Committed(NOW) if database.dialect == "sqlite" else Rejected("unstorable")
    assert await nul.heard() == [expected]


async def test_what_a_candidate_types_is_always_storable(journal: Journal, attempts: Attempts) -> None:
    owner = await started(journal)
    assert journal.submit(owner.answered("essay", "NUL \0, \u2028, 😀, \uffff"))
    assert await owner.heard() == [Committed(NOW)]
    assert await attempts.load(owner.id) == owner.state


# ── what goes with the records ─────────────────────────────────────────────────────────────────────────────────


async def test_status_and_deadline_follow_in_the_transaction(
    journal: Journal, attempts: Attempts, clock: SettableClock
) -> None:
    owner = await started(journal)
    row = await attempts.row(owner.id)
    assert row is not None
    assert (row.status, row.seq, row.started_at_ms, row.deadline_ms) == ("in_progress", 2, NOW, NOW + 600_000)
    owner.now_ms += 60_000
    assert journal.submit(owner.answered("q1", "a"))
    assert journal.submit(owner.asked(HandIn(CANDIDATE, 0)))
    await owner.heard(2)
    row = await attempts.row(owner.id)
    assert row is not None
    assert (row.status, row.seq, row.deadline_ms, row.ended_at_ms) == ("submitted", 4, None, NOW + 60_000)
    assert row.answered == 1


async def test_made_started_and_ended_in_one_batch(
    journal: Journal, attempts: Attempts, claims: Claims, database: Database
) -> None:
    owner = Owner()
    for append in (owner.made(), owner.asked(Begin(CANDIDATE, 0)), owner.asked(HandIn(CANDIDATE, 0))):
        assert journal.submit(append)
    assert await owner.heard(3) == [Committed(NOW)] * 3
    assert journal.stats.commits == 1
    row = await attempts.row(owner.id)
    assert row is not None
    assert (row.status, row.seq, row.name) == ("submitted", 3, "Ann Other")
    assert await claims.claim_unmarked(NOW) == [owner.id]


async def test_each_event_is_written_with_its_record(
    journal: Journal, database: Database, clock: SettableClock
) -> None:
    owner = await started(journal)
    late = await started(journal)
    clock.now_ms = owner.now_ms = late.now_ms = NOW + 700_000
    assert journal.submit(owner.asked(Wake(SYSTEM)))
    assert journal.submit(late.stated(Submitted(None, 0), not_after_ms=NOW + 602_000))
    assert await owner.heard() == [Committed(clock.now_ms)]
    assert await late.heard() == [Rejected("late")]
    events = await Outbox(database).pending(100)
    assert [event.topic for event in events if event.event_id.startswith(owner.id)] == [
        "attempt.created",
        "attempt.started",
        "attempt.expired",
    ]
    assert [event.topic for event in events if event.event_id.startswith(late.id)] == [
        "attempt.created",
        "attempt.started",
    ]
    assert len({event.event_id for event in events}) == len(events) == 5


async def test_the_log_says_when_it_was_written(journal: Journal, database: Database, clock: SettableClock) -> None:
    owner = await started(journal)
    clock.now_ms = NOW + 3
    assert journal.submit(owner.answered("q1", "a"))
    await owner.heard()
    query = select(attempt_log.c.kind, attempt_log.c.at_ms, attempt_log.c.written_at_ms).order_by(attempt_log.c.seq)
    rows = await database.read(lambda connection: [tuple(row) for row in connection.execute(query)])
    assert rows == [("created", NOW, NOW), ("started", NOW, NOW), ("answered", NOW, NOW + 3)]
