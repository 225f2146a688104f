"""Tests by version: replaced while unused, never changed once an attempt stands on them."""

import asyncio

from msgspec.structs import replace

from storage.database import Database
from storage.journal import Committed, Journal
from storage.tests import Tests, content_hash
from tests.storage.making import CONTENT, NOW, ORG, TEST, Owner

OTHER = replace(CONTENT, title="Another title")


async def test_what_is_put_is_what_is_got(database: Database) -> None:
    tests = Tests(database)
    stored = await tests.get(ORG, TEST)
    assert stored is not None
    assert (stored.org_id, stored.test_id, stored.version, stored.created_at_ms) == (ORG, TEST, 1, NOW)
    assert stored.content == CONTENT
    assert stored.content_hash == content_hash(CONTENT)
    assert await tests.get(ORG, TEST, 1) == stored
    assert await tests.get(ORG, TEST, 2) is None
    assert await tests.get(ORG, "no such test") is None


async def test_the_same_content_is_the_same_version(database: Database) -> None:
    tests = Tests(database)
    assert await tests.put(ORG, TEST, CONTENT, NOW + 1) == 1
    stored = await tests.get(ORG, TEST)
    assert stored is not None
    assert stored.created_at_ms == NOW


async def test_an_unused_version_is_replaced_and_a_used_one_is_not(database: Database, journal: Journal) -> None:
    tests = Tests(database)
    assert await tests.put(ORG, TEST, OTHER, NOW + 1) == 1
    assert await tests.put(ORG, TEST, CONTENT, NOW + 2) == 1
    owner = Owner()
    assert journal.submit(owner.made())
    assert await owner.heard() == [Committed(NOW)]
    assert await tests.put(ORG, TEST, CONTENT, NOW + 3) == 1
    assert await tests.put(ORG, TEST, OTHER, NOW + 4) == 2
    assert await tests.put(ORG, TEST, replace(OTHER, title="A third"), NOW + 5) == 2
    first, newest = await tests.get(ORG, TEST, 1), await tests.get(ORG, TEST)
    assert first is not None
    assert newest is not None
    assert (first.content, newest.content.title, newest.version) == (CONTENT, "A third", 2)


async def test_the_list_has_the_newest_of_each(database: Database, journal: Journal) -> None:
    tests = Tests(database)
    owner = Owner()
    assert journal.submit(owner.made())
    await owner.heard()
    await tests.put(ORG, TEST, OTHER, NOW)
    await tests.put(ORG, "a test", CONTENT, NOW)
    assert [(test.test_id, test.version) for test in await tests.list(ORG)] == [("a test", 1), (TEST, 2)]
    assert await tests.list("nobody") == []


async def test_many_who_store_at_once(database: Database) -> None:
    """The last one wins, and there is one version, since nobody uses any."""
    tests = Tests(database)
    contents = [replace(CONTENT, title=f"Title {number}") for number in range(4)]
    assert set(await asyncio.gather(*(tests.put(ORG, "new", content, NOW) for content in contents))) == {1}
    stored = await tests.get(ORG, "new")
    assert stored is not None
    assert stored.content in contents


async def test_storing_races_with_using(database: Database, journal: Journal) -> None:
    """Either the attempt stands on the old content, and the new one is version 2, or it is told of the change."""
    tests = Tests(database)
    for number in range(10):
        test_id = f"raced-{number}"
        await tests.put(ORG, test_id, CONTENT, NOW)
        owner = Owner(replace(Owner().identity, test_id=test_id))
        assert journal.submit(owner.made())
        version, (outcome,) = await asyncio.gather(tests.put(ORG, test_id, OTHER, NOW), owner.heard())
        first = await tests.get(ORG, test_id, 1)
        assert first is not None
        if isinstance(outcome, Committed):
            assert (version, first.content) == (2, CONTENT)
        else:
            assert (version, first.content, outcome.reason) == (1, OTHER, "test_changed")
