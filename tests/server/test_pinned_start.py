"""Until the start an attempt follows its test; the start pins it. By both ways in, and on every node."""

import asyncio
import itertools
from typing import Any

import pytest

from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import HOUR_MS, RunningServer

MINUTE_MS = 60_000
_CONNECTS = itertools.count(1)


def mended(questions: int = 5, prompt: str = "Which one, now?", **rules: Any) -> dict[str, Any]:
    """The test after its author has looked at it again."""
    content = exam(**rules)
    content["title"] = "Algebra, corrected"
    content["questions"] = content["questions"][:questions]
    content["questions"][0]["body"] = prompt
    return content


async def put(server: RunningServer, content: dict[str, Any]) -> int:
    return int((await server.call("PUT", f"/tests/{TEST}", server.service, content)).ok()["version"])


async def paper_of(server: RunningServer, attempt_id: str) -> dict[str, Any]:
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    assert isinstance(paper, dict)
    return paper


async def resumed(server: RunningServer, attempt_id: str) -> dict[str, Any]:
    path = f"/test-attempts/{attempt_id}/resume"
    body = server.arrival(device="window", connect_n=next(_CONNECTS))
    reply = (await server.call("POST", path, server.token(), body)).ok()
    assert isinstance(reply, dict)
    return reply


async def start_over_rest(server: RunningServer, attempt_id: str) -> dict[str, Any]:
    reply = (await server.act("POST", f"/test-attempts/{attempt_id}/start", server.token(), {})).ok()
    assert isinstance(reply["state"], dict)
    return reply["state"]


def deadline_of(state: dict[str, Any]) -> int:
    return int(state["clocks"][0]["deadline_ms"])


async def opened_once(server: RunningServer) -> str:
    """An attempt whose link was opened before its test was mended."""
    attempt_id = await server.make_attempt()
    await resumed(server, attempt_id)
    return attempt_id


async def test_a_mended_test_reaches_whoever_has_opened_her_link_and_not_started(deaf_pair: Pair) -> None:
    """The nodes tell one another nothing: the database says it."""
    one, two = deaf_pair
    attempt_id = await opened_once(one)
    async with await two.sit(attempt_id) as waiting:
        await put(one, mended(3, duration_ms=HOUR_MS, warnings_ms=[120_000]))
        again = await resumed(one, attempt_id)
        assert (again["title"], again["question_total"], again["duration_ms"]) == ("Algebra, corrected", 3, HOUR_MS)
        assert again["warnings_ms"] == [120_000]
        assert (await waiting.end())[1]
    async with await two.sit(attempt_id) as socket:
        await put(one, mended(2, "Which one, after all?", duration_ms=2 * HOUR_MS))
        await socket.send("start", n=1, client_at_ms=0)
        state = (await socket.until("state"))["state"]
        assert deadline_of(state) - state["started_at_ms"] == 2 * HOUR_MS, "the newest one counts at the start"
        await socket.send("answer", n=2, question_id="fact", value="true", position=None, client_at_ms=0)
        assert (await socket.until("refused", n=2))["code"] == Code.UNKNOWN_QUESTION
    for server in deaf_pair:
        paper = await paper_of(server, attempt_id)
        assert (paper["test_version"], len(paper["questions"])) == (3, 2)
        assert paper["questions"][0]["body"] == "Which one, after all?"


async def test_a_moved_window_reaches_whoever_was_too_early(server: RunningServer) -> None:
    now_ms = server.clock.now_ms()
    await put(server, exam(opens_at_ms=now_ms + HOUR_MS, closes_at_ms=now_ms + 2 * HOUR_MS))
    attempt_id = await opened_once(server)
    path = f"/test-attempts/{attempt_id}/start"
    assert (await server.act("POST", path, server.token(), {})).code == Code.NOT_OPEN_YET
    await put(server, exam(opens_at_ms=now_ms - HOUR_MS, closes_at_ms=now_ms + 2 * MINUTE_MS))
    state = await start_over_rest(server, attempt_id)
    assert deadline_of(state) == now_ms + 2 * MINUTE_MS


