"""Making attempts: how many, when, and what happens when many want one at once."""

import asyncio
from typing import Any

import pytest

from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import HOUR_MS, Reply, RunningServer


async def wanted(server: RunningServer, user: str, **body: Any) -> Reply:
    """A candidate asks for an attempt of her own."""
    token = server.token(user=user, name=user.title())
    return await server.call("POST", "/test-attempts", token, {"test_id": TEST, **body})


async def test_a_candidate_gets_one_and_then_the_same_again(server: RunningServer) -> None:
    first = await wanted(server, "ada")
    again = await wanted(server, "ada")
    assert (first.status, again.status) == (201, 201)
    assert (first.body["created"], again.body["created"]) == (True, False)
    assert first.body["attempt_id"] == again.body["attempt_id"]
    assert first.body["token"] is None, "she has one"


async def test_twenty_calls_at_once_make_one_attempt(server: RunningServer) -> None:
    replies = await asyncio.gather(*(wanted(server, "ada") for _ in range(20)))
    assert len({reply.ok()["attempt_id"] for reply in replies}) == 1
    assert [reply.body["created"] for reply in replies].count(True) == 1
    assert await server.node.attempts.count("school", TEST) == 1


async def test_different_people_at_once_get_one_each(server: RunningServer) -> None:
    replies = await asyncio.gather(*(wanted(server, f"user-{n}") for n in range(20)))
    assert len({reply.ok()["attempt_id"] for reply in replies}) == 20
    assert all(reply.body["attempt_number"] == 1 for reply in replies)


async def test_the_number_of_attempts_is_limited(server: RunningServer) -> None:
    await server.make_test(max_attempts=2)
    for number in (1, 2):
        made = (await wanted(server, "ada")).ok()
        assert made["attempt_number"] == number
        path = f"/test-attempts/{made['attempt_id']}"
        (await server.act("POST", f"{path}/start", server.token(), {})).ok()
        (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    assert (await wanted(server, "ada")).code == Code.ATTEMPT_LIMIT
    (await wanted(server, "bob")).ok()


async def test_a_reopened_attempt_is_the_one_she_comes_back_to(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    assert (await wanted(server, "ada")).code == Code.ATTEMPT_LIMIT
    body = {"left_ms": 60_000, "reason": "by mistake"}
    (await server.call("POST", f"{path}/reopen", server.instructor, body)).ok()
    assert (await wanted(server, "ada")).ok()["attempt_id"] == attempt_id


async def test_a_test_that_is_replaced_in_between(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    real, replaced = server.node.attempts.of_user, False

    async def of_user(*args: str) -> Any:
        nonlocal replaced
        if not replaced:
            replaced = True
            await server.make_test(duration_ms=1_234_000)
        return await real(*args)

    monkeypatch.setattr(server.node.attempts, "of_user", of_user)
    made = (await wanted(server, "ada")).ok()
    state = (await server.act("POST", f"/test-attempts/{made['attempt_id']}/start", server.token(), {})).ok()["state"]
    assert state["clocks"][0]["deadline_ms"] - state["started_at_ms"] == 1_234_000, "by the rules that are in force now"


async def test_a_used_version_stays_as_it_was(server: RunningServer) -> None:
    attempt_id = await server.started()
    changed = exam()
    changed["questions"] = changed["questions"][:1]
    stored = (await server.call("PUT", f"/tests/{TEST}", server.service, changed)).ok()
    assert stored["version"] == 2
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    assert (paper["test_version"], len(paper["questions"])) == (1, 5)
    newer = await server.make_attempt("bob")
    (await server.act("POST", f"/test-attempts/{newer}/start", server.token(user="bob"), {})).ok()
    paper = (await server.call("GET", f"/test-attempts/{newer}/paper", server.token(user="bob"))).ok()
    assert (paper["test_version"], len(paper["questions"])) == (2, 1)


async def test_the_paper_has_no_keys(server: RunningServer) -> None:
    await server.make_test("essays", essay=True)
    attempt_id = await server.started(test_id="essays")
    raw = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).raw
    for key in (b"correct", b"accepted", b"tolerance", b"guidance", b"Euler"):
        assert key not in raw


async def test_extra_time_and_forms(server: RunningServer) -> None:
    forms = exam() | {"forms": {"A": ["word", "single"], "B": ["fact"]}}
    (await server.call("PUT", "/tests/forms", server.service, forms)).ok()
    attempt_id = await server.started(test_id="forms", form_id="A", extra_time_ms=HOUR_MS)
    state = await server.status(attempt_id)
    assert state["clocks"][0]["deadline_ms"] - state["started_at_ms"] == 600_000 + HOUR_MS
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    assert [question["question_id"] for question in paper["questions"]] == ["word", "single"]


async def test_the_token_that_a_service_gets_opens_this_attempt_alone(server: RunningServer) -> None:
    await server.make_test("other")
    body = {"test_id": TEST, "user_id": "ada"}
    made = (await server.call("POST", "/test-attempts", server.service, body)).ok()
    other = await server.make_attempt(test_id="other")
    (await server.call("GET", f"/test-attempts/{made['attempt_id']}/status", made["token"])).ok()
    assert (await server.call("GET", f"/test-attempts/{other}/status", made["token"])).code == Code.NOT_FOUND
    again = await server.call("POST", "/test-attempts", made["token"], {"test_id": "other"})
    assert again.code == Code.NOT_FOUND


async def test_a_token_of_one_test_makes_no_attempt_at_another(server: RunningServer) -> None:
    await server.make_test("other")
    token = server.token(tests=["other"])
    assert (await server.call("POST", "/test-attempts", token, {"test_id": TEST})).code == Code.NOT_FOUND
    (await server.call("POST", "/test-attempts", token, {"test_id": "other"})).ok()


async def test_the_paper_can_be_fetched_while_the_clock_stands(server: RunningServer) -> None:
    """A page that is reloaded in a pause has it when the clock runs again; and it is what could be fetched before."""
    path = f"/test-attempts/{await server.started()}"
    before = (await server.call("GET", f"{path}/paper", server.token())).ok()
    (await server.call("POST", f"{path}/pause", server.instructor, {"reason": "fire"})).ok()
    assert (await server.call("GET", f"{path}/paper", server.token())).ok() == before
