"""When nodes, and candidates over REST, were last heard of."""

from sqlalchemy import update

from protocol.limits import HOLDER_GONE_MS
from storage.database import Database
from storage.fleet import FleetTable, Member
from storage.nodes import Nodes
from storage.schema import nodes as nodes_table


async def test_the_newest_word_of_any_node_counts(database: Database) -> None:
    nodes = Nodes(database)
    await nodes.keep_contacts({"a": 5, "b": 7})
    await nodes.keep_contacts({"a": 6, "b": 3})
    assert await nodes.contacts(["a", "b", "nobody"]) == {"a": 6, "b": 7}
    assert await nodes.contacts([]) == {}


async def test_what_is_a_day_old_goes(database: Database) -> None:
    nodes = Nodes(database)
    now_ms = await database.now_ms()
    await nodes.keep_contacts({"old": now_ms - 25 * 3_600_000, "new": now_ms})
    await FleetTable(database).beat(Member("here", 1, alone=False))
    assert set(await nodes.contacts(["old", "new"])) == {"old", "new"}
    await nodes.prune()
    assert set(await nodes.contacts(["old", "new"])) == {"new"}
    assert not (await nodes.sign_of("here")).gone


async def test_a_node_lives_until_it_leaves_or_falls_silent(database: Database) -> None:
    fleet = FleetTable(database)
    for name in ("here", "left", "silent"):
        await fleet.beat(Member(name, 1, alone=False))
    await fleet.leave("left")
    since_ms = await database.now_ms() - HOLDER_GONE_MS - 1
    silence = update(nodes_table).where(nodes_table.c.name == "silent").values(seen_ms=since_ms)
    await database.write(lambda connection: connection.execute(silence))
    assert await Nodes(database).living() == {"here"}


async def test_more_contacts_than_a_statement_takes_values(database: Database) -> None:
    nodes = Nodes(database)
    await nodes.keep_contacts({"c1": 5})
    assert await nodes.contacts([f"c{number}" for number in range(260_000)]) == {"c1": 5}
