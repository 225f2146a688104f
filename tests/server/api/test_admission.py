"""What stands between a candidate and her start, asked beforehand; and the rules as making and starting keep them."""

from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import HOUR_MS, RunningServer

MINUTE = 60_000


async def told(server: RunningServer, user: str = "ada", test_id: str = TEST) -> dict[str, Any]:
    """What the candidate is told of herself."""
    body = (await server.call("GET", f"/tests/{test_id}/admission", server.token(user=user))).ok()
    assert isinstance(body, dict)
    assert body["may_start"] == (not body["hindrances"])
    return body


def codes(body: dict[str, Any]) -> list[str]:
    return [one["code"] for one in body["hindrances"]]


async def sat(server: RunningServer, user: str = "ada") -> str:
    """An attempt that was handed in; returns its path."""
    path = f"/test-attempts/{await server.started(user)}"
    (await server.act("POST", f"{path}/complete", server.token(user=user), {})).ok()
    return path


async def make(server: RunningServer, user: str = "ada", **wanted: Any) -> str | None:
    """The refusal of an attempt of her own; None: she got one."""
    reply = await server.call("POST", "/test-attempts", server.token(user=user), {"test_id": TEST, **wanted})
    return None if reply.status == 201 else reply.code


async def test_before_during_and_after_an_attempt(server: RunningServer) -> None:
    body = await told(server)
    assert (body["may_start"], body["attempt_id"], body["ends_at_ms"]) == (True, None, body["now_ms"] + 600_000)
    attempt_id = await server.make_attempt(extra_time_ms=HOUR_MS)
    body = await told(server)
    assert (body["attempt_id"], body["duration_ms"]) == (attempt_id, 600_000 + HOUR_MS)
    assert body["ends_at_ms"] == body["now_ms"] + body["duration_ms"]
    (await server.act("POST", f"/test-attempts/{attempt_id}/start", server.token(), {})).ok()
    body, state = await told(server), await server.status(attempt_id)
    assert codes(body) == [Code.ALREADY_STARTED]
    assert body["ends_at_ms"] == state["clocks"][0]["deadline_ms"]
    (await server.act("POST", f"/test-attempts/{attempt_id}/complete", server.token(), {})).ok()
    body = await told(server)
    assert (codes(body), body["attempt_id"], body["ends_at_ms"]) == ([Code.ATTEMPT_LIMIT], None, None)


async def test_the_opening_is_named_and_the_end_of_the_window_taken_into_account(server: RunningServer) -> None:
    opens_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test(opens_at_ms=opens_ms, closes_at_ms=opens_ms + MINUTE)
    body = await told(server)
    assert [(one["code"], one["from_ms"]) for one in body["hindrances"]] == [(Code.NOT_OPEN_YET, opens_ms)]
    assert body["ends_at_ms"] == body["closes_at_ms"] == opens_ms + MINUTE, "less than the ten minutes of the test"
    server.pass_time(HOUR_MS + MINUTE)
    body = await told(server)
    assert (codes(body), body["ends_at_ms"]) == ([Code.WINDOW_CLOSED], None)


async def test_an_open_attempt_is_judged_by_the_newest_rules(server: RunningServer) -> None:
    await server.make_attempt()
    await server.make_test(active=False)
    assert codes(await told(server)) == [Code.NOT_ACTIVE]


async def test_who_may_ask_for_whom(server: RunningServer) -> None:
    await server.make_test("other")
    path = f"/tests/{TEST}/admission"
    asked = await server.call("GET", f"{path}?user_id=ada", server.instructor)
    assert asked.ok()["user_id"] == "ada"
    assert (await server.call("GET", path, server.instructor)).code == Code.MISSING_FIELD
    assert (await server.call("GET", f"{path}?user_id=ada", server.token(user="ada"))).status == 200
    assert (await server.call("GET", f"{path}?user_id=bob", server.token(user="ada"))).code == Code.FORBIDDEN
    assert (await server.call("GET", "/tests/none/admission", server.token())).code == Code.NOT_FOUND
    foreign = server.token(Role.CANDIDATE, "ada", "elsewhere")
    assert (await server.call("GET", path, foreign)).code == Code.NOT_FOUND
    body = {"test_id": TEST, "user_id": "ada"}
    of_attempt = (await server.call("POST", "/test-attempts", server.service, body)).ok()["token"]
    assert (await server.call("GET", path, of_attempt)).ok()["attempt_id"] is not None
    assert (await server.call("GET", "/tests/other/admission", of_attempt)).code == Code.NOT_FOUND


