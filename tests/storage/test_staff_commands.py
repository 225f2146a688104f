"""Claims of the ids of staff commands, in both databases."""

from uuid_utils import uuid7

from storage.database import Database
from storage.staff_commands import KEPT_MS, StaffCommands

ONE, OTHER = str(uuid7()), str(uuid7())


async def test_an_id_belongs_to_whoever_claimed_it_first(database: Database) -> None:
    commands = StaffCommands(database)
    assert await commands.claim("school", "c", ONE, 1_000) == ONE
    assert await commands.claim("school", "c", OTHER, 2_000) == ONE
    assert await commands.claim("college", "c", OTHER, 2_000) == OTHER


async def test_old_claims_are_deleted_and_no_others(database: Database) -> None:
    commands = StaffCommands(database)
    await commands.claim("school", "old", ONE, 1_000)
    await commands.claim("school", "newer", ONE, 1_001)
    await commands.prune(1_001 + KEPT_MS)
    assert await commands.claim("school", "old", OTHER, 1_001 + KEPT_MS) == OTHER
    assert await commands.claim("school", "newer", OTHER, 1_001 + KEPT_MS) == ONE
