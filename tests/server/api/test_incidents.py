"""An outage of the server: who lost how much, proposed to staff, who give it back by an act on many."""

from sqlalchemy import insert, update

from protocol.attempt.model import Role
from protocol.codes import Code
from storage.schema import nodes
from tests.server.api.test_bulk import done
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer

MINUTE = 60_000


async def outage(server: RunningServer, from_ms: int, until_ms: int) -> None:
    """As if another node had been there until `from_ms`, and this one only since `until_ms`."""
    dead = {"name": "dead", "since_ms": from_ms - 60 * MINUTE, "seen_ms": from_ms, "speaks": 1}

    def work(connection: object) -> None:
        execute = connection.execute  # type: ignore[attr-defined]
        execute(update(nodes).where(nodes.c.name == server.node.name).values(since_ms=until_ms))
        execute(insert(nodes).values(dead))

    await server.node.database.write(work)


async def test_staff_give_back_what_an_outage_took(server: RunningServer) -> None:
    ada, bob = await server.started("ada"), await server.started("bob")
    await server.make_attempt("cy")
    began_ms = server.clock.now_ms()
    path = f"/tests/{TEST}/incidents"
    empty = (await server.call("GET", path, server.instructor)).ok()
    assert (empty["incidents"], empty["lost"], empty["next"]) == ([], [], None)

    # Long before now, so that the node of then is known to be dead.
    await outage(server, began_ms - 40 * MINUTE, began_ms - 30 * MINUTE)
    found = (await server.call("GET", path, server.instructor)).ok()
    assert [one["until_ms"] - one["from_ms"] for one in found["incidents"]] == [10 * MINUTE]
    assert found["lost"] == [], "nobody sat then"

    await server.advance(8 * MINUTE)
    await server.node.database.write(lambda connection: connection.execute(nodes.delete()).close())
    await server.node.fleet.beat()
    await outage(server, began_ms - 60 * MINUTE, began_ms + 3 * MINUTE)
    token = server.token(Role.INVIGILATOR, "ian")
    found = (await server.call("GET", path, token)).ok()
    lost = {one["user_id"]: one for one in found["lost"]}
    assert {name: round(one["lost_ms"] / MINUTE) for name, one in lost.items()} == {"ada": 3, "bob": 3}
    assert all(one["given_ms"] == 0 and not one["connected"] for one in lost.values())

    before = {one: (await server.status(one))["clocks"][0]["deadline_ms"] for one in (ada, bob)}
    order = {"t": "extend", "add_ms": 3 * MINUTE, "reason": "The server was away.", "seen_ms": found["now_ms"]}
    attempt_ids = [one["attempt_id"] for one in lost.values()]
    assert (await done(server, order, attempt_ids=attempt_ids))["done"] == 2
    # Another one had looked at the same time.
    second = await done(server, order, bulk_id="by-ian", token=token, attempt_ids=attempt_ids)
    assert set(second["targets"].values()) == {Code.ACTED_MEANWHILE}
    for one in (ada, bob):
        assert (await server.status(one))["clocks"][0]["deadline_ms"] == before[one] + 3 * MINUTE
    again = (await server.call("GET", path, token)).ok()["lost"]
    assert {one["given_ms"] for one in again} == {3 * MINUTE}, "nobody gives it twice by mistake"


async def test_who_may_see_it(server: RunningServer) -> None:
    path = f"/tests/{TEST}/incidents"
    assert (await server.call("GET", path, server.token(Role.MARKER, "mia"))).code == Code.FORBIDDEN
    assert (await server.call("GET", path, server.token(Role.INSTRUCTOR, "x", org="y"))).code == Code.NOT_FOUND
