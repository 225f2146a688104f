"""Tests for those alone who are enrolled, at a real server."""

from typing import Any

import pytest

from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.exam import ORG, TEST, exam
from tests.server.harness.running import RunningServer


async def enrol(server: RunningServer, who_id: str, kind: str = "user", to: str = TEST, **fields: Any) -> None:
    body = {"test_id" if to == TEST else "course_id": to, f"{kind}_id": who_id, **fields}
    (await server.call("PUT", "/enrolments", server.service, body)).ok()


async def make(server: RunningServer, user: str) -> str | None:
    """The refusal of an attempt of her own; None: she got one."""
    reply = await server.call("POST", "/test-attempts", server.token(user=user), {"test_id": TEST})
    return None if reply.status == 201 else reply.code


async def store(server: RunningServer, more: dict[str, Any] | None = None, **rules: Any) -> None:
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam(**rules) | (more or {}))).ok()


async def test_who_is_enrolled_may_begin_by_herself_by_a_group_and_by_a_course(server: RunningServer) -> None:
    await store(server, {"course_id": "history"}, enrolment="required")
    for user in ("ada", "bob", "cy"):
        assert await make(server, user) == Code.NOT_ENROLLED
        path = f"/tests/{TEST}/admission?user_id={user}"
        told = (await server.call("GET", path, server.service)).ok()["hindrances"]
        assert [one["code"] for one in told] == [Code.NOT_ENROLLED]
    await enrol(server, "ada")
    await enrol(server, "bob", to="history")
    (await server.call("PUT", "/groups/hall", server.service, {"title": "Hall"})).ok()
    (await server.call("PUT", "/groups/hall/members/cy", server.service)).ok()
    await enrol(server, "hall", "group")
    for user in ("ada", "bob", "cy"):
        assert await make(server, user) is None
    assert await make(server, "dee") == Code.NOT_ENROLLED


async def test_a_service_makes_no_attempt_for_whoever_is_not_enrolled(server: RunningServer) -> None:
    await store(server, enrolment="required")
    body = {"test_id": TEST, "user_id": "ada"}
    assert (await server.call("POST", "/test-attempts", server.service, body)).code == Code.NOT_ENROLLED


async def test_whoever_is_taken_off_the_list_does_not_start_and_whoever_sits_goes_on(server: RunningServer) -> None:
    sits, waits = await server.started("ada"), await server.make_attempt("bob")
    await store(server, enrolment="required")
    start = await server.act("POST", f"/test-attempts/{waits}/start", server.token(user="bob"), {})
    assert start.code == Code.NOT_ENROLLED
    answer = {"n": 1, "question_id": "word", "value": "Euler", "position": None, "client_at_ms": 0}
    (await server.act("POST", f"/test-attempts/{sits}/answers", server.token(), {"answers": [answer]})).ok()
    await enrol(server, "bob")
    (await server.act("POST", f"/test-attempts/{waits}/start", server.token(user="bob"), {})).ok()


async def test_her_own_code_and_form_are_those_of_her_enrolment(server: RunningServer) -> None:
    forms = {"forms": {"A": ["word", "single"], "B": ["fact"]}}
    await store(server, forms, enrolment="required", access_code="harbour")
    await enrol(server, "ada", access_code="lighthouse", form_id="B")
    assert await make(server, "ada") is None
    live = next(iter(server.node.registry.all()))
    path = f"/test-attempts/{live.attempt_id}"
    wrong = await server.act("POST", f"{path}/start", server.token(), {"access_code": "harbour"})
    assert wrong.code == Code.WRONG_CODE
    server.pass_time(60_000)
    (await server.act("POST", f"{path}/start", server.token(), {"access_code": "Lighthouse"})).ok()
    paper = (await server.call("GET", f"{path}/paper", server.token())).ok()
    assert [question["question_id"] for question in paper["questions"]] == ["fact"]


async def test_an_open_start_page_hears_at_once_that_she_may_begin_or_no_more(server: RunningServer) -> None:
    await store(server, {"course_id": "history"}, enrolment="required")
    (await server.call("PUT", "/groups/hall", server.service, {"title": "Hall"})).ok()
    await enrol(server, "ada")
    attempt_id = await server.make_attempt()
    async with await server.sit(attempt_id) as socket:

        async def told() -> list[str]:
            return [one["code"] for one in (await socket.until("offer"))["hindrances"]]

        (await server.call("DELETE", f"/enrolments?test_id={TEST}&user_id=ada", server.service)).ok()
        assert await told() == [Code.NOT_ENROLLED]
        await enrol(server, "hall", "group", to="history", access_code="harbour")
        (await server.call("PUT", "/groups/hall/members/ada", server.service)).ok()
        assert await told() == [Code.CODE_REQUIRED]
        (await server.call("DELETE", "/groups/hall", server.service)).ok()
        assert await told() == [Code.NOT_ENROLLED]
        roster = {"course_id": "history", "csv": "id\nada\n"}
        (await server.call("POST", "/rosters", server.service, roster)).ok()
        assert await told() == []
        (await server.call("DELETE", "/enrolments?course_id=history&user_id=ada", server.service)).ok()
        assert await told() == [Code.NOT_ENROLLED]


@pytest.mark.postgres
async def test_the_page_hears_it_from_the_other_node_though_the_relay_is_down(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    await store(one, enrolment="required")
    await enrol(one, "ada")
    attempt_id = await one.make_attempt()
    async with await one.sit(attempt_id) as socket:
        (await two.call("DELETE", f"/enrolments?test_id={TEST}&user_id=ada", two.service)).ok()
        assert [one["code"] for one in (await socket.until("offer"))["hindrances"]] == [Code.NOT_ENROLLED]
        await enrol(two, "ada")
        assert (await socket.until("offer"))["hindrances"] == []


async def test_of_many_each_is_enrolled_as_if_asked_alone(server: RunningServer) -> None:
    await store(server, {"course_id": "history"}, enrolment="required")
    for group in ("hall", "room"):
        (await server.call("PUT", f"/groups/{group}", server.service, {"title": group})).ok()
        (await server.call("PUT", f"/groups/{group}/members/cy", server.service)).ok()
    await enrol(server, "hall", "group", access_code="hall")
    await enrol(server, "room", "group", to="history", access_code="room", form_id="B")
    await enrol(server, "ada", access_code="ada")
    await enrol(server, "bob", to="history")
    users = ["ada", "bob", "cy", "dee"]
    enrolments = server.node.enrolments
    together = await enrolments.enrolled_among(ORG, TEST, "history", users)
    alone = {user: await enrolments.enrolled(ORG, TEST, "history", user) for user in users}
    assert together == {user: one for user, one in alone.items() if one is not None}
    assert sorted(together) == ["ada", "bob", "cy"]
