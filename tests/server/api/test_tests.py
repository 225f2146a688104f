"""Tests are stored under ids that every address can hold."""

from urllib.parse import quote

import pytest
from yarl import URL

from protocol.codes import Code
from tests.server.harness.exam import exam
from tests.server.harness.running import RunningServer

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
