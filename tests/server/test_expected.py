"""Who is expected: enrolled by herself, by a group or for the course, and without an attempt."""

from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer

PATH = f"/tests/{TEST}/expected"


async def _enrol(server: RunningServer, **who: str) -> None:
    (await server.call("PUT", "/enrolments", server.service, {"test_id": TEST, **who})).ok()


async def _people(server: RunningServer) -> None:
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam())).ok()
    for user_id, name, branch_id in (("ada", "Ada", "north"), ("bob", "Bob", "south"), ("cy", "Cy", "north")):
        body = {"name": name, "branch_id": branch_id}
        (await server.call("PUT", f"/people/{user_id}", server.service, body)).ok()
    (await server.call("PUT", "/groups/room", server.service, {"title": "Room"})).ok()
    for user_id in ("bob", "cy"):
        (await server.call("PUT", f"/groups/room/members/{user_id}", server.service, {})).ok()
    await _enrol(server, user_id="ada")
    await _enrol(server, user_id="cy")
    await _enrol(server, group_id="room")


async def _found(server: RunningServer, token: str, query: str = "") -> tuple[int, list[str]]:
    reply = (await server.call("GET", PATH + query, token)).ok()
    return reply["total"], [one["user_id"] for one in reply["people"]]


async def test_whoever_is_enrolled_is_expected_once_until_she_has_an_attempt(server: RunningServer) -> None:
    await _people(server)
    token = server.instructor
    assert await _found(server, token) == (3, ["ada", "bob", "cy"])
    assert await _found(server, token, "?group_id=room") == (2, ["bob", "cy"])
    assert await _found(server, token, "?group_id=room&branch_id=north") == (1, ["cy"])
    await server.make_attempt("cy")
    assert await _found(server, token) == (2, ["ada", "bob"])
    first = (await server.call("GET", f"{PATH}?limit=1", token)).ok()
    assert (first["total"], first["people"]) == (2, [{"user_id": "ada", "name": "Ada", "branch_id": "north"}])
    assert await _found(server, token, f"?limit=1&after={first['next']}") == (2, ["bob"])
    assert first["closed"] is False
    assert (await server.call("GET", f"{PATH}?after=x", token)).code == Code.WRONG_CURSOR
    assert (await server.call("GET", "/tests/nowhere/expected", token)).code == Code.NOT_FOUND


async def test_a_limited_token_reads_of_those_alone_whom_it_reaches(server: RunningServer) -> None:
    await _people(server)
    given = {"role": "invigilator", "user_id": "eve", "lifetime_ms": 60_000}
    for limit, reached in (
        ({"groups": ["room"]}, ["bob", "cy"]),
        ({"branches": ["north"]}, ["ada", "cy"]),
        ({"groups": ["room"], "branches": ["south"]}, ["bob"]),
    ):
        token = (await server.call("POST", "/tokens", server.instructor, {**given, **limit})).ok()["token"]
        assert await _found(server, token) == (len(reached), reached), limit
    token = (await server.call("POST", "/tokens", server.instructor, {**given, "tests": ["other"]})).ok()["token"]
    assert (await server.call("GET", PATH, token)).code == Code.NOT_FOUND
