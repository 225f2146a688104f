"""The reads of attempts."""

from uuid import UUID

import pytest
from sqlalchemy import delete, select

from protocol.attempt.chain import BrokenChain
from protocol.attempt.model import Status
from protocol.rules.admission import Earlier
from storage.attempts import Attempts
from storage.database import Database
from storage.log.journal import Journal
from storage.schema import attempt_log, test_attempts
from storage.tests import Tests
from tests.storage.making import CONTENT, NOW, ORG, TEST, begun, ended, made

NOBODY = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("attempt_id", [NOBODY, "", "x", NOBODY.upper().replace("0", "A"), "\0", "é" * 36])
async def test_an_attempt_that_does_not_exist(attempts: Attempts, attempt_id: str) -> None:
    assert await attempts.load(attempt_id) is None
    assert await attempts.records(attempt_id) == []
    assert await attempts.identity(attempt_id) is None
    assert await attempts.row(attempt_id) is None
    assert await attempts.positions([attempt_id]) == {}
    await attempts.note_addresses([(attempt_id, "1.2.3.4", "x")])


async def test_records_after_one(journal: Journal, attempts: Attempts) -> None:
    (owner,) = await begun(journal)
    everything = await attempts.records(owner.id)
    assert await attempts.records(owner.id, after=1) == everything[1:]
    assert await attempts.records(owner.id, after=2) == []
    with pytest.raises(BrokenChain):
        await attempts.records(owner.id, after=3)


async def test_a_log_that_lost_its_end_is_noticed(journal: Journal, attempts: Attempts, database: Database) -> None:
    (owner,) = await begun(journal)
    lost = delete(attempt_log).where(attempt_log.c.attempt_id == owner.id, attempt_log.c.seq == 2)
    await database.write(lambda connection: connection.execute(lost))
    with pytest.raises(BrokenChain):
        await attempts.records(owner.id, after=2)


async def test_identity(journal: Journal, attempts: Attempts) -> None:
    (owner,) = await made(journal)
    known = await attempts.identity(owner.id)
    assert known is not None
    for field in ("attempt_id", "org_id", "branch_id", "test_id", "form_id", "user_id"):
        assert getattr(known, field) == getattr(owner.identity, field)
    assert known.display_name == "Ann Other"


async def test_positions(journal: Journal, attempts: Attempts) -> None:
    (first,), (second,) = await made(journal), await begun(journal)
    assert await attempts.positions([first.id, second.id, NOBODY]) == {first.id: 1, second.id: 2}
    assert await attempts.positions([]) == {}


async def test_positions_of_more_attempts_than_a_statement_takes_values(journal: Journal, attempts: Attempts) -> None:
    """PostgreSQL takes 32,767 in one statement, SQLite as many as it was built for."""
    (owner,) = await made(journal)
    others = [str(UUID(int=number)) for number in range(260_000)]
    assert await attempts.positions([*others, owner.id]) == {owner.id: 1}


async def test_rows_come_in_pages_by_id(journal: Journal, attempts: Attempts) -> None:
    ids = sorted(owner.id for owner in await made(journal, 7))
    pages = []
    after = None
    while page := await attempts.rows(ORG, TEST, after, 3):
        pages.append([row.attempt_id for row in page])
        after = page[-1].attempt_id
    assert pages == [ids[:3], ids[3:6], ids[6:]]
    assert await attempts.rows(ORG, TEST, "not an id", 3) == []


async def test_nothing_of_another_organisation_is_seen(
    journal: Journal, attempts: Attempts, database: Database
) -> None:
    tests = Tests(database)
    await tests.put("org-2", TEST, CONTENT, NOW)
    (ours,) = await made(journal, user_id="ann")
    (theirs,) = await made(journal, org_id="org-2", user_id="ann")
    assert [row.attempt_id for row in await attempts.rows(ORG, TEST, None, 10)] == [ours.id]
    assert [row.attempt_id for row in await attempts.rows("org-2", TEST, None, 10)] == [theirs.id]
    assert await attempts.of_user(ORG, TEST, "ann") == [Earlier(ours.id, 1, Status.INITIATED, None, None, counts=True)]
    assert await attempts.count(ORG, TEST) == await attempts.count("org-2", TEST) == 1
    assert await attempts.count("org-3", TEST) == 0
    assert [test.org_id for test in await tests.list("org-2")] == ["org-2"]
    assert await tests.get("org-3", TEST) is None


async def test_where_a_candidate_was_last_seen(journal: Journal, attempts: Attempts, database: Database) -> None:
    one, other, third = await made(journal, 3)
    strange = "Mozilla\0/5.0 \x1b[31m" + "x" * 1_000
    await attempts.note_addresses([(other.id, "192.0.2.7", "another"), (one.id, "2001:db8::1", strange)])
    query = select(test_attempts.c.attempt_id, test_attempts.c.ip_address, test_attempts.c.user_agent)
    rows = await database.read(lambda connection: connection.execute(query).all())
    found = {attempt_id: (address, agent) for attempt_id, address, agent in rows}
    address, agent = found[one.id]
    assert address == "2001:db8::1"
    assert agent.startswith("Mozilla/5.0 [31mxxx")
    assert len(agent) == 500
    assert found[other.id] == ("192.0.2.7", "another")
    assert found[third.id] == (None, None)


async def test_rows_of_the_log_as_they_are_kept(attempts: Attempts, journal: Journal) -> None:
    (owner,) = await ended(journal)
    rows = await attempts.kept(owner.id, 0, 100)
    assert [(row.line.seq, row.line.kind) for row in rows] == [(1, "created"), (2, "started"), (3, "submitted")]
    assert rows[-1].line.hash == owner.attempt.head
    assert [row.line.seq for row in await attempts.kept(owner.id, 1, 1)] == [2]
    assert await attempts.kept(owner.id, 3, 100) == []
    assert await attempts.key(owner.id) == owner.attempt.key
    assert await attempts.key(NOBODY) is await attempts.key("x") is None
    assert await attempts.kept(NOBODY, 0, 100) == await attempts.kept("x", 0, 100) == []
