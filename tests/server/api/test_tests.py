"""Tests are stored under ids that every address can hold."""

from urllib.parse import quote

import pytest
from yarl import URL

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer


async def test_a_room_is_looked_at_by_group(server: RunningServer) -> None:
    for user in ("ada", "bob", "cy"):
        (await server.call("PUT", f"/people/{user}", server.service, {"name": user.title()})).ok()
    for group_id, users in (("room-1", ["ada", "bob"]), ("room-2", ["bob", "cy"]), ("room-3", ["cy"])):
        (await server.call("PUT", f"/groups/{group_id}", server.service, {"title": f"Of {group_id}"})).ok()
        for user in users:
            (await server.call("PUT", f"/groups/{group_id}/members/{user}", server.service, {})).ok()
    for user in ("ada", "bob"):
        await server.make_attempt(user)

    async def groups(token: str) -> dict[str, list[str]]:
        reply = (await server.call("GET", f"/tests/{TEST}/groups", token)).ok()
        return {one["group_id"]: one["user_ids"] for one in reply["groups"]}

    # Who has no attempt at the test is in no room of it.
    assert await groups(server.token(Role.INVIGILATOR, "ida")) == {"room-1": ["ada", "bob"], "room-2": ["bob"]}
    limited = server.token(Role.INVIGILATOR, "ida", groups=["room-2"])
    assert await groups(limited) == {"room-2": ["bob"]}
    assert (await server.call("GET", f"/tests/{TEST}/groups", server.token(Role.MARKER, "mia"))).code == Code.FORBIDDEN


CARRIED = ["7% #1?", "a&b=c;d", "\u8a66\u9a13", "a+b c", "ada@school", "%2F"]


@pytest.mark.parametrize("test_id", CARRIED)
async def test_what_may_be_an_id_can_be_stored_asked_for_and_watched(server: RunningServer, test_id: str) -> None:
    address = quote(test_id, safe="")
    stored = await server.call("PUT", URL(f"/tests/{address}", encoded=True), server.service, exam())
    assert stored.ok()["test_id"] == test_id
    (await server.call("GET", URL(f"/tests/{address}", encoded=True), server.service)).ok()
    await server.make_attempt(test_id=test_id)
    socket = await server.socket(f"/ws/monitor/{address}")
    await socket.hello(server.instructor)
    assert (await socket.until("monitor_welcome"))["test_id"] == test_id


@pytest.mark.parametrize("address", ["math%2F2027", "a%5Cb", "a%E2%80%8Bb", "%20a", "a" * 129])
async def test_what_may_not_be_one_is_refused_by_name(server: RunningServer, address: str) -> None:
    refused = await server.call("PUT", URL(f"/tests/{address}", encoded=True), server.service, exam())
    assert (refused.status, refused.code) == (422, Code.INVALID_ID)
    assert "must" in refused.body["detail"]
    assert len((await server.call("GET", "/tests", server.service)).ok()["tests"]) == 1
