"""The waiting room, cancelled attempts that are reinstated, and who was absent, at real servers."""

import pytest

from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import HOUR_MS, RunningServer

MINUTE = 60_000


async def staff(server: RunningServer, attempt_id: str, what: str, **body: object) -> str | None:
    """The refusal of a staff command; None: it was carried out."""
    reply = await server.call("POST", f"/test-attempts/{attempt_id}/{what}", server.instructor, body)
    return None if reply.status == 200 else reply.code


async def test_she_waits_on_the_open_page_until_staff_let_her_in(server: RunningServer) -> None:
    await server.make_test(waiting_room=True)
    attempt_id = await server.make_attempt()
    monitor = await server.watch()
    socket = await server.sit(attempt_id)
    await socket.send("start", n=1, client_at_ms=0)
    assert (await socket.until("refused"))["code"] == Code.WAITING
    await monitor.send("admit", command_id="c", attempt_id=attempt_id, reason="")
    await monitor.until("done")
    offer = await socket.until("offer")
    assert offer["hindrances"] == []
    await socket.send("start", n=2, client_at_ms=0)
    assert (await socket.until("state"))["state"]["status"] in ("initiated", "in_progress")
    await socket.until("ack", n=2)


async def test_the_row_says_who_waits(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()

    async def admission() -> object:
        rows = (await server.call("GET", f"/tests/{TEST}/attempts", server.service)).ok()["attempts"]
        return rows[0]["admission"]

    assert await admission() is None
    await server.make_test(waiting_room=True)
    assert await admission() == "waiting"
    assert await staff(server, attempt_id, "admit") is None
    assert await admission() == "admitted"
    await server.make_test()
    assert await admission() is None
    assert await staff(server, attempt_id, "admit") == Code.NOT_WAITING


@pytest.mark.postgres
async def test_whoever_was_let_in_on_one_node_begins_on_the_other(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    await one.make_test(waiting_room=True)
    attempt_id = await one.make_attempt()
    path = f"/test-attempts/{attempt_id}"
    assert (await two.act("POST", f"{path}/start", two.token(), {})).code == Code.WAITING
    assert await staff(one, attempt_id, "admit") is None
    (await two.act("POST", f"{path}/start", two.token(), {})).ok()


# Cancelled


async def test_a_cancelled_attempt_counts_where_staff_say_so(server: RunningServer) -> None:
    attempt_id = await server.started()
    assert await staff(server, attempt_id, "cancel", reason="cheated", counts=True) is None
    reply = await server.call("POST", "/test-attempts", server.token(), {"test_id": TEST})
    assert reply.code == Code.ATTEMPT_LIMIT
    assert await staff(server, attempt_id, "reinstate", reason="she did not") is None
    state = await server.status(attempt_id)
    assert (state["status"], state["ended_as"]) == ("in_progress", None)


async def test_what_is_reinstated_is_never_a_second_open_attempt_nor_one_too_many(server: RunningServer) -> None:
    first = await server.started()
    assert await staff(server, first, "cancel", reason="void") is None
    second = await server.started()
    assert await staff(server, first, "reinstate", reason="back") == Code.ATTEMPT_OPEN
    (await server.call("POST", f"/test-attempts/{second}/complete", server.service, {})).ok()
    assert await staff(server, first, "reinstate", reason="back") == Code.ATTEMPT_LIMIT
    await server.make_test(max_attempts=2)
    assert await staff(server, first, "reinstate", reason="back") is None


async def test_the_open_page_hears_that_it_may_go_on(server: RunningServer) -> None:
    attempt_id = await server.started()
    socket = await server.sit(attempt_id)
    assert await staff(server, attempt_id, "cancel", reason="void") is None
    assert (await socket.until("state"))["state"]["status"] == "cancelled"
    server.pass_time(HOUR_MS // 2)
    assert await staff(server, attempt_id, "reinstate", reason="back", on_return=True) is None
    state = (await socket.until("state"))["state"]
    assert state["status"] == "in_progress", "she is there"
    await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
    await socket.until("ack", n=1)


async def test_whoever_only_looked_comes_back_and_her_clock_runs_from_then(server: RunningServer) -> None:
    attempt_id = await server.started()
    assert await staff(server, attempt_id, "cancel", reason="void") is None
    socket = await server.sit(attempt_id)
    server.pass_time(HOUR_MS // 2)
    assert await staff(server, attempt_id, "reinstate", reason="back", on_return=True) is None
    _, code = await socket.end()
    assert code == 4000
    assert (await server.status(attempt_id))["status"] == "paused"
    await server.sit(attempt_id)
    state = await server.status(attempt_id)
    assert state["status"] == "in_progress"
    assert state["clocks"][0]["deadline_ms"] > server.clock.now_ms()


# Absent


async def test_who_has_not_begun_is_absent_when_the_window_closes(server: RunningServer) -> None:
    closes_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test(closes_at_ms=closes_ms)
    sits, absent = await server.started("ada"), await server.make_attempt("bob")
    socket = await server.sit(absent, "bob")
    server.pass_time(HOUR_MS)
    await server.node.sweeper.find_absent()
    assert (await server.status(absent))["status"] == "initiated", "a start may be on its way"
    server.pass_time(1_000)
    await server.node.sweeper.find_absent()
    state = (await socket.until("state"))["state"]
    assert (state["status"], state["ended_as"], state["ended_at_ms"]) == ("absent", "absent", closes_ms)
    assert (await server.status(sits))["status"] != "absent"
    rows = (await server.call("GET", f"/tests/{TEST}/attempts", server.service)).ok()["attempts"]
    assert {row["attempt_id"]: row["status"] for row in rows}[absent] == "absent"
    assert "attempt.absent" in {topic for topic, _ in await server.told()}


async def test_a_longer_window_leaves_everybody_alone(server: RunningServer) -> None:
    now_ms = server.clock.now_ms()
    await server.make_test(closes_at_ms=now_ms + HOUR_MS)
    attempt_id = await server.make_attempt()
    await server.make_test(closes_at_ms=now_ms + 2 * HOUR_MS)
    server.pass_time(HOUR_MS + 5_000)
    await server.node.sweeper.find_absent()
    assert (await server.status(attempt_id))["status"] == "initiated"
    server.pass_time(HOUR_MS)
    await server.node.sweeper.find_absent()
    assert (await server.status(attempt_id))["status"] == "absent"


async def test_a_whole_room_that_did_not_come_is_found_page_by_page(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sweeper._BATCH", 4)
    closes_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test(closes_at_ms=closes_ms)
    attempts = [await server.make_attempt(f"user-{n}") for n in range(10)]
    server.pass_time(HOUR_MS + 5_000)
    await server.node.sweeper.find_absent()
    assert {(await server.status(one))["status"] for one in attempts} == {"absent"}
    assert await server.node.claims.tests_not_begun() == []


async def test_what_was_granted_while_it_was_void_holds_as_soon_as_it_is_reinstated(server: RunningServer) -> None:
    closes_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test(closes_at_ms=closes_ms)
    absent, void = await server.make_attempt("ada"), await server.started("bob")
    assert await staff(server, void, "cancel", reason="a mistake") is None

    async def grant(user: str, **override: int) -> None:
        (await server.call("PUT", f"/people/{user}", server.service, {"name": user})).ok()
        path = f"/tests/{TEST}/overrides/users/{user}"
        (await server.call("PUT", path, server.service, {"override": override})).ok()

    await grant("bob", extra_time_ms=10 * MINUTE)
    assert await staff(server, void, "reinstate", reason="back") is None
    (clock,) = (await server.status(void))["clocks"]
    assert clock["deadline_ms"] - server.clock.now_ms() > 15 * MINUTE
    server.pass_time(HOUR_MS + 5_000)
    await server.node.sweeper.find_absent()
    assert await staff(server, absent, "reinstate", reason="the bus") == Code.WINDOW_CLOSED
    await grant("ada", closes_at_ms=closes_ms + HOUR_MS)
    assert await staff(server, absent, "reinstate", reason="the bus") is None
    (await server.act("POST", f"/test-attempts/{absent}/start", server.token(), {})).ok()


async def test_being_absent_uses_up_no_attempt(server: RunningServer) -> None:
    closes_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test(closes_at_ms=closes_ms)
    absent = await server.make_attempt()
    server.pass_time(HOUR_MS + 5_000)
    await server.node.sweeper.find_absent()
    assert await staff(server, absent, "reinstate", reason="the bus") == Code.WINDOW_CLOSED
    await server.make_test(closes_at_ms=closes_ms + HOUR_MS)
    made = (await server.call("POST", "/test-attempts", server.token(), {"test_id": TEST})).ok()
    assert (made["created"], made["attempt_number"]) == (True, 2)
    assert await staff(server, absent, "reinstate", reason="the bus") == Code.ATTEMPT_OPEN
    found = await server.node.attempts.of_user(ORG, TEST, "ada")
    assert [one.counts for one in found] == [False, True]
