"""Entries of audit logs that are old enough lose what they say, and their chain holds."""

import pytest

from protocol.attempt.model import Actor, Role
from protocol.rules.audit import EntriesDropped, PersonExported
from protocol.rules.retention import DAY_MS
from storage.audit import BY_RULE, Audit
from storage.audit_ages import OldEntries
from storage.database import Database
from tests.storage.making import NOW, ORG
from tests.storage.test_audit import said, verdicts

BY = Actor(Role.ADMINISTRATOR, "grace")


async def test_what_is_old_is_emptied_once_and_an_entry_says_up_to_where(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit, old = Audit(database), OldEntries(database)
    # The third is late: behind it a clock went back.
    for at_ms in (NOW, NOW, NOW + DAY_MS, NOW, NOW + 2 * DAY_MS):
        await audit.add(ORG, BY, PersonExported("ada"), at_ms)
    await audit.add("college", BY, PersonExported("ada"), NOW)
    later_ms = NOW + 39 * DAY_MS
    assert await old.count(ORG, NOW) == 0
    assert await old.drop(database, ORG, BY_RULE, NOW, later_ms) == 0
    # One of the test that `database` has.
    assert await old.count(ORG, NOW + 1) == 3
    monkeypatch.setattr("storage.audit_ages._AT_ONCE", 2)
    assert await old.drop(database, ORG, BY_RULE, NOW + 1, later_ms) == 3
    kept = PersonExported("ada")
    assert await said(database) == [None, None, None, kept, kept, kept, EntriesDropped(2), EntriesDropped(3)]
    assert await said(database, "college") == [kept]
    assert await verdicts(database) == {ORG: (8, None), "college": (1, None)}
    assert [one.line.seq for one in await audit.page(ORG, limit=9, subject="ada")] == [4, 5, 6]
    for looks in (old, OldEntries(database)):
        assert await looks.count(ORG, NOW + 1) == 0
        assert await looks.drop(database, ORG, BY_RULE, NOW + 1, later_ms) == 0
    assert await OldEntries(database).drop(database, ORG, BY_RULE, later_ms, later_ms) == 3
    assert await said(database) == [*[None] * 6, *map(EntriesDropped, (2, 3, 5, 6))]
    assert (await verdicts(database))[ORG] == (10, None)
