"""Nobody gives a token of more rights, wider scope or, to staff, longer life than her own. What is given is audited."""

from typing import Any

import pytest

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rules.rights import may_give
from tests.server.conftest import StartServer
from tests.server.harness.exam import CANDIDATE, TEST
from tests.server.harness.running import HOUR_MS, RunningServer

STAFF = [role for role in Role if role not in (Role.CANDIDATE, Role.SYSTEM)]


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    server = await start_server()
    await server.make_test()
    return server


async def give(server: RunningServer, token: str, **body: Any) -> Any:
    return await server.call("POST", "/tokens", token, {"role": "invigilator", "user_id": "ida", **body})


async def test_nobody_gives_a_role_above_her_own(server: RunningServer) -> None:
    for giver in STAFF:
        for role in [*STAFF, Role.CANDIDATE]:
            reply = await give(server, server.token(giver, "grace"), role=role.value)
            if may_give(giver, role):
                principal = await server.node.tokens.verify(reply.ok()["token"])
                assert (principal.role, principal.actor.id, principal.org_id) == (role, "ida", "school")
            else:
                assert reply.code == Code.FORBIDDEN, (giver, role)
    assert (await give(server, server.token(), role="candidate")).code == Code.FORBIDDEN


@pytest.mark.parametrize(
    ("own", "wanted", "given"),
    [
        ({}, {}, (None, None, None)),
        ({}, {"branches": ["north"], "tests": ["t"], "groups": ["g"]}, (["north"], ["t"], ["g"])),
        ({"branches": ["north", "south"]}, {}, (["north", "south"], None, None)),
        ({"branches": ["north", "south"]}, {"branches": ["south"]}, (["south"], None, None)),
        ({"branches": ["north"]}, {"branches": ["south"]}, None),
        ({"branches": ["north"]}, {"branches": ["north", "south"]}, None),
        ({"tests": ["t"]}, {"tests": ["u"]}, None),
        ({"groups": ["g"]}, {"groups": ["g", "h"]}, None),
        ({"branches": ["north"]}, {"tests": ["t"]}, (["north"], ["t"], None)),
    ],
)
async def test_nobody_gives_a_wider_scope(
    server: RunningServer,
    own: dict[str, Any],
    wanted: dict[str, Any],
    given: tuple[list[str] | None, list[str] | None, list[str] | None] | None,
) -> None:
    reply = await give(server, server.token(Role.INSTRUCTOR, "grace", **own), **wanted)
    if given is None:
        assert reply.code == Code.FORBIDDEN
        return
    body = reply.ok()
    assert (body["branches"], body["tests"], body["groups"]) == given
    scope = (await server.node.tokens.verify(body["token"])).scope
    assert tuple(None if ids is None else sorted(ids) for ids in (scope.branches, scope.tests, scope.groups)) == given


async def test_staff_cannot_prolong_what_they_have(server: RunningServer) -> None:
    now_ms = server.clock.now_ms()
    short = server.token(Role.SERVICE, "platform", lifetime_ms=HOUR_MS)
    given = (await give(server, short, role="service", lifetime_ms=100 * HOUR_MS)).ok()
    assert given["expires_at_ms"] <= now_ms + HOUR_MS + 2_000
    usual = (await give(server, server.token(Role.INSTRUCTOR, "grace"))).ok()
    assert abs(usual["expires_at_ms"] - now_ms - limits.GIVEN_TOKEN_LIFE_MS) < 5_000
    # A candidate's may last until an exam that its service does not see any more.
    hers = (await give(server, short, role="candidate", lifetime_ms=100 * HOUR_MS)).ok()
    assert hers["expires_at_ms"] > now_ms + 99 * HOUR_MS


async def test_a_token_for_an_attempt_is_given_to_its_candidate_alone(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    service = server.service
    given = (await give(server, service, role="candidate", user_id=CANDIDATE, attempt_id=attempt_id)).ok()
    assert (await server.call("GET", f"/test-attempts/{attempt_id}/status", given["token"])).status == 200
    assert (await give(server, service, role="candidate", attempt_id=attempt_id)).code == Code.NOT_FOUND
    assert (await give(server, service, attempt_id=attempt_id)).code == Code.OUT_OF_RANGE
    for wrong in ({"groups": ["g"]}, {"branches": ["a", "b"]}):
        assert (await give(server, service, role="candidate", **wrong)).code == Code.OUT_OF_RANGE
    elsewhere = server.token(Role.SERVICE, "platform", branches=["south"])
    wanted = {"role": "candidate", "user_id": CANDIDATE, "attempt_id": attempt_id}
    assert (await give(server, elsewhere, **wanted)).code == Code.NOT_FOUND
    # One for all that she has would reach further than the service itself.
    assert (await give(server, elsewhere, role="candidate", user_id=CANDIDATE)).code == Code.FORBIDDEN


async def test_what_is_given_is_in_the_audit_log_and_can_be_withdrawn(server: RunningServer) -> None:
    given = (await give(server, server.token(Role.INSTRUCTOR, "grace"), branches=["north"], tests=[TEST])).ok()
    entries = (await server.call("GET", "/audit?kind=token_given", server.service)).ok()["entries"]
    (one,) = entries
    assert (one["by"], one["role"], one["subject"]) == ("grace", "instructor", "ida")
    assert one["entry"]["token_id"] == given["token_id"]
    assert (one["entry"]["role"], one["entry"]["branches"], one["entry"]["tests"]) == ("invigilator", ["north"], [TEST])
    assert given["token"] not in str(entries)
    (await server.call("GET", "/tests", given["token"])).ok()
    body = {"token_id": given["token_id"], "reason": "left"}
    (await server.call("POST", "/revocations", server.service, body)).ok()
    assert (await server.call("GET", "/tests", given["token"])).code == Code.TOKEN_REVOKED
