"""What belongs to somebody else is answered, byte for byte, like what does not exist."""

import re
from typing import Any

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import Reply, RunningServer

UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"

_GOOD_BODIES: dict[str, Any] = {
    "start": {},
    "heartbeat": {"t0_ms": 1},
    "resume": {},
    "answers": {"answers": [{"n": 1, "question_id": "single", "value": "a", "client_at_ms": 0}]},
    "progress": {"n": 1, "question_index": 0, "client_at_ms": 0},
    "flags": {"n": 1, "question_id": "single", "flagged": True, "client_at_ms": 0},
    "receipts": {"n": 1, "message_id": "m", "seen": True, "client_at_ms": 0},
    "complete": {},
    "pause": {},
    "extend": {"add_ms": 1_000},
    "messages": {"text": "Hello"},
    "end": {"reason": "x"},
    "cancel": {"reason": "x"},
    "reopen": {"left_ms": 1_000, "reason": "x"},
    "marks": {"score_mpt": 0},
}


async def endpoints(server: RunningServer) -> list[tuple[str, str, list[Role]]]:
    """Every endpoint that names an attempt: method, path, roles."""
    document = (await server.call("GET", "/openapi.json")).ok()
    return [
        (verb.upper(), path, [Role(role) for role in re.findall(r"\w+", operation["description"])[1:]])
        for path, methods in document["paths"].items()
        for verb, operation in methods.items()
        if "{attempt_id}" in path
    ]


def shape(reply: Reply) -> tuple[Any, ...]:
    """All that could tell one answer from another."""
    headers = {name: value for name, value in reply.headers.items() if name != "date"}
    return reply.status, sorted(headers.items()), reply.raw


async def test_another_organisations_attempt_on_every_endpoint(server: RunningServer) -> None:
    theirs = await server.started()
    await server.make_test("other")
    narrow = await server.make_attempt(test_id="other")
    before = await server.status(theirs)
    found = await endpoints(server)
    assert len(found) >= 18
    for method, template, roles in found:
        body = _GOOD_BODIES.get(template.split("/")[3])
        for role in roles:
            strangers = [server.token(role, org="college"), server.token(role, test_id="other")]
            strangers.append(server.token(role, attempt_id=narrow))
            if role is Role.CANDIDATE:
                strangers.append(server.token(user="bob"))
            nothing = template.format(attempt_id=UNKNOWN_ID, question_id="single")
            expected = shape(await server.call(method, nothing, server.token(role), body))
            assert expected[0] == 404
            assert f'"code":"{Code.NOT_FOUND}"'.encode() in expected[2]
            path = template.format(attempt_id=theirs, question_id="single")
            for stranger in strangers:
                assert shape(await server.call(method, path, stranger, body)) == expected, (method, path, role)
            for no_id in ("nothing", UNKNOWN_ID.upper(), UNKNOWN_ID[:-1], UNKNOWN_ID + "0", theirs + "%00"):
                path = template.format(attempt_id=no_id, question_id="single")
                assert shape(await server.call(method, path, server.token(role), body)) == expected, no_id
    assert await server.status(theirs) == before, "and nothing has happened to it"


async def test_another_organisations_test(server: RunningServer) -> None:
    stranger = server.token(Role.INSTRUCTOR, org="college")
    narrow = server.token(Role.INSTRUCTOR, test_id="other")
    for suffix in ("", "/attempts"):
        expected = shape(await server.call("GET", f"/tests/nothing{suffix}", server.instructor))
        assert expected[0] == 404
        for token in (stranger, narrow):
            assert shape(await server.call("GET", f"/tests/{TEST}{suffix}", token)) == expected
    assert (await server.call("GET", "/tests", stranger)).ok() == {"tests": []}
    assert (await server.call("GET", "/tests", narrow)).ok() == {"tests": []}
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
    assert (await server.call("GET", "/tests", narrow)).ok() == {"tests": []}
