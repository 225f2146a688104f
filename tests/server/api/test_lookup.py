"""What belongs to somebody else is answered, byte for byte, like what does not exist. Every endpoint is tried for it in
tests/server/test_security_organisations.py."""

from typing import Any

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import Reply, RunningServer


def shape(reply: Reply) -> tuple[Any, ...]:
    """All that could tell one answer from another."""
    headers = {name: value for name, value in reply.headers.items() if name != "date"}
    return reply.status, sorted(headers.items()), reply.raw


async def test_another_organisations_test(server: RunningServer) -> None:
    stranger = server.token(Role.INSTRUCTOR, org="college")
    narrow = server.token(Role.INSTRUCTOR, tests=["other"])
    for suffix in ("", "/attempts"):
        expected = shape(await server.call("GET", f"/tests/nothing{suffix}", server.instructor))
        assert expected[0] == 404
        for token in (stranger, narrow):
            assert shape(await server.call("GET", f"/tests/{TEST}{suffix}", token)) == expected
    assert (await server.call("GET", "/tests", stranger)).ok()["tests"] == []
    assert (await server.call("GET", "/tests", narrow)).ok()["tests"] == []
    body = {"test_id": TEST, "user_id": "ada"}
    college = server.token(Role.SERVICE, org="college")
    missing = await server.call("POST", "/test-attempts", college, body | {"test_id": "nothing"})
    assert shape(await server.call("POST", "/test-attempts", college, body)) == shape(missing)


async def test_two_organisations_may_use_the_same_names(server: RunningServer) -> None:
    college = server.token(Role.SERVICE, org="college")
    (await server.call("PUT", f"/tests/{TEST}", college, exam(duration_ms=1_000_000))).ok()
    ours = await server.make_attempt()
    theirs = await server.make_attempt(org="college")
    assert ours != theirs
    listed = (await server.call("GET", f"/tests/{TEST}/attempts", server.instructor)).ok()["attempts"]
    assert [row["attempt_id"] for row in listed] == [ours]


async def test_a_token_for_one_attempt_shows_no_others(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    narrow = server.token(Role.INSTRUCTOR, attempt_id=attempt_id)
    (await server.call("GET", f"/test-attempts/{attempt_id}/status", narrow)).ok()
    assert (await server.call("GET", f"/tests/{TEST}/attempts", narrow)).code == Code.NOT_FOUND
    assert (await server.call("GET", "/tests", narrow)).ok()["tests"] == []
