"""Who an attempt is made for: ids and names as other systems send them."""

from urllib.parse import quote

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer


async def shown_name(server: RunningServer, attempt_id: str) -> str:
    """The name in the attempt's row."""
    rows = (await server.call("GET", f"/tests/{TEST}/attempts", server.service)).ok()["attempts"]
    (name,) = [row["name"] for row in rows if row["attempt_id"] == attempt_id]
    return str(name)


@pytest.mark.parametrize("chars", [128, 129, 150, 200])
async def test_the_token_of_a_long_name_opens_its_attempt(server: RunningServer, chars: int) -> None:
    name = "\u5b57" * chars
    body = {"test_id": TEST, "user_id": "ada", "display_name": name}
    made = (await server.call("POST", "/test-attempts", server.service, body)).ok()
    (await server.call("GET", f"/test-attempts/{made['attempt_id']}/status", made["token"])).ok()
    socket = await server.socket(f"/ws/attempts/{made['attempt_id']}")
    await socket.hello(made["token"])
    await socket.until("welcome")
    assert await shown_name(server, made["attempt_id"]) == name


async def test_a_longer_name_is_refused_before_anything_is_made(server: RunningServer) -> None:
    body = {"test_id": TEST, "user_id": "ada", "display_name": "a" * 201}
    assert (await server.call("POST", "/test-attempts", server.service, body)).code == Code.OUT_OF_RANGE
    own = await server.call("GET", f"/test-attempts?test_id={TEST}", server.token())
    assert own.ok()["attempts"] == []


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\0", None])
async def test_who_has_no_name_is_shown_by_her_id(server: RunningServer, name: str | None) -> None:
    made = await server.make_attempt("ada", display_name=name)
    assert await shown_name(server, made) == "ada"
    token = server.token(Role.CANDIDATE, "bob", name=name)
    made = (await server.call("POST", "/test-attempts", token, {"test_id": TEST})).ok()["attempt_id"]
    assert await shown_name(server, made) == "bob"


@pytest.mark.parametrize("user", [" ada", "ada\u00a0", "a\u200bda", "ada  b", " "])
async def test_a_user_id_that_looks_like_another_is_refused(server: RunningServer, user: str) -> None:
    body = {"test_id": TEST, "user_id": user}
    refused = await server.call("POST", "/test-attempts", server.service, body)
    assert (refused.status, refused.code) == (422, Code.INVALID_ID)
    assert refused.body["detail"].startswith("The field user_id must not ")
    body = {"user_id": user, "reason": "a stolen link"}
    assert (await server.call("POST", "/revocations", server.service, body)).code == Code.INVALID_ID


async def test_a_user_is_one_person_however_the_id_is_composed(server: RunningServer) -> None:
    made = await server.make_attempt("Rene\u0301")
    own = await server.call("GET", f"/test-attempts?test_id={TEST}", server.token(user="Ren\u00e9"))
    assert [attempt["attempt_id"] for attempt in own.ok()["attempts"]] == [made]


async def test_a_form_and_a_test_are_found_however_their_ids_are_composed(server: RunningServer) -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    body = exam() | {"forms": {decomposed: ["single"]}}
    stored = await server.call("PUT", f"/tests/{quote(decomposed)}", server.service, body)
    assert stored.ok()["test_id"] == composed
    for test_id, form_id, user in ((decomposed, composed, "ada"), (composed, decomposed, "bob")):
        await server.make_attempt(user, test_id=test_id, form_id=form_id)
    rows = await server.call("GET", f"/tests/{quote(decomposed)}/attempts", server.service)
    assert {row["user_id"] for row in rows.ok()["attempts"]} == {"ada", "bob"}
    narrow = server.token(tests=[decomposed])
    own = await server.call("GET", f"/test-attempts?test_id={quote(decomposed)}", narrow)
    assert len(own.ok()["attempts"]) == 1
    socket = await server.socket(f"/ws/monitor/{quote(decomposed)}")
    await socket.hello(server.instructor)
    assert (await socket.until("monitor_welcome"))["test_id"] == composed
