"""Open attempts follow what their candidates are granted: at once, on every node, and when they are loaded."""

import asyncio
from typing import Any

from protocol.codes import Code
from protocol.rules.overrides import Override
from storage.overrides import EVERY_TEST, Granted, Overrides, Who
from storage.people import GROUP, USER, People
from tests.server.conftest import Pair
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import RunningServer
from tests.services.patience import PATIENCE_S

MINUTE_MS = 60_000
TEN = 10 * MINUTE_MS
"""What the test gives."""


async def put(server: RunningServer, path: str, body: Any = None) -> Any:
    return (await server.call("PUT", path, server.instructor, body or {})).ok()


async def room_with(server: RunningServer, **override: Any) -> None:
    """A group that is granted this at the test, without members."""
    await put(server, "/groups/room", {"title": "Room 1"})
    await put(server, f"/tests/{TEST}/overrides/groups/room", {"override": override})


async def whole_ms(server: RunningServer, attempt_id: str) -> int:
    """From the start to the deadline, as this node has it."""
    state = (await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token())).ok()["state"]
    return int(state["clocks"][0]["deadline_ms"]) - int(state["started_at_ms"])


async def reaches(server: RunningServer, attempt_id: str, ms: int) -> None:
    """Waits until the attempt has so much time in all."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await whole_ms(server, attempt_id) == ms:
                return
            await asyncio.sleep(0.02)


async def kinds(server: RunningServer, attempt_id: str) -> list[tuple[str, str, str]]:
    """(kind, role, id) of each record after the start."""
    page = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)).ok()["entries"]
    return [(one["kind"], one["role"], one["by"]) for one in page if one["seq"] > 2]


async def test_who_joins_a_group_in_mid_exam_has_its_extra_time_at_once(server: RunningServer) -> None:
    await room_with(server, extra_time_ms=5 * MINUTE_MS)
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await put(server, "/groups/room/members/ada")
        offer = await socket.until("offer")
        assert offer["duration_ms"] == TEN + 5 * MINUTE_MS
        state = (await socket.until("state"))["state"]
        assert state["clocks"][0]["deadline_ms"] - state["started_at_ms"] == TEN + 5 * MINUTE_MS
        # Leaving it takes nothing from a clock that runs.
        (await server.call("DELETE", "/groups/room/members/ada", server.instructor)).ok()
    assert await whole_ms(server, attempt_id) == TEN + 5 * MINUTE_MS
    said = [one for one in await kinds(server, attempt_id) if one[0] == "accommodated"]
    assert said == [("accommodated", "system", "override")]


async def test_before_the_start_leaving_a_group_takes_what_it_gave(server: RunningServer) -> None:
    await room_with(server, extra_time_permille=500)
    await put(server, "/groups/room/members/ada")
    attempt_id = await server.make_attempt()
    (await server.call("DELETE", "/groups/room/members/ada", server.instructor)).ok()
    (await server.call("POST", f"/test-attempts/{attempt_id}/start", server.service, {})).ok()
    assert await whole_ms(server, attempt_id) == TEN


async def test_a_changed_override_reaches_the_members_on_every_node(pair: Pair) -> None:
    one, two = pair
    await room_with(one, extra_time_ms=MINUTE_MS)
    await put(one, "/groups/room/members/ada")
    attempt_id = await one.started()
    assert await whole_ms(one, attempt_id) == TEN + MINUTE_MS
    async with await one.sit(attempt_id) as socket:
        await put(two, f"/tests/{TEST}/overrides/groups/room", {"override": {"extra_time_ms": 3 * MINUTE_MS}})
        assert (await socket.until("offer"))["duration_ms"] == TEN + 3 * MINUTE_MS
        # Her own beats the group's, and what is stricter waits for staff.
        await put(two, "/people/ada", {"name": "Ada"})
        await put(two, f"/tests/{TEST}/overrides/users/ada", {"override": {"extra_time_ms": 2 * MINUTE_MS}})
        path = f"/test-attempts/{attempt_id}/accommodate"
        (await two.call("POST", path, two.instructor, {"may_shorten": True, "reason": "agreed"})).ok()
        await reaches(one, attempt_id, TEN + 2 * MINUTE_MS)


async def test_without_the_relay_a_node_looks_by_itself(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as socket:
        granted = Granted(Who(USER, "ada"), EVERY_TEST, Override(extra_time_ms=MINUTE_MS), 1, "cli", "")
        await Overrides(two.node.database).put(ORG, granted)
        assert (await socket.until("offer"))["duration_ms"] == TEN + MINUTE_MS


async def test_without_the_relay_the_start_itself_finds_it(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    attempt_id = await one.make_attempt()
    async with await one.sit(attempt_id) as socket:
        granted = Granted(Who(USER, "ada"), TEST, Override(extra_time_ms=MINUTE_MS), 1, "cli", "")
        await Overrides(two.node.database).put(ORG, granted)
        await socket.send("start", n=1, client_at_ms=0, access_code=None)
        state = (await socket.until("state"))["state"]
        while not state["clocks"]:
            state = (await socket.until("state"))["state"]
        assert state["clocks"][0]["deadline_ms"] - state["started_at_ms"] == TEN + MINUTE_MS


async def test_an_attempt_that_nobody_has_in_memory_follows_before_it_is_closed(server: RunningServer) -> None:
    """Also if its deadline has passed when somebody looks: it had been given more time before that."""
    attempt_id = await server.started()
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.registry.forget(live)
    granted = Granted(Who(USER, "ada"), TEST, Override(extra_time_ms=MINUTE_MS), 1, "cli", "")
    await Overrides(server.node.database).put(ORG, granted)
    server.clock.advance(TEN + MINUTE_MS // 2)
    await server.node.sweeper.sweep()
    assert await whole_ms(server, attempt_id) == TEN + MINUTE_MS
    assert [one[0] for one in await kinds(server, attempt_id)] == ["accommodated"]


async def test_a_group_in_the_tables_alone_counts_from_the_making_on(server: RunningServer) -> None:
    people = People(server.node.database)
    await people.put_group(ORG, "room", "Room")
    await people.join(ORG, "room", "ada")
    granted = Granted(Who(GROUP, "room"), EVERY_TEST, Override(extra_time_ms=MINUTE_MS, extra_attempts=1), 1, "x", "")
    await Overrides(server.node.database).put(ORG, granted)
    attempt_id = await server.started()
    assert await whole_ms(server, attempt_id) == TEN + MINUTE_MS
    assert await kinds(server, attempt_id) == []
    body = {"test_id": TEST, "user_id": "ada"}
    (await server.call("POST", f"/test-attempts/{attempt_id}/complete", server.service, {})).ok()
    further = (await server.call("POST", "/test-attempts", server.service, body)).ok()["attempt_id"]
    for name in ("start", "complete"):
        (await server.call("POST", f"/test-attempts/{further}/{name}", server.service, {})).ok()
    assert (await server.call("POST", "/test-attempts", server.service, body)).code == Code.ATTEMPT_LIMIT


async def test_extra_time_by_either_call_is_the_candidates_own_override(server: RunningServer) -> None:
    attempt_id = await server.make_attempt(extra_time_ms=2 * MINUTE_MS)
    path = f"/tests/{TEST}/overrides"

    async def own() -> dict[str, Any]:
        (found,) = (await server.call("GET", path, server.instructor)).ok()["overrides"]
        assert (found["user_id"], found["test_id"]) == ("ada", TEST)
        return dict(found["override"])

    assert await own() == {"extra_time_ms": 2 * MINUTE_MS}
    await server.make_attempt(extra_time_ms=3 * MINUTE_MS)
    assert await own() == {"extra_time_ms": 3 * MINUTE_MS}
    (await server.call("POST", f"/test-attempts/{attempt_id}/start", server.service, {})).ok()
    accommodate = f"/test-attempts/{attempt_id}/accommodate"
    (await server.call("POST", accommodate, server.instructor, {"extra_time_ms": 4 * MINUTE_MS})).ok()
    assert await own() == {"extra_time_ms": 4 * MINUTE_MS}
    refused = await server.call("POST", accommodate, server.instructor, {"extra_time_ms": MINUTE_MS})
    assert refused.code == Code.WOULD_SHORTEN
    assert await own() == {"extra_time_ms": 4 * MINUTE_MS}, "what is refused changes nothing"
    shorter = {"extra_time_ms": MINUTE_MS, "may_shorten": True, "command_id": "less"}
    for _ in range(2):
        (await server.call("POST", accommodate, server.instructor, shorter)).ok()
        assert await own() == {"extra_time_ms": MINUTE_MS}
    assert await whole_ms(server, attempt_id) == TEN + MINUTE_MS


async def test_candidates_grant_themselves_nothing(server: RunningServer) -> None:
    await room_with(server, extra_time_ms=MINUTE_MS)
    await put(server, "/groups/room/members/ada")
    body = {"test_id": TEST, "extra_time_ms": 0}
    (await server.call("POST", "/test-attempts", server.token(), body)).ok()
    assert len((await server.call("GET", f"/tests/{TEST}/overrides", server.instructor)).ok()["overrides"]) == 1
