"""The audit log is written in the transaction of what it tells, by any number of nodes at once."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import Connection, delete, select, update

from protocol.attempt.model import Actor, Role
from protocol.rules.audit import PersonErased, PersonExported, Regraded, ResultsRead, TestStored, read_body
from storage.audit import BY_OPERATOR, Audit, append, verify_audit
from storage.database import Database
from storage.erasing import Erasing
from storage.regrades import Job, Regrades
from storage.revocations import Revocation, Revocations
from storage.schema import audit_log, revocations
from storage.tests import Tests
from tests.storage.making import CONTENT, NOW, ORG, TEST

BY = Actor(Role.ADMINISTRATOR, "grace")
# Not to be met in a random alias, as "ada" can be: that is three hexadecimal digits.
HER = "canary-user-9f31"


async def said(database: Database, org_id: str = ORG) -> list[object]:
    """All entries; None: emptied."""
    page = await Audit(database).page(org_id, after=0, limit=1_000)
    bodies = [None if one.line.body is None else read_body(one.line.body) for one in page]
    return [None if body is None else body.entry for body in bodies]


async def verdicts(database: Database) -> dict[str, tuple[int, str | None]]:
    return {org: (count, None if wrong is None else str(wrong)) async for org, count, wrong in verify_audit(database)}


async def test_a_test_is_stored_with_its_entry(database: Database) -> None:
    """`database` has one test. The same content again stores nothing."""
    tests = Tests(database)
    other = CONTENT.__class__(title="Another title", questions=CONTENT.questions)
    fewer = CONTENT.__class__(title="Another title", questions=CONTENT.questions[:1])
    for content in (CONTENT, other, fewer):
        await tests.put(ORG, TEST, content, NOW, BY)
    assert await said(database) == [TestStored(TEST, 1, True), TestStored(TEST, 2, False), TestStored(TEST, 3, True)]
    (first, *_) = await Audit(database).page(ORG, after=0, limit=1)
    assert first.line.role == BY_OPERATOR.role
    assert await verdicts(database) == {ORG: (3, None)}


async def test_what_is_not_stored_leaves_no_entry(database: Database) -> None:
    def fails(connection: Connection) -> None:
        append(connection, ORG, BY, PersonExported("ada"), NOW)
        raise ValueError

    before = await said(database)
    with pytest.raises(ValueError):  # noqa: PT011 (our own)
        await database.write(fails)
    assert await said(database) == before


async def test_a_withdrawal_and_its_entry_are_one_transaction(database: Database) -> None:
    revocation = Revocation("0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47", ORG, None, "ada", NOW, "grace", "lost")
    await Revocations(database).add(revocation, Role.ADMINISTRATOR)
    (last,) = await Audit(database).page(ORG, after=1, limit=9, kind="tokens_revoked")
    assert (last.line.role, last.line.at_ms) == ("administrator", NOW)
    before = await said(database)
    # The primary key refuses it: nothing of it is written, each time it is tried.
    with pytest.raises(Exception):  # noqa: B017, PT011
        await Revocations(database).add(revocation, Role.ADMINISTRATOR)
    assert await said(database) == before
    kept = await database.read(lambda connection: connection.execute(select(revocations)).all())
    assert len(kept) == 1


async def test_a_regrade_is_asked_for_with_its_entry(database: Database) -> None:
    job = Job(
        ORG, "0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47", TEST, 2, "wrong key", "instructor", "ida", None, 0, 0, NOW, 0
    )
    await Regrades(database).add(job)
    (last,) = await Audit(database).page(ORG, after=1, limit=9)
    body = read_body(last.line.body or b"")
    assert body is not None
    assert (last.line.role, body.by, body.entry) == ("instructor", "ida", Regraded(TEST, 2, "wrong key"))


async def test_many_write_at_once_and_the_chain_holds(database: Database) -> None:
    audits = [Audit(database) for _ in range(4)]
    await asyncio.gather(
        *(audits[n % 4].add(ORG, BY, PersonExported(f"user-{n}"), NOW + n) for n in range(24)),
        *(audits[n % 4].add("college", BY, ResultsRead(TEST), NOW) for n in range(6)),
    )
    assert await verdicts(database) == {ORG: (25, None), "college": (6, None)}


async def test_pages_and_filters(database: Database) -> None:
    audit = Audit(database)
    for n in range(5):
        await audit.add(ORG, BY, PersonExported(f"user-{n % 2}"), NOW + n)
    await audit.add("college", BY, PersonExported("user-0"), NOW)

    async def numbers(after: int = 0, limit: int = 99, **filters: object) -> list[int]:
        page = await audit.page(ORG, after=after, limit=limit, **filters)  # type: ignore[arg-type]
        return [one.line.seq for one in page]

    assert await numbers() == [1, 2, 3, 4, 5, 6]
    assert await numbers(after=2, limit=2) == [3, 4]
    assert await numbers(kind="test_stored") == [1]
    assert await numbers(subject="user-1") == [3, 5]
    assert await numbers(subject="user-0", from_ms=NOW + 1, until_ms=NOW + 4) == [4]
    assert await numbers(subject="user-0", from_ms=NOW + 1, until_ms=NOW + 5) == [4, 6]


async def test_erasing_empties_what_is_about_her_and_says_so(database: Database) -> None:
    audit = Audit(database)
    await audit.add(ORG, BY, PersonExported(HER), NOW)
    await audit.add(ORG, BY, PersonExported("bob"), NOW)
    await audit.add(ORG, BY, PersonExported(HER), NOW)
    await audit.add("college", BY, PersonExported(HER), NOW)
    await Erasing(database).erase(ORG, HER, "hidden", BY, NOW)
    entries = await said(database)
    assert entries[1:4] == [None, PersonExported("bob"), None]
    last = entries[-1]
    assert isinstance(last, PersonErased)
    assert (last.attempts, last.emptied) == (0, (2, 4))
    rows = await database.read(lambda connection: connection.execute(select(audit_log)).all())
    assert not any(HER.encode() in bytes(row.body or b"") or row.subject == HER for row in rows if row.org_id == ORG)
    assert all((row.body is None) == (row.key is None) for row in rows)
    assert await said(database, "college") == [PersonExported(HER)]
    assert await verdicts(database) == {ORG: (5, None), "college": (1, None)}


def lose(connection: Connection) -> None:
    connection.execute(delete(audit_log).where(audit_log.c.seq == 2))


def change(connection: Connection, **values: object) -> None:
    connection.execute(update(audit_log).where(audit_log.c.seq == 2).values(**values))


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lose, "entry 2: it is missing"),
        (partial(change, role="service"), "entry 2: the hash does not match"),
        (partial(change, body=b"x"), "entry 2: the body is not the one that was written"),
        (partial(change, body=None, key=None, subject=None), "entry 2: the body is gone, and no entry says why"),
    ],
)
async def test_what_was_changed_is_found(database: Database, work: object, words: str) -> None:
    for user in ("ada", "bob"):
        await Audit(database).add(ORG, BY, PersonExported(user), NOW)
    await database.write(work)  # type: ignore[arg-type]
    _, wrong = (await verdicts(database))[ORG]
    assert words in str(wrong)
