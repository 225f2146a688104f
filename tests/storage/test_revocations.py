"""What was withdrawn stays so, in both databases."""

import uuid_utils
from msgspec.structs import replace

from storage.database import Database
from storage.revocations import Revocation, Revocations


def made(revoked_at_ms: int, token_id: str | None = None, user_id: str | None = None) -> Revocation:
    return Revocation(str(uuid_utils.uuid7()), "school", token_id, user_id, revoked_at_ms, "platform", "lost")


async def test_the_newer_ones_are_read_as_they_were_written(database: Database) -> None:
    store = Revocations(database)
    old, one, other = made(1_000, token_id="t"), made(2_000, user_id="ada"), made(3_000, token_id="u")
    for revocation in (other, old, one):
        await store.add(revocation)
    found = sorted(await store.since(2_000), key=lambda revocation: revocation.revoked_at_ms)
    assert found == [one, other]
    assert len(await store.since(0)) == 3
    assert await store.since(3_001) == []


async def test_the_old_ones_are_deleted(database: Database) -> None:
    store = Revocations(database)
    old, new = made(1_000, token_id="t"), made(2_000, user_id="ada")
    for revocation in (old, new):
        await store.add(revocation)
    await store.prune(2_000)
    assert list(await store.since(0)) == [new]


async def test_the_same_again_is_another_row(database: Database) -> None:
    store = Revocations(database)
    first = made(1_000, user_id="ada")
    await store.add(first)
    await store.add(replace(first, revocation_id=str(uuid_utils.uuid7()), revoked_at_ms=2_000))
    assert len(await store.since(0)) == 2
