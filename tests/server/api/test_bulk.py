"""Acts on many attempts: whom they reach, what each is told, and what nobody can make them do twice."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rules.bulk import command_id_of
from storage.sorting import Sorting
from tests.server.conftest import StartServer
from tests.server.harness.clock import StillClock
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import HOUR_MS, Reply, RunningServer
from tests.server.test_sections import make as make_sections
from tests.services.patience import PATIENCE_S

PAUSE = {"t": "pause", "reason": "fire alarm"}
ALL: dict[str, Any] = {}


async def give(server: RunningServer, order: dict[str, Any], token: str | None = None, **wanted: Any) -> Reply:
    body = {"bulk_id": "b", "order": order, **wanted}
    return await server.call("POST", f"/tests/{TEST}/bulk", token or server.instructor, body)


async def report(server: RunningServer, bulk_id: str = "b", token: str | None = None) -> dict[str, Any]:
    """The act, once it has ended, with its attempts by the names of their candidates."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            page = (await server.call("GET", f"/bulk/{bulk_id}", token or server.instructor)).ok()
            if page["act"]["status"] == "ended":
                told = {one["user_id"]: one["code"] or one["outcome"] for one in page["targets"]}
                return {**page["act"], "targets": told}
            await asyncio.sleep(0.02)


async def done(server: RunningServer, order: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    """Gives it, and waits until it has ended."""
    assert (await give(server, order, **wanted)).status == 202
    return await report(server, wanted.get("bulk_id", "b"))


async def left_out(server: RunningServer, bulk_id: str = "b") -> list[str]:
    reply = await server.call("GET", f"/bulk/{bulk_id}/left-out", server.instructor)
    return [one["user_id"] for one in reply.ok()["left_out"]]


async def test_each_attempt_is_answered_for_itself(server: RunningServer) -> None:
    ada, bob = await server.started("ada"), await server.started("bob")
    cy, dee = await server.make_attempt("cy"), await server.started("dee")
    (await server.call("POST", f"/test-attempts/{dee}/complete", server.service, {})).ok()
    reply = (await give(server, PAUSE, filter=ALL)).body
    assert (reply["command"], reply["reason"], reply["by"], reply["role"]) == (
        "pause",
        "fire alarm",
        "grace",
        "instructor",
    )
    said = await report(server)
    assert (said["total"], said["done"], said["refused"]) == (4, 2, 2)
    assert said["targets"] == {"ada": "done", "bob": "done", "cy": "not_started", "dee": "already_submitted"}
    for attempt_id in (ada, bob):
        assert (await server.status(attempt_id))["status"] == "paused"
    assert (await server.status(cy))["status"] == "initiated"
    refused = (await server.call("GET", "/bulk/b?refused=1", server.instructor)).ok()["targets"]
    assert sorted(one["user_id"] for one in refused) == ["cy", "dee"]
    assert all(one["detail"] for one in refused)
    live = await server.node.registry.get(ada)
    assert live is not None
    assert command_id_of("b", ada) in live.committed.commands, "the act's own id, for each attempt"
    listed = (await server.call("GET", f"/tests/{TEST}/bulk", server.instructor)).ok()["acts"]
    assert [one["bulk_id"] for one in listed] == ["b"]


async def test_the_same_id_again_is_the_same_act(server: RunningServer) -> None:
    ada = await server.started("ada")
    extend = {"t": "extend", "add_ms": 60_000}
    before = (await server.status(ada))["clocks"][0]["deadline_ms"]
    assert (await done(server, extend, filter=ALL))["done"] == 1
    await server.started("bob")
    again = await give(server, extend, filter=ALL)
    assert (again.status, again.body["total"], again.body["status"]) == (202, 1, "ended")
    assert (await server.status(ada))["clocks"][0]["deadline_ms"] == before + 60_000
    for order, token in ((PAUSE, None), (extend, server.token(Role.INSTRUCTOR, "someone"))):
        assert (await give(server, order, token, filter=ALL)).code == Code.COMMAND_REUSED
    both = await asyncio.gather(*(give(server, PAUSE, bulk_id="c", filter=ALL) for _ in range(5)))
    assert {reply.status for reply in both} == {202}
    assert (await report(server, "c"))["targets"] == {"ada": "done", "bob": "done"}


async def test_what_lay_on_the_way_for_too_long_is_not_done(start_server: StartServer) -> None:
    clock = StillClock()
    server = await start_server(clock=clock)
    await server.make_test()
    attempt_id = await server.started()
    path, until_ms = f"/tests/{TEST}/bulk", clock.now_ms() + 5_000
    act = {"order": {"t": "pause"}, "attempt_ids": [attempt_id], "until_ms": until_ms}
    clock.advance(4_999)
    (await server.call("POST", path, server.instructor, {"bulk_id": "in-time", **act})).ok()
    for ms in (1, 1):
        clock.advance(ms)
        assert (await server.call("POST", path, server.instructor, {"bulk_id": "late", **act})).code == Code.TOO_LATE
    # What was given in time is known for good, and what is given again is good for longer.
    (await server.call("POST", path, server.instructor, {"bulk_id": "in-time", **act})).ok()
    (await server.call("POST", path, server.instructor, {"bulk_id": "late", **act, "until_ms": until_ms + 5_000})).ok()
    (await server.call("POST", path, server.instructor, {"bulk_id": "late", **act})).ok()
    assert len((await server.call("GET", path, server.instructor)).ok()["acts"]) == 2


async def test_who_acts_on_what_she_has_seen_hears_of_whoever_acted_since(server: RunningServer) -> None:
    ada, bob = await server.started("ada"), await server.started("bob")
    seen_ms = server.clock.now_ms()
    more = {"t": "extend", "add_ms": 60_000, "seen_ms": seen_ms}
    ian = server.token(Role.INVIGILATOR, "ian")
    (await server.call("POST", f"/test-attempts/{ada}/extend", ian, {"add_ms": 60_000})).ok()
    said = await done(server, more, attempt_ids=[ada, bob])
    assert said["targets"] == {"ada": Code.ACTED_MEANWHILE, "bob": "done"}
    (target,) = (await server.call("GET", "/bulk/b?refused=1", server.instructor)).ok()["targets"]
    assert "ian (invigilator) gave more time (1 min)" in target["detail"]
    # The same act again is the same act, and one's own is none of another's.
    assert (await done(server, more, attempt_ids=[ada, bob]))["targets"] == said["targets"]
    assert (await done(server, more, bulk_id="c", attempt_ids=[bob]))["done"] == 1
    assert (await done(server, {**more, "seen_ms": None}, bulk_id="d", attempt_ids=[ada]))["done"] == 1


async def test_acts_on_a_test_follow_one_another(server: RunningServer) -> None:
    attempts = [await server.started(f"user-{number:02}") for number in range(25)]
    sitting = {"statuses": ["in_progress", "paused"]}
    for bulk_id, order in (("1", PAUSE), ("2", {"t": "resume"}), ("3", PAUSE)):
        assert (await give(server, order, bulk_id=bulk_id, filter=sitting)).status == 202
    for bulk_id in "123":
        assert (await report(server, bulk_id))["refused"] == 0
    assert {(await server.status(one))["status"] for one in attempts} == {"paused"}


async def test_whoever_would_match_but_came_later_is_named(server: RunningServer) -> None:
    await server.started("ada")
    bob = await server.make_attempt("bob")
    assert (await done(server, {"t": "message", "text": "Leave."}, filter={"statuses": ["in_progress"]}))["total"] == 1
    assert await left_out(server) == []
    (await server.call("POST", f"/test-attempts/{bob}/start", server.service, {})).ok()
    assert await left_out(server) == ["bob"]
    assert (await server.call("GET", "/bulk/b/left-out", server.token(Role.INSTRUCTOR, "x", org="y"))).status == 404


async def test_who_was_erased_is_not_said_to_have_been_left_out(server: RunningServer) -> None:
    ada = await server.started("ada")
    await server.started("bob")
    assert (await done(server, {"t": "message", "text": "Leave."}, filter=ALL))["done"] == 2
    (await server.call("POST", f"/test-attempts/{ada}/complete", server.service, {})).ok()
    (await server.call("DELETE", "/users/ada", server.service)).ok()
    await server.started("cy")
    assert await left_out(server) == ["cy"]


async def test_attempts_that_are_named_and_that_the_caller_may_not_see(server: RunningServer) -> None:
    north = str((await _make(server, "ada", branches=["north"])).ok()["attempt_id"])
    south = str((await _make(server, "bob", branches=["south"])).ok()["attempt_id"])
    await server.make_test("other")
    elsewhere = await server.make_attempt("cy", test_id="other")
    nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
    token = server.token(Role.INSTRUCTOR, "grace", branches=["north"])
    message = {"t": "message", "text": "Hello"}
    assert (await give(server, message, token, attempt_ids=[north, south, elsewhere, nobody])).status == 202
    said = await report(server, token=token)
    assert (said["done"], said["refused"]) == (1, 3)
    assert said["targets"] == {"ada": "done", "": Code.NOT_FOUND}, "nobody's name is told who may not be seen"
    for wanted in ({"bulk_id": "c", "filter": ALL}, {"bulk_id": "d", "filter": {"branches": ["north", "south"]}}):
        assert (await give(server, message, token, **wanted)).body["total"] == 1
    for other in (
        server.token(Role.INSTRUCTOR, "hana", branches=["south"]),
        server.token(Role.INSTRUCTOR, "hana", tests=["other"]),
        server.token(Role.INSTRUCTOR, "grace", org="elsewhere"),
    ):
        assert (await server.call("GET", "/bulk/b", other)).code == Code.NOT_FOUND
    for token in (
        server.token(Role.INVIGILATOR, "ian"),
        server.token(Role.INVIGILATOR, "ian", tests=[TEST]),
    ):
        assert (await server.call("GET", "/bulk/b", token)).ok()["act"]["total"] == 4


async def _make(server: RunningServer, user: str, **limit: Any) -> Reply:
    token = server.token(Role.SERVICE, "platform", **limit)
    return await server.call("POST", "/test-attempts", token, {"test_id": TEST, "user_id": user})


async def test_what_is_refused_as_a_whole(server: RunningServer) -> None:
    await server.started("ada")
    invigilator = server.token(Role.INVIGILATOR, "ian")
    cancel = {"t": "cancel", "reason": "x"}
    unseen = {"t": "grant_attempt"}
    for order, token, wanted, code in (
        (cancel, invigilator, {"filter": ALL}, Code.FORBIDDEN),
        (unseen, invigilator, {"filter": ALL}, Code.FORBIDDEN),
        (PAUSE, server.token(Role.MARKER, "mia"), {"filter": ALL}, Code.FORBIDDEN),
        (PAUSE, None, {}, Code.MISSING_FIELD),
        (PAUSE, None, {"attempt_ids": ["x"]}, Code.INVALID_ID),
        (PAUSE, None, {"attempt_ids": []}, Code.OUT_OF_RANGE),
        (PAUSE, None, {"filter": {"statuses": ["sleeping"]}}, Code.OUT_OF_RANGE),
        (PAUSE, None, {"filter": {"statuses": ["completed"]}}, Code.NOBODY_FITS),
        (PAUSE, None, {"filter": {"colour": "red"}}, Code.UNKNOWN_FIELD),
        (PAUSE, None, {"bulk_id": " x", "filter": ALL}, Code.INVALID_ID),
        ({"t": "cancel"}, None, {"filter": ALL}, Code.REASON_REQUIRED),
        ({"t": "warn", "reason": "\u200b"}, None, {"filter": ALL}, Code.REASON_REQUIRED),
        ({"t": "message", "text": " \u200b"}, None, {"filter": ALL}, Code.OUT_OF_RANGE),
        ({"t": "message", "text": "\0"}, None, {"filter": ALL}, Code.OUT_OF_RANGE),
        ({"t": "explode"}, None, {"filter": ALL}, Code.WRONG_TYPE),
        ({"t": "extend", "add_ms": -1}, None, {"filter": ALL}, Code.OUT_OF_RANGE),
        (PAUSE, server.token(Role.INSTRUCTOR, "grace", org="elsewhere"), {"filter": ALL}, Code.NOT_FOUND),
    ):
        reply = await give(server, order, token, **wanted)
        assert reply.code == code, (order, wanted)
    assert (await server.call("GET", f"/tests/{TEST}/bulk", server.instructor)).ok()["acts"] == []
    assert (await server.call("GET", "/bulk/b", server.instructor)).code == Code.NOT_FOUND


async def test_filters(server: RunningServer) -> None:
    await server.make_test(waiting_room=True)
    hand = await server.make_attempt("hand")
    await server.make_attempt("waits")
    admitted = await server.make_attempt("admitted")
    (await server.call("POST", f"/test-attempts/{admitted}/admit", server.instructor, {})).ok()
    body = {"n": 1, "raised": True, "client_at_ms": 0}
    (await server.act("PUT", f"/test-attempts/{hand}/hand", server.token(user="hand"), body)).ok()
    (await _make(server, "north", branches=["north"])).ok()
    for group_id in ("room-1", "room-2"):
        (await server.call("PUT", f"/groups/{group_id}", server.service, {"title": "A room"})).ok()
    (await server.call("PUT", "/people/waits", server.service, {"name": "Waits"})).ok()
    (await server.call("PUT", "/groups/room-1/members/waits", server.service, {})).ok()
    async with await server.sit(admitted, "admitted"):
        for wanted, whom in (
            ({"hand_raised": True}, ["hand"]),
            ({"waiting": True}, ["hand", "north", "waits"]),
            ({"branches": ["north"]}, ["north"]),
            ({"groups": ["room-1"]}, ["waits"]),
            ({"groups": ["room-1", "room-2"], "waiting": True}, ["waits"]),
            ({"connection": "online"}, ["admitted", "hand"]),
            ({"connection": "offline"}, ["north", "waits"]),
            ({"connection": "offline", "waiting": True, "branches": ["north"]}, ["north"]),
            ({"statuses": ["initiated"]}, ["admitted", "hand", "north", "waits"]),
            (ALL, ["admitted", "hand", "north", "waits"]),
        ):
            bulk_id = str(wanted)
            assert (await give(server, {"t": "message", "text": "x"}, bulk_id=bulk_id, filter=wanted)).status == 202
            page = await server.node.bulk_acts.targets(ORG, bulk_id, Sorting(), 10)
            assert sorted(str(one.user_id) for one in page) == whom, wanted
    assert (await give(server, PAUSE, bulk_id="none", filter={"groups": ["room-2"]})).code == Code.NOBODY_FITS


async def test_a_filter_by_section(server: RunningServer) -> None:
    await make_sections(server)
    await server.started("ada")
    await server.make_attempt("bob")
    page = (await server.call("GET", f"/tests/{TEST}/attempts", server.service)).ok()["attempts"]
    (section_id,) = {row["section_id"] for row in page} - {None}
    assert (await done(server, PAUSE, filter={"sections": [section_id]}))["targets"] == {"ada": "done"}


async def test_monitors_see_how_far_it_is(server: RunningServer) -> None:
    for number in range(12):
        token = server.token(Role.SERVICE, "platform", branches=["north"])
        body = {"test_id": TEST, "user_id": f"user-{number:02}"}
        (await server.call("POST", "/test-attempts", token, body)).ok()
    south = await server.socket(f"/ws/monitor/{TEST}")
    await south.hello(server.token(Role.INVIGILATOR, "hana", branches=["south"]))
    await south.until("roster")
    wall = await server.socket(f"/ws/monitor/{TEST}")
    await wall.hello(server.token(Role.INVIGILATOR, "wall", tests=[TEST]))
    await wall.until("roster")
    async with await server.watch() as monitor, south, wall:
        assert (await give(server, {"t": "message", "text": "Hello"}, filter=ALL)).status == 202
        ended = await monitor.until("bulk", ended=True)
        assert ended == {
            "t": "bulk",
            "bulk_id": "b",
            "command": "message",
            "by": "grace",
            "role": "instructor",
            "total": 12,
            "done": 12,
            "refused": 0,
            "ended": True,
        }
        assert await wall.until("bulk", ended=True) == ended, "whoever sees this test alone sees all whom it is for"
        told = [one["done"] for one in monitor.skipped if one["t"] == "bulk"]
        assert told[0] == 0
        assert told == sorted(told)
        await south.send("beat", t0_ms=1)
        await south.until("echo")
        assert not [one for one in south.skipped if one["t"] == "bulk"], "it reached nobody whom she may see"


async def test_it_is_in_the_audit_log(server: RunningServer) -> None:
    await server.started("ada")
    await done(server, PAUSE, filter=ALL)
    await give(server, PAUSE, filter=ALL)
    entries = (await server.call("GET", "/audit?kind=bulk_act", server.service)).ok()["entries"]
    (entry,) = entries
    assert (entry["by"], entry["role"]) == ("grace", "instructor")
    assert entry["entry"] == {
        "t": "bulk_act",
        "test_id": TEST,
        "command": "pause",
        "attempts": 1,
        "reason": "fire alarm",
    }


async def test_whoever_is_erased_is_in_no_act(server: RunningServer) -> None:
    ada, bob = await server.make_attempt("ada"), await server.make_attempt("bob")
    await done(server, {"t": "message", "text": "Dear Ada"}, attempt_ids=[ada])
    await done(server, {"t": "message", "text": "Hello"}, bulk_id="both", attempt_ids=[ada, bob])
    (await server.call("DELETE", "/users/ada", server.service)).ok()
    assert (await server.call("GET", "/bulk/b", server.instructor)).code == Code.NOT_FOUND
    assert (await report(server, "both"))["targets"] == {"bob": "done"}


async def test_a_further_attempt_is_granted_once_for_each_command(server: RunningServer) -> None:
    ada = await server.started("ada")
    (await server.call("POST", f"/test-attempts/{ada}/complete", server.service, {})).ok()
    body = {"test_id": TEST, "user_id": "ada"}
    assert (await server.call("POST", "/test-attempts", server.service, body)).code == Code.ATTEMPT_LIMIT
    path, grant = f"/test-attempts/{ada}/grant-attempt", {"command_id": "g", "reason": "The screen broke."}
    assert (await server.call("POST", path, server.token(Role.INVIGILATOR, "ian"), grant)).code == Code.FORBIDDEN
    for _ in range(2):
        granted = (await server.call("POST", path, server.instructor, grant)).ok()
        assert granted == {"command_id": "g", "test_id": TEST, "user_id": "ada", "extra_attempts": 1}
    override = (await server.call("GET", f"/tests/{TEST}/overrides", server.service)).ok()["overrides"]
    assert [(one["override"]["extra_attempts"], one["reason"]) for one in override] == [(1, "The screen broke.")]
    said = await done(server, {"t": "grant_attempt", "reason": "Again."}, filter=ALL)
    assert said["targets"] == {"ada": "done"}
    assert (await server.call("POST", path, server.instructor, {})).ok()["extra_attempts"] == 3
    other = await server.make_attempt("bob")
    reused = await server.call("POST", f"/test-attempts/{other}/grant-attempt", server.instructor, grant)
    assert reused.code == Code.COMMAND_REUSED
    made = (await server.call("POST", "/test-attempts", server.service, body)).ok()
    assert made["attempt_id"] != ada


async def test_no_further_attempt_is_granted_that_there_is_no_time_for(server: RunningServer) -> None:
    """The delay would end after the window: it is said, to one and of many, and nothing is granted."""
    now_ms = server.clock.now_ms()
    await server.make_test(closes_at_ms=now_ms + 2 * HOUR_MS, delay_first_ms=3 * HOUR_MS)
    ada = await server.started("ada")
    (await server.call("POST", f"/test-attempts/{ada}/complete", server.service, {})).ok()
    path, grant = f"/test-attempts/{ada}/grant-attempt", {"command_id": "g", "reason": "The screen broke."}
    for _ in range(2):
        refused = await server.call("POST", path, server.instructor, grant)
        assert refused.code == Code.ATTEMPT_DELAY
        assert "give her a longer one first" in refused.body["detail"]
    said = await done(server, {"t": "grant_attempt", "reason": "Again."}, filter=ALL)
    assert said["targets"] == {"ada": Code.ATTEMPT_DELAY}
    overrides = f"/tests/{TEST}/overrides"
    assert (await server.call("GET", overrides, server.service)).ok()["overrides"] == []
    window = {"override": {"closes_at_ms": now_ms + 6 * HOUR_MS}}
    (await server.call("PUT", f"{overrides}/users/ada", server.service, window)).ok()
    assert (await server.call("POST", path, server.instructor, grant)).ok()["extra_attempts"] == 1
    warnings = f"/tests/{TEST}/schedule-warnings"

    async def troubles() -> set[tuple[str, str | None]]:
        found = (await server.call("GET", warnings, server.instructor)).ok()["warnings"]
        return {(one["trouble"], one["user_id"]) for one in found}

    assert ("no_further_attempt", "ada") not in await troubles()
    again = {"override": {"extra_attempts": 1}}
    (await server.call("PUT", f"{overrides}/users/ada", server.service, again)).ok()
    assert ("no_further_attempt", "ada") in await troubles()


@pytest.mark.parametrize("extra", [999, 1_000])
async def test_nobody_is_granted_attempts_without_end(server: RunningServer, extra: int) -> None:
    ada = await server.make_attempt("ada")
    given = {"override": {"extra_attempts": extra}}
    (await server.call("PUT", f"/tests/{TEST}/overrides/users/ada", server.service, given)).ok()
    reply = await server.call("POST", f"/test-attempts/{ada}/grant-attempt", server.instructor, {})
    if extra == 999:
        assert reply.ok()["extra_attempts"] == 1_000
    else:
        assert reply.code == Code.INVALID_OVERRIDE
