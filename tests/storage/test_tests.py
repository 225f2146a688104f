"""Tests by version, none of which ever changes."""

import asyncio

from msgspec.structs import replace

from storage.database import Database
from storage.tests import Tests, content_hash
from tests.storage.making import CONTENT, NOW, ORG, TEST

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


async def test_another_content_is_the_next_version_and_no_version_ever_changes(database: Database) -> None:
    tests = Tests(database)
    assert [await tests.put(ORG, TEST, content, NOW + 1) for content in (OTHER, OTHER, CONTENT)] == [2, 2, 3]
    kept = [await tests.get(ORG, TEST, version) for version in (1, 2, 3)]
    assert [test and test.content for test in kept] == [CONTENT, OTHER, CONTENT]
    assert await tests.get(ORG, TEST) == kept[2]
    assert await tests.newest_version(ORG, TEST) == 3
    assert await tests.newest_version(ORG, "no such test") is None


async def test_the_list_has_the_newest_of_each(database: Database) -> None:
    tests = Tests(database)
    await tests.put(ORG, TEST, OTHER, NOW)
    await tests.put(ORG, "a test", CONTENT, NOW)
    assert [(test.test_id, test.version) for test in await tests.list(ORG)] == [("a test", 1), (TEST, 2)]
    assert await tests.list("nobody") == []
    newest = await tests.newest_versions(ORG)
    assert newest == {"a test": 1, TEST: 2}
    assert {(test.test_id, test.version) for test in await tests.these(ORG, newest)} == set(newest.items())
    assert await tests.newest_versions("nobody") == {}


async def test_many_who_store_at_once(database: Database) -> None:
    """Each content is a version of its own, and the last one is the newest."""
    tests = Tests(database)
    contents = [replace(CONTENT, title=f"Title {number}") for number in range(4)]
    versions = await asyncio.gather(*(tests.put(ORG, "new", content, NOW) for content in contents))
    assert sorted(versions) == [1, 2, 3, 4]
    for version, content in zip(versions, contents, strict=True):
        stored = await tests.get(ORG, "new", version)
        assert stored is not None
        assert stored.content == content
