"""The outbox gives each event until it is said to have arrived."""

import msgspec

from protocol.attempt.commands import Begin, HandIn
from storage.database import Database
from storage.journal import Journal
from storage.outbox import Outbox
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

    await outbox.delivered([pending[0].event_id, pending[2].event_id, "nonsense", f"{owner.id}:x"], NOW)
    await outbox.delivered([pending[0].event_id], NOW + 1)
    await outbox.delivered([], NOW)
    assert await outbox.pending(10) == [pending[1], pending[3]]