async def test_after_the_start_nothing_that_is_stored_reaches_her(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    attempt_id = await opened_once(one)
    before = await start_over_rest(one, attempt_id)
    await put(two, mended(1, duration_ms=5 * MINUTE_MS, grace_ms=0, links="once", connections="first"))
    for server in (two, one):
        again = await resumed(server, attempt_id)
        assert (again["title"], again["question_total"], again["duration_ms"]) == ("Algebra", 5, 10 * MINUTE_MS)
        assert deadline_of(again["state"]) == deadline_of(before)
        assert again["state"]["clocks"][0]["closes_at_ms"] == deadline_of(before) + 2_000
        paper = await paper_of(server, attempt_id)
        assert (paper["test_version"], len(paper["questions"])) == (1, 5)
    (await two.call("POST", f"/test-attempts/{attempt_id}/start", two.service, {})).ok()
    assert await two.status(attempt_id) == await one.status(attempt_id)


async def test_what_is_sent_behind_a_start_is_decided_behind_it(server: RunningServer) -> None:
    """The start waits for the newest version of the test, and the answers behind it wait for the start."""
    attempt_id = await server.make_attempt()
    async with await server.sit(attempt_id) as socket:
        await socket.send("start", n=1, client_at_ms=0)
        await socket.send("answer", n=2, question_id="word", value="Euler", position=4, client_at_ms=0)
        await socket.send("submit", n=3, client_at_ms=0)
        assert (await socket.until("ack", n=3))["n"] == 3
        assert not [message for message in socket.skipped if message["t"] == "refused"]
    assert (await server.reaches(attempt_id, "completed"))["ended_as"] == "submitted"


async def test_a_form_that_is_gone_can_not_be_started(server: RunningServer) -> None:
    forms = exam() | {"forms": {"A": ["word", "single"], "B": ["fact"]}}
    await put(server, forms)
    attempt_id = await server.make_attempt(form_id="A")
    await put(server, exam() | {"forms": {"B": ["fact"]}})
    again = await resumed(server, attempt_id)
    assert (again["title"], again["question_total"], again["state"]["status"]) == ("Algebra", 0, "initiated")
    path = f"/test-attempts/{attempt_id}/start"
    assert (await server.act("POST", path, server.token(), {})).code == Code.UNKNOWN_FORM
    async with await server.sit(attempt_id) as socket:
        await socket.send("start", n=1, client_at_ms=0)
        assert (await socket.until("refused", n=1))["code"] == Code.UNKNOWN_FORM
    await put(server, forms)
    await start_over_rest(server, attempt_id)
    assert [one["question_id"] for one in (await paper_of(server, attempt_id))["questions"]] == ["word", "single"]


async def test_a_thousand_starts_ask_for_the_newest_version_a_few_times(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    real = server.node.tests.newest_version

    async def newest_version(org_id: str, test_id: str) -> int | None:
        nonlocal asked
        asked += 1
        return await real(org_id, test_id)

    monkeypatch.setattr(server.node.tests, "newest_version", newest_version)
    versions = await asyncio.gather(*(server.node.papers._newest.version("school", TEST) for _ in range(1_000)))
    assert (set(versions), asked) == ({1}, 1)


async def test_a_query_that_began_before_does_not_answer(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start after an acknowledged new version must see it, although a look at the database is under way."""
    began, release = asyncio.Event(), asyncio.Event()
    real = server.node.tests.newest_version

    async def slow(org_id: str, test_id: str) -> int | None:
        found = await real(org_id, test_id)
        began.set()
        await release.wait()
        return found

    monkeypatch.setattr(server.node.tests, "newest_version", slow)
    newest = server.node.papers._newest
    first = asyncio.create_task(newest.version("school", TEST))
    await began.wait()
    assert await put(server, mended()) == 2
    second = asyncio.create_task(newest.version("school", TEST))
    await asyncio.sleep(0)
    release.set()
    assert (await first, await second) == (1, 2)
    await asyncio.gather(*newest._asked._looking.values())
    assert (newest._asked._asked, newest._asked._looking) == ({}, {})


async def test_the_projection_names_the_version_from_the_start_on(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    rows = (await server.call("GET", f"/tests/{TEST}/attempts", server.instructor)).ok()["attempts"]
    assert [(row["attempt_id"], row["total"]) for row in rows] == [(attempt_id, 0)]
    await put(server, mended(3))
    await start_over_rest(server, attempt_id)
    rows = (await server.call("GET", f"/tests/{TEST}/attempts", server.instructor)).ok()["attempts"]
    assert [row["total"] for row in rows] == [3]
