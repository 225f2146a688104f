"""Calls with an idempotency key, in both databases."""

from pathlib import Path

from sqlalchemy import select

from protocol.attempt.model import Actor, Role
from storage.database import Database
from storage.erasing import Erasing
from storage.keyed_calls import KEPT_MS, UNDER_WAY_MS, Kept, KeyedCalls, State
from storage.schema import keyed_calls
from storage.sealed import Sealer
from tests.storage.leftovers import found_in

SECRET = "a secret of the tests, which has more than 32 bytes"


def calls_in(database: Database) -> KeyedCalls:
    return KeyedCalls(database, Sealer(SECRET))


async def test_the_first_has_the_key_and_the_next_hears_what_became_of_it(database: Database) -> None:
    calls = calls_in(database)
    assert await calls.claim("school", "k", "asked", 1_000) is None
    assert await calls.claim("school", "k", "asked", 1_001) == Kept("asked", State.RUNNING, None, None)
    await calls.finish("school", "k", 201, '{"made":1}')
    assert await calls.claim("school", "k", "other", 1_002) == Kept("asked", State.DONE, 201, '{"made":1}')
    assert await calls.claim("college", "k", "asked", 1_002) is None


async def test_a_claim_of_a_clock_that_is_ahead_is_under_way_too(database: Database) -> None:
    calls = calls_in(database)
    await calls.claim("school", "k", "asked", 1_000)
    assert await calls.claim("school", "k", "asked", 995) == Kept("asked", State.RUNNING, None, None)
    assert await calls.claim("school", "k", "asked", 1_000 - UNDER_WAY_MS) == Kept("asked", State.UNKNOWN, None, None)


async def test_of_a_call_that_was_under_way_at_an_erasure_no_answer_is_kept(database: Database) -> None:
    calls = calls_in(database)
    for org_id, key in (("school", "running"), ("school", "done"), ("college", "running")):
        await calls.claim(org_id, key, "asked", 1_000)
    await calls.finish("school", "done", 200, "{}")
    await Erasing(database).erase("school", "nobody", "hidden", Actor(Role.SERVICE, "platform"), 1_001)
    await calls.finish("school", "running", 200, "{}")
    await calls.finish("college", "running", 200, "{}")
    assert await calls.claim("school", "running", "asked", 1_002) == Kept("asked", State.UNKNOWN, None, None)
    assert await calls.claim("school", "done", "asked", 1_002) == Kept("asked", State.DONE, 200, None)
    assert await calls.claim("college", "running", "asked", 1_002) == Kept("asked", State.DONE, 200, "{}")


async def test_what_was_refused_leaves_the_key_free(database: Database) -> None:
    calls = calls_in(database)
    await calls.claim("school", "k", "asked", 1_000)
    await calls.release("school", "k")
    assert await calls.claim("school", "k", "other", 1_001) is None


async def test_of_a_call_that_was_never_finished_nobody_knows(database: Database) -> None:
    calls = calls_in(database)
    await calls.claim("school", "died", "asked", 1_000)
    await calls.claim("school", "away", "asked", 1_000)
    await calls.leave_open("school", "away")
    assert await calls.claim("school", "died", "asked", 1_000 + UNDER_WAY_MS) == Kept(
        "asked", State.UNKNOWN, None, None
    )
    assert await calls.claim("school", "away", "asked", 1_001) == Kept("asked", State.UNKNOWN, None, None)
    await calls.release("school", "away")
    assert await calls.claim("school", "away", "asked", 1_001) is not None


async def test_a_key_stands_for_its_call_for_a_day(database: Database) -> None:
    calls = calls_in(database)
    for key in ("pruned", "renewed"):
        await calls.claim("school", key, "asked", 1_000)
        await calls.finish("school", key, 200, "{}")
    await calls.claim("school", "newer", "asked", 1_001)
    later_ms = 1_001 + KEPT_MS
    assert await calls.claim("school", "renewed", "other", later_ms) is None
    assert await calls.claim("school", "renewed", "other", later_ms) == Kept("other", State.RUNNING, None, None)
    await calls.prune(later_ms)
    rows = await database.read(lambda connection: connection.execute(select(keyed_calls.c.key)).scalars().all())
    assert sorted(rows) == ["newer", "renewed"]


async def test_an_answer_is_sealed(database: Database, migrated_url: str, tmp_path: Path) -> None:
    calls = calls_in(database)
    await calls.claim("school", "k", "asked", 1_000)
    await calls.finish("school", "k", 200, '{"secret":"canary-of-the-answer"}')
    assert await found_in(database, migrated_url, {"canary-of-the-answer"}) == set()
    other = await KeyedCalls(database, Sealer(SECRET[::-1])).claim("school", "k", "asked", 1_001)
    assert other == Kept("asked", State.DONE, 200, None)