async def test_a_test_that_is_switched_off_stops_new_attempts_and_leaves_running_ones_alone(
    server: RunningServer,
) -> None:
    running, waiting = await server.started("ada"), await server.make_attempt("bob")
    await server.make_test(active=False)
    assert await make(server, "cy") == Code.NOT_ACTIVE
    start = await server.act("POST", f"/test-attempts/{waiting}/start", server.token(user="bob"), {})
    assert start.code == Code.NOT_ACTIVE
    answer = {"n": 1, "question_id": "word", "value": "Euler", "position": None, "client_at_ms": 0}
    reply = await server.act("POST", f"/test-attempts/{running}/answers", server.token(), {"answers": [answer]})
    assert reply.ok()["acked"] == [1]
    await server.make_test(active=True)
    (await server.act("POST", f"/test-attempts/{waiting}/start", server.token(user="bob"), {})).ok()


async def test_a_cancelled_attempt_does_not_use_up_the_limit(server: RunningServer) -> None:
    first = await server.started()
    assert await make(server) is None, "the one that she has"
    path = f"/test-attempts/{first}"
    (await server.call("POST", f"{path}/cancel", server.instructor, {"reason": "fire"})).ok()
    assert (await told(server))["may_start"]
    made = (await server.call("POST", "/test-attempts", server.token(), {"test_id": TEST})).ok()
    assert (made["created"], made["attempt_number"]) == (True, 2)
    (await server.act("POST", f"/test-attempts/{made['attempt_id']}/start", server.token(), {})).ok()
    (await server.act("POST", f"/test-attempts/{made['attempt_id']}/complete", server.token(), {})).ok()
    assert await make(server) == Code.ATTEMPT_LIMIT


@pytest.mark.parametrize("by_service", [False, True])
async def test_time_must_pass_between_two_attempts(server: RunningServer, by_service: bool) -> None:
    await server.make_test(max_attempts=None, delay_first_ms=10 * MINUTE, delay_later_ms=HOUR_MS)

    async def refused() -> str | None:
        if not by_service:
            return await make(server)
        body = {"test_id": TEST, "user_id": "ada"}
        reply = await server.call("POST", "/test-attempts", server.service, body)
        return None if reply.status == 201 else reply.code

    for wait_ms in (10 * MINUTE, HOUR_MS, HOUR_MS):
        state = await server.status((await sat(server)).rpartition("/")[2])
        body = await told(server)
        again_ms = state["ended_at_ms"] + wait_ms
        assert [(one["code"], one["from_ms"]) for one in body["hindrances"]] == [(Code.ATTEMPT_DELAY, again_ms)]
        assert await refused() == Code.ATTEMPT_DELAY
        server.pass_time(again_ms - server.clock.now_ms())
        assert (await told(server))["may_start"]
    assert await refused() is None


async def test_a_candidate_names_her_form_only_where_the_test_lets_her(server: RunningServer) -> None:
    forms = {"forms": {"A": ["word", "single"], "B": ["fact"]}}
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam() | forms)).ok()
    assert await make(server, form_id="A") == Code.FORM_CHOICE
    assert await make(server) == Code.UNKNOWN_FORM
    chosen = exam(form_choice="candidate") | forms
    (await server.call("PUT", f"/tests/{TEST}", server.service, chosen)).ok()
    assert await make(server, form_id="C") == Code.UNKNOWN_FORM
    assert await make(server, form_id="A") is None
