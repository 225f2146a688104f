"""The home page of staff: which tests are sat today, and how the server is."""

from typing import Any

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer

HOUR_MS = 3_600_000


async def _store(server: RunningServer, test_id: str, title: str, **rules: Any) -> None:
    content = exam()
    body = content | {"title": title, "rules": content["rules"] | rules}
    (await server.call("PUT", f"/tests/{test_id}", server.service, body)).ok()


async def _rooms(server: RunningServer, token: str, query: str = "") -> dict[str, dict[str, Any]]:
    reply = (await server.call("GET", f"/rooms{query}", token)).ok()
    return {one["test_id"]: one for one in reply["rooms"]}


async def test_rooms_are_what_is_sat_in_a_span_of_time_with_everybody_counted_once(server: RunningServer) -> None:
    now_ms = server.clock.now_ms()
    await _store(server, "today", "Today", opens_at_ms=now_ms + HOUR_MS, closes_at_ms=now_ms + 3 * HOUR_MS)
    await _store(server, "later", "Later", opens_at_ms=now_ms + 30 * HOUR_MS)
    await _store(server, "over", "Over", opens_at_ms=now_ms - 9 * HOUR_MS, closes_at_ms=now_ms - 8 * HOUR_MS)
    for user_id in ("ada", "bob"):
        (await server.call("PUT", f"/people/{user_id}", server.service, {"name": user_id})).ok()
        for test_id in ("today", "over"):
            await server.call("PUT", "/enrolments", server.service, {"test_id": test_id, "user_id": user_id})
    assert await _rooms(server, server.instructor) == {}, "nobody sits anything now"
    day = f"?from_ms={now_ms - 10 * HOUR_MS}&until_ms={now_ms + 10 * HOUR_MS}"
    found = await _rooms(server, server.instructor, day)
    assert set(found) == {"over", "today"}
    assert (found["today"]["expected"], found["today"]["absent"]) == (2, 0)
    assert (found["over"]["expected"], found["over"]["absent"]) == (0, 2)

    # Whoever sits makes a room of a test without a window.
    await server.started("cy")
    await server.make_attempt("dan")
    sat = (await _rooms(server, server.instructor))[TEST]
    assert (sat["in_progress"], sat["waiting"], sat["ended"]) == (1, 1, 0)

    page = (await server.call("GET", f"/rooms{day}&limit=1", server.instructor)).ok()
    assert [one["test_id"] for one in page["rooms"]] == [TEST]
    assert set(await _rooms(server, server.instructor, f"{day}&after={page['next']}")) == {"today", "over"}
    assert (await server.call("GET", "/rooms?from_ms=2&until_ms=1", server.instructor)).code == Code.OUT_OF_RANGE
    assert (await server.call("GET", "/rooms?from_ms=2", server.instructor)).code == Code.MISSING_FIELD
    assert (await server.call("GET", "/rooms", server.token(Role.MARKER, "mia"))).code == Code.FORBIDDEN
    narrow = server.token(Role.INVIGILATOR, "ida", tests=["today"])
    assert set(await _rooms(server, narrow, day)) == {"today"}
    elsewhere = server.token(Role.INVIGILATOR, "ida", branches=["south"])
    assert (await _rooms(server, elsewhere, day))["today"]["expected"] == 0
    assert TEST not in await _rooms(server, elsewhere)


async def test_tests_are_searched_by_title_and_id_without_accents(server: RunningServer) -> None:
    await _store(server, "geo-1", "Géographie: Łódź", opens_at_ms=5, closes_at_ms=9)
    await _store(server, "geo-2", "Geography")

    async def found(query: str) -> list[str]:
        reply = (await server.call("GET", f"/tests?{query}", server.instructor)).ok()
        return [one["test_id"] for one in reply["tests"]]

    assert await found("search=GEOGRAPH") == ["geo-1", "geo-2"]
    assert await found("search=lodz%20geo") == ["geo-1"]
    assert await found("search=nothing") == []
    page = (await server.call("GET", "/tests?search=geo&limit=1", server.instructor)).ok()
    assert (page["tests"][0]["opens_at_ms"], page["tests"][0]["closes_at_ms"]) == (5, 9)
    assert await found(f"search=geo&limit=1&after={page['next']}") == ["geo-2"]
    # The newest version is what is listed, however often the list was read before.
    await _store(server, "geo-2", "Maths")
    assert await found("search=geography") == []


async def test_staff_read_how_the_server_is(server: RunningServer) -> None:
    state = (await server.call("GET", "/server", server.token(Role.INVIGILATOR, "ida"))).ok()
    assert (state["missing"], state["relay"], state["upgrade"]) == ([], True, False)
    server.node.draining = True
    assert (await server.call("GET", "/server", server.instructor)).ok()["missing"] == ["draining"]
    assert (await server.call("GET", "/server", server.token(Role.MARKER, "mia"))).code == Code.FORBIDDEN
