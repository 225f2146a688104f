"""Terms that change while people wait and sit: by both ways in, on every node, and the open page is told at once."""

from typing import Any

import pytest

from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import Socket

MINUTE_MS = 60_000


def deadline_of(state: dict[str, Any]) -> int:
    return int(state["clocks"][0]["deadline_ms"])


async def store(server: RunningServer, **rules: Any) -> None:
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam(**rules) | {"title": "Mended"})).ok()


async def steer(server: RunningServer, attempt_id: str, name: str, **body: Any) -> Any:
    return await server.call("POST", f"/test-attempts/{attempt_id}/{name}", server.instructor, body)


async def ask_for(server: RunningServer, **wanted: Any) -> Any:
    return await server.call("POST", "/test-attempts", server.service, {"test_id": TEST, "user_id": "ada", **wanted})


async def begin(socket: Socket) -> dict[str, Any]:
    await socket.send("start", n=1, client_at_ms=0)
    state = (await socket.until("state"))["state"]
    assert isinstance(state, dict)
    return state


async def test_an_open_start_page_follows_its_test_on_every_node(pair: Pair) -> None:
    one, two = pair
    attempt_id = await one.make_attempt()
    async with await one.sit(attempt_id) as socket:
        await store(two, duration_ms=20 * MINUTE_MS, warnings_ms=[], on_disconnect="pause")
        told = await socket.until("offer")
        assert told == {
            "t": "offer",
            "title": "Mended",
            "instructions": "Answer all.",
            "duration_ms": 20 * MINUTE_MS,
            "warnings_ms": [],
            "pauses_on_disconnect": True,
            "question_total": 5,
            "opens_at_ms": None,
            "closes_at_ms": None,
            "extra_time_ms": 0,
            "parts": [],
            "hindrances": [],
            "gaps": "allow",
            "order": "free",
            "timing": {"min_time_ms": None, "at_end": "submit", "hand_in_ms": 0, "synchronised": False, "soft": False},
            "watching": None,
            "page": None,
        }
        (await steer(two, attempt_id, "accommodate", extra_time_ms=5 * MINUTE_MS)).ok()
        assert (await socket.until("offer"))["duration_ms"] == 25 * MINUTE_MS
        await socket.until("state")
        state = await begin(socket)
        assert deadline_of(state) - state["started_at_ms"] == 25 * MINUTE_MS
        assert not [message for message in socket.skipped if message["t"] == "offer"], "she knew it all"


async def test_without_the_relay_the_start_itself_tells(deaf_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = deaf_pair
    attempt_id = await one.make_attempt()
    async with await one.sit(attempt_id) as socket:
        await store(two, duration_ms=20 * MINUTE_MS)
        await socket.send("start", n=1, client_at_ms=0)
        assert (await socket.until("offer"))["title"] == "Mended"
        state = (await socket.until("state"))["state"]
        assert deadline_of(state) - state["started_at_ms"] == 20 * MINUTE_MS


async def test_without_the_relay_a_node_looks_by_itself(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    attempt_id = await one.make_attempt()
    async with await one.sit(attempt_id) as socket:
        await store(two, duration_ms=20 * MINUTE_MS)
        assert (await socket.until("offer"))["duration_ms"] == 20 * MINUTE_MS


async def test_extra_time_in_mid_exam_moves_the_deadline_on_the_page_that_is_open(pair: Pair) -> None:
    one, two = pair
    attempt_id = await one.started()
    before = deadline_of(await one.status(attempt_id))
    async with await one.sit(attempt_id) as socket:
        reply = (await steer(two, attempt_id, "accommodate", extra_time_ms=5 * MINUTE_MS, reason="a certificate")).ok()
        assert deadline_of(reply["state"]) == before + 5 * MINUTE_MS
        assert (await socket.until("offer"))["duration_ms"] == 15 * MINUTE_MS
        assert deadline_of((await socket.until("state"))["state"]) == before + 5 * MINUTE_MS
        less = await steer(two, attempt_id, "accommodate", extra_time_ms=MINUTE_MS)
        assert less.code == Code.WOULD_SHORTEN
    assert deadline_of(await one.status(attempt_id)) == before + 5 * MINUTE_MS


async def test_new_rules_reach_who_sits_only_when_staff_apply_them(pair: Pair) -> None:
    one, two = pair
    attempt_id = await one.started()
    before = deadline_of(await one.status(attempt_id))
    async with await one.sit(attempt_id) as socket, await two.watch() as watcher:
        await store(two, duration_ms=30 * MINUTE_MS, warnings_ms=[120_000])
        assert deadline_of(await two.status(attempt_id)) == before
        await watcher.send(
            "apply_rules", command_id="r", attempt_id=attempt_id, reason="the end was moved", may_shorten=False
        )
        await watcher.until("done", command_id="r")
        told = await socket.until("offer")
        assert (told["title"], told["duration_ms"], told["warnings_ms"]) == ("Algebra", 30 * MINUTE_MS, [120_000])
        assert deadline_of((await socket.until("state"))["state"]) == before + 20 * MINUTE_MS
        await store(one, duration_ms=10 * MINUTE_MS)
        again = {"command_id": "s", "reason": "by mistake", "may_shorten": False}
        await watcher.send("apply_rules", attempt_id=attempt_id, **again)
        assert (await watcher.until("command_refused", command_id="s"))["code"] == Code.WOULD_SHORTEN
    paper = (await one.call("GET", f"/test-attempts/{attempt_id}/paper", one.token())).ok()
    assert (paper["test_version"], paper["title"]) == (1, "Algebra")


async def test_an_attempt_that_is_asked_for_again_with_other_extra_time_has_it(deaf_pair: Pair) -> None:
    """201 was answered, and the extra time was ignored for ever."""
    one, two = deaf_pair
    made = (await ask_for(one)).ok()
    again = await ask_for(two, extra_time_ms=5 * MINUTE_MS)
    assert (again.body["attempt_id"], again.body["created"]) == (made["attempt_id"], False)
    (await ask_for(one)).ok()
    attempt_id = await one.started()
    assert attempt_id == made["attempt_id"]
    state = await one.status(attempt_id)
    assert deadline_of(state) - state["started_at_ms"] == 15 * MINUTE_MS, "a call without the field changes nothing"
    more = (await ask_for(two, extra_time_ms=7 * MINUTE_MS)).ok()
    assert deadline_of(more["state"]) == deadline_of(state) + 2 * MINUTE_MS
    assert (await ask_for(two, extra_time_ms=0)).code == Code.WOULD_SHORTEN
    tags = [record.entry.fact.__struct_config__.tag for record in await one.node.attempts.records(attempt_id)]
    assert tags == ["created", "accommodated", "started", "accommodated"]


async def test_a_candidate_grants_herself_nothing(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    body = {"test_id": TEST, "extra_time_ms": MINUTE_MS}
    assert (await server.call("POST", "/test-attempts", server.token(), body)).code == Code.FORBIDDEN
    path = f"/test-attempts/{attempt_id}/accommodate"
    assert (await server.call("POST", path, server.token(), {"extra_time_ms": MINUTE_MS})).code == Code.FORBIDDEN
    assert (await steer(server, attempt_id, "apply-rules")).code == Code.NOT_STARTED
