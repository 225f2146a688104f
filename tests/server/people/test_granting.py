"""Open attempts follow what their candidates are granted: at once, on every node, and when they are loaded."""

import asyncio
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pytest

from protocol.attempt.model import Accommodation
from protocol.codes import Code
from protocol.override import Override
from server.relay.frames import PeopleChanged, encode
from storage.overrides import EVERY_TEST, Candidate, Granted, Overrides, Who
from storage.people import GROUP, USER, People
from storage.people_revisions import PeopleRevisions
from tests.server.conftest import Pair
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
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


async def test_what_was_granted_after_the_end_adds_nothing_to_the_time_of_a_reopening(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await put(server, "/people/ada", {"name": "Ada"})
    override = {"extra_time_ms": 3 * TEN}
    await put(server, f"/tests/{TEST}/overrides/users/ada", {"override": override})
    reopened = {"left_ms": 5 * MINUTE_MS, "reason": "handed in by mistake", "on_return": False}
    (await server.call("POST", f"{path}/reopen", server.instructor, reopened)).ok()
    before = await whole_ms(server, attempt_id)
    await put(server, f"/tests/{TEST}/overrides/users/ada", {"override": override | {"extra_attempts": 1}})
    (await server.call("POST", f"{path}/accommodate", server.instructor, {"reason": "follow"})).ok()
    assert await whole_ms(server, attempt_id) == before
    await put(server, f"/tests/{TEST}/overrides/users/ada", {"override": {"extra_time_ms": 4 * TEN}})
    await reaches(server, attempt_id, before + TEN)


class Looks:
    """Whose grants a node has looked at, look by look. While `gate` is shut, looks wait there."""

    def __init__(self, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._one_more = asyncio.Event()
        overrides = server.node.overrides
        inner = overrides.accommodations

        async def look(org_id: str, candidates: Iterable[Candidate]) -> dict[Candidate, Accommodation]:
            page = list(candidates)
            self.at.append(sorted(one.user_id for one in page))
            self._one_more.set()
            found = await inner(org_id, page)
            await self.gate.wait()
            return found

        monkeypatch.setattr(overrides, "accommodations", look)

    async def come(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.at) < number:
                self._one_more.clear()
                await self._one_more.wait()


async def sitting(server: RunningServer, *users: str) -> list[str]:
    for user in users:
        await put(server, f"/people/{user}", {"name": user})
    return [await server.started(user) for user in users]


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes look only when they are asked to. A look by the clock between a change and the news of it follows
    everybody."""
    monkeypatch.setattr("server.housekeeping._PEOPLE_EVERY_S", 3_600.0)


async def followed(*servers: RunningServer) -> None:
    """Returns when each node has heard of every change, and nobody is left to follow one."""
    newest = (await PeopleRevisions(servers[0].node.database).of([ORG]))[ORG]
    grantings = [server.node.granting for server in servers]
    await eventually(
        lambda: all(one._known[ORG].revision == newest and not one._following and not one._walking for one in grantings)
    )


@pytest.mark.usefixtures("unasked")
async def test_a_change_has_a_node_look_at_those_alone_whom_it_is_about(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the node that made it and on every other one, at once and later, when each looks by itself."""
    one, two = pair
    ada, bob, cy = await sitting(one, "ada", "bob", "cy")
    async with await one.sit(ada), await one.sit(bob, user="bob"), await two.sit(cy, user="cy"):
        for node in (one.node, two.node):
            await node.granting.look()
        here, there = Looks(one, monkeypatch), Looks(two, monkeypatch)
        await put(two, f"/tests/{TEST}/overrides/users/ada", {"override": {"extra_time_ms": MINUTE_MS}})
        # Before the next change: what comes while a node follows one is followed together.
        await followed(one, two)
        await put(two, "/groups/room", {"title": "Room 1"})
        await put(two, "/groups/room/members/bob")
        await followed(one, two)
        await put(two, f"/tests/{TEST}/overrides/groups/room", {"override": {"extra_time_ms": MINUTE_MS}})
        await followed(one, two)
        await put(one, "/groups/room/members/cy")
        await followed(one, two)
        for node in (one.node, two.node):
            await node.granting.look()
        # Whoever makes a change also loads the attempts that no node has in memory.
        about = [users for users in here.at if users != ["cy"]]
        assert [users for users, _ in groupby(about)] == [["ada"], ["bob"]]
        assert ["cy"] in there.at
        assert all(len(users) == 1 for users in here.at + there.at)


@pytest.mark.usefixtures("unasked")
async def test_what_changes_during_a_look_is_looked_at_together(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sitting(server, "ada", "bob", "cy", "dee")
    await server.node.granting.look()
    looks = Looks(server, monkeypatch)
    looks.gate.clear()
    for user in ("ada", "bob", "cy", "bob"):
        path = f"/tests/{TEST}/overrides/users/{user}"
        await put(server, path, {"override": {"extra_time_ms": MINUTE_MS * (len(looks.at) + 1)}})
        await looks.come(1)
    looks.gate.set()
    await looks.come(2)
    await server.node.granting.look()
    assert looks.at == [["ada"], ["bob", "cy"]]


@pytest.mark.usefixtures("unasked")
async def test_extra_time_for_a_room_that_comes_at_once_has_nobody_looked_at(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sitting(server, "ada", "bob")
    await server.node.granting.look()
    for user in ("cy", "dee"):
        body = {"test_id": TEST, "user_id": user, "extra_time_ms": MINUTE_MS}
        (await server.call("POST", "/test-attempts", server.service, body)).ok()
    looks = Looks(server, monkeypatch)
    await server.node.granting.look()
    assert looks.at == []


@pytest.mark.usefixtures("unasked")
async def test_an_attempt_that_was_being_read_during_the_change_follows_too(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had read was older than the change, and it was not at hand yet when the others followed."""
    attempt_id = await server.started()
    await server.node.granting.look()
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    server.node.registry.forget(live)
    looks = Looks(server, monkeypatch)
    looks.gate.clear()
    coming = asyncio.create_task(server.node.registry.get(attempt_id))
    await looks.come(1)
    granted = Granted(Who(USER, "ada"), TEST, Override(extra_time_ms=MINUTE_MS), 1, "cli", "")
    revision = await server.node.overrides.put(ORG, granted)
    # As if another node had made it.
    server.node.granting.hear(encode(PeopleChanged("other", ORG, revision, (Who(USER, "ada"),), TEST)))
    looks.gate.set()
    assert await coming is not None
    await reaches(server, attempt_id, TEN + MINUTE_MS)
    await server.node.granting.look()


async def test_candidates_grant_themselves_nothing(server: RunningServer) -> None:
    await room_with(server, extra_time_ms=MINUTE_MS)
    await put(server, "/groups/room/members/ada")
    body = {"test_id": TEST, "extra_time_ms": 0}
    (await server.call("POST", "/test-attempts", server.token(), body)).ok()
    assert len((await server.call("GET", f"/tests/{TEST}/overrides", server.instructor)).ok()["overrides"]) == 1
