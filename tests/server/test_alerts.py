"""Staff mark alerts as seen, for all of them."""

from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer

PATH = f"/tests/{TEST}/alerts-seen"


async def _seen(server: RunningServer, token: str) -> dict[str, tuple[int, str]]:
    reply = (await server.call("GET", PATH, token)).ok()
    return {one["attempt_id"]: (one["until_ms"], one["by"]) for one in reply["seen"]}


async def _mark(server: RunningServer, attempt_id: str, token: str, until_ms: int | None) -> dict[str, Any]:
    path = f"/test-attempts/{attempt_id}/alerts-seen"
    said: dict[str, Any] = (await server.call("PUT", path, token, {"until_ms": until_ms})).ok()
    return said


async def _sits(server: RunningServer, user_id: str, branch_id: str) -> str:
    service = server.token(Role.SERVICE, "platform", branches=[branch_id])
    made = (await server.call("POST", "/test-attempts", service, {"test_id": TEST, "user_id": user_id})).ok()
    return str(made["attempt_id"])


async def test_what_one_has_seen_all_staff_see_until_it_is_taken_back(server: RunningServer) -> None:
    ada, bob = await _sits(server, "ada", "north"), await _sits(server, "bob", "south")
    ida, ina = (server.token(Role.INVIGILATOR, user) for user in ("ida", "ina"))
    await _mark(server, ada, ida, 5)
    await _mark(server, bob, ina, 7)
    assert await _seen(server, server.instructor) == {ada: (5, "ida"), bob: (7, "ina")}
    later = await _mark(server, ada, ina, 2**50)
    assert later["until_ms"] == later["at_ms"], "nobody has seen what has not happened yet"
    await _mark(server, bob, ida, None)
    assert await _seen(server, server.instructor) == {ada: (later["at_ms"], "ina")}
    south = server.token(Role.INVIGILATOR, "eve", branches=["south"])
    assert await _seen(server, south) == {}, "of another branch"
    refused = await server.call("PUT", f"/test-attempts/{ada}/alerts-seen", south, {"until_ms": 9})
    assert refused.code == Code.NOT_FOUND
    marker = server.token(Role.MARKER, "mia")
    assert (await server.call("GET", PATH, marker)).code == Code.FORBIDDEN
    entries = (await server.call("GET", "/audit?kind=alerts_seen", server.service)).ok()["entries"]
    assert [(one["by"], one["subject"]) for one in entries] == [
        ("ida", "ada"),
        ("ina", "bob"),
        ("ina", "ada"),
        ("ida", "bob"),
    ]
    # What is told of her goes with her.
    (await server.call("DELETE", "/users/ada", server.service)).ok()
    assert await _seen(server, server.instructor) == {}


async def test_whoever_says_the_same_once_more_adds_no_line(server: RunningServer) -> None:
    ada, bob = await _sits(server, "ada", "north"), await _sits(server, "bob", "south")
    ida, ina = (server.token(Role.INVIGILATOR, user) for user in ("ida", "ina"))
    await _mark(server, bob, ida, None)
    first = await _mark(server, ada, ida, 5)
    assert await _mark(server, ada, ina, 5) == first, "seen by who said so first"
    await _mark(server, ada, ina, None)
    await _mark(server, ada, ida, None)
    await _mark(server, ada, ina, 5)
    entries = (await server.call("GET", "/audit?kind=alerts_seen", server.service)).ok()["entries"]
    assert [(one["by"], one["subject"]) for one in entries] == [("ida", "ada"), ("ina", "ada"), ("ina", "ada")]


async def test_many_marks_of_one_put_out_nobody_elses(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.api.alerts._PAGE", 3)
    ada, bob = await _sits(server, "ada", "north"), await _sits(server, "bob", "south")
    ida = server.token(Role.INVIGILATOR, "ida")
    await _mark(server, bob, ida, 7)
    for until_ms in range(1, 9):
        await _mark(server, ada, ida, until_ms)
    assert await _seen(server, server.instructor) == {ada: (8, "ida"), bob: (7, "ida")}
