"""The version of the fleet rises when the last older node has gone, and never falls."""

import asyncio

import pytest
from sqlalchemy import text

from protocol.limits import HOLDER_GONE_MS
from storage.database import Database
from storage.fleet import FleetTable, Member, Outdated

OLD, NEW, OTHER = (Member(name, speaks, alone=False) for name, speaks in (("old", 1), ("new", 2), ("other", 2)))


@pytest.fixture
def table(database: Database) -> FleetTable:
    return FleetTable(database)


async def silence(database: Database, name: str) -> None:
    """The node was last heard of when the others begin to take it for dead."""
    values = {"name": name, "ms": HOLDER_GONE_MS + 1}
    await database.write(
        lambda connection: connection.execute(
            text("UPDATE nodes SET seen_ms = seen_ms - :ms WHERE name = :name"), values
        )
    )


async def test_the_first_node_says_what_is_spoken(table: FleetTable) -> None:
    assert await table.version() == 1
    assert (await table.join(NEW)).by_all == 2
    assert await table.version() == 2


async def test_it_rises_when_the_last_old_node_has_stopped(table: FleetTable) -> None:
    assert (await table.join(OLD)).by_all == 1
    assert (await table.join(NEW)).by_all == 1
    assert (await table.beat(NEW)).by_all == 1
    assert (await table.join(OTHER)).by_all == 1
    await table.leave("old")
    assert [(await table.beat(one)).by_all for one in (OTHER, NEW)] == [2, 2]


async def test_it_rises_when_the_last_old_node_is_taken_for_dead(table: FleetTable, database: Database) -> None:
    await table.join(OLD)
    await table.join(NEW)
    await silence(database, "old")
    assert (await table.beat(NEW)).by_all == 2
    # It was frozen, and finds out with its next sign of life.
    with pytest.raises(Outdated, match="speak version 2, and this one knows versions up to 1"):
        await table.beat(OLD)
    assert await table.version() == 2


async def test_a_node_that_speaks_less_does_not_join_and_nobody_waits_for_it(table: FleetTable) -> None:
    await table.join(NEW)
    with pytest.raises(Outdated):
        await table.join(OLD)
    await table.leave("new")
    with pytest.raises(Outdated):
        await table.join(OLD)
    assert (await table.join(Member("newest", 3, alone=False))).by_all == 3


async def test_who_is_alone_waits_for_nobody(table: FleetTable) -> None:
    """Beside an embedded database: other rows are of earlier runs."""
    await table.join(Member("before", 1, alone=True))
    assert (await table.join(Member("now", 2, alone=True))).by_all == 2
    with pytest.raises(Outdated):
        await table.join(Member("before", 1, alone=True))


async def test_who_joins_and_who_lets_it_rise_do_not_pass_each_other(table: FleetTable) -> None:
    for number in range(20):
        new = Member(f"new-{number}", number + 2, alone=False)
        old = Member(f"old-{number}", number + 1, alone=False)
        joined, _ = await asyncio.gather(table.join(old), table.join(new), return_exceptions=True)
        version = await table.version()
        assert version == (number + 2 if isinstance(joined, Outdated) else number + 1)
        await table.leave(old.name)
        assert (await table.beat(new)).by_all == number + 2
        await table.leave(new.name)
