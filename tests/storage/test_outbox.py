"""The outbox gives each event until it is said to have arrived."""

import msgspec
from sqlalchemy import func, select

from protocol.attempt.commands import Begin, HandIn
from storage.database import Database
from storage.log.journal import Journal
from storage.outbox import KEPT_MS, Outbox
from storage.schema import outbox as outbox_table
from tests.storage.making import CANDIDATE, NOW, Owner


async def test_events_wait_until_they_are_delivered(journal: Journal, database: Database) -> None:
    outbox = Outbox(database)
    owner, later = Owner(), Owner(now_ms=NOW + 1)
    for append in (owner.made(), owner.asked(Begin(CANDIDATE, 0)), later.made()):
        assert journal.submit(append)
    owner.now_ms = NOW + 2
    assert journal.submit(owner.answered("q1", "a"))
    assert journal.submit(owner.asked(HandIn(CANDIDATE, 0)))
    await owner.heard(4)
    expected = [(f"{owner.id}:1", "attempt.created"), (f"{owner.id}:2", "attempt.started")]
    expected += [(f"{later.id}:1", "attempt.created"), (f"{owner.id}:4", "attempt.submitted")]
    pending = await outbox.pending(10)
    assert [(event.event_id, event.topic) for event in pending] == expected
    assert msgspec.json.decode(pending[3].payload)["seq"] == 4
    assert await outbox.pending(2) == pending[:2]

    await outbox.delivered([pending[0].event_id, pending[2].event_id, "nonsense", f"{owner.id}:x"])
    await outbox.delivered([pending[0].event_id])
    await outbox.delivered([])
    assert await outbox.pending(10) == [pending[1], pending[3]]
    rows = select(func.count()).select_from(outbox_table)
    assert await database.read(lambda connection: connection.execute(rows).scalar()) == 2, "nothing is kept for ever"


async def test_what_nobody_has_fetched_for_a_month_goes(journal: Journal, database: Database) -> None:
    outbox = Outbox(database)
    owners = [Owner(now_ms=NOW + number) for number in range(2_500)]
    for owner in owners:
        assert journal.submit(owner.made())
    await owners[-1].heard(1)
    await outbox.prune(NOW + KEPT_MS + 2_400)
    assert [event.event_id for event in await outbox.pending(1_000)] == [f"{owner.id}:1" for owner in owners[2_400:]]
