"""What the organisation's audit log says after what was done, and who may read it."""

from base64 import b64decode
from typing import Any

import pytest

from protocol.attempt.chain import digest_of, link
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rules.audit import ENTRIES, seed
from tests.server.conftest import StartServer
from tests.server.harness.exam import CANDIDATE, ORG, TEST, exam
from tests.server.harness.running import RunningServer


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    server = await start_server()
    await server.make_test()
    return server


async def entries(server: RunningServer, query: str = "", org: str = ORG) -> list[dict[str, Any]]:
    reply = await server.call("GET", f"/audit{query}", server.token(Role.ADMINISTRATOR, "root", org))
    found: list[dict[str, Any]] = reply.ok()["entries"]
    return found


async def test_what_is_done_is_in_it(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/end", server.service, {"reason": "because"})).ok()
    await server.advance(10_000)
    await server.reaches(attempt_id, "completed")
    grace = server.token(Role.INSTRUCTOR, "grace")
    (await server.call("GET", f"{path}/result", grace)).ok()
    (await server.call("POST", f"{path}/result-token", grace, {})).ok()
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam() | {"title": "New"})).ok()
    (await server.call("GET", f"/users/{CANDIDATE}/export", server.service)).ok()
    (await server.call("POST", "/revocations", server.service, {"user_id": CANDIDATE, "reason": "lost"})).ok()
    said = [(one["kind"], one["role"], one["by"], one["subject"]) for one in await entries(server)]
    assert said == [
        ("test_stored", "service", "platform", None),
        ("results_read", "instructor", "grace", CANDIDATE),
        ("token_given", "instructor", "grace", CANDIDATE),
        ("test_stored", "service", "platform", None),
        ("person_exported", "service", "platform", CANDIDATE),
        ("tokens_revoked", "service", "platform", CANDIDATE),
    ]
    assert {kind for kind, *_ in said} <= set(ENTRIES)
    (await server.call("DELETE", f"/users/{CANDIDATE}", server.service)).ok()
    after = await entries(server)
    assert [one["seq"] for one in after if not one["entry"]] == [2, 3, 5, 6]
    assert (after[-1]["kind"], after[-1]["entry"]["emptied"]) == ("person_erased", [2, 3, 5, 6])
    assert not any(CANDIDATE.encode() in b64decode(one["body"]) or one["subject"] == CANDIDATE for one in after)


async def test_candidates_and_refused_calls_leave_nothing(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    before = await entries(server)
    await server.call("GET", f"{path}/result", server.token())
    assert (await server.call("GET", f"{path}/result", server.service)).code == Code.NOT_ENDED
    assert (await server.call("PUT", f"/tests/{TEST}", server.instructor, exam())).code == Code.FORBIDDEN
    assert (await server.call("GET", f"/users/{CANDIDATE}/export", server.instructor)).code == Code.FORBIDDEN
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam())).ok()
    assert await entries(server) == before


async def test_whoever_reads_it_can_check_it(server: RunningServer) -> None:
    (await server.call("GET", f"/users/{CANDIDATE}/export", server.service)).ok()
    head = seed(ORG)
    for one in await entries(server):
        body, digest = b64decode(one["body"]), bytes.fromhex(one["digest"])
        assert digest_of(bytes.fromhex(one["key"]), body) == digest
        head = link(head, b64decode(one["header"]), digest)
        assert head.hex() == one["hash"]


async def test_pages_and_filters(server: RunningServer) -> None:
    for user in ("ada", "bob", "cy"):
        (await server.call("GET", f"/users/{user}/export", server.service)).ok()
    token = server.token(Role.ADMINISTRATOR, "root")
    found, after = [], 0
    while True:
        page = (await server.call("GET", f"/audit?after={after}&limit=2&kind=person_exported", token)).ok()
        found += [one["subject"] for one in page["entries"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == ["ada", "bob", "cy"]
    newest = (await server.call("GET", "/audit?before=9007199254740991&limit=2", token)).ok()
    assert [one["subject"] for one in newest["entries"]] == ["cy", "bob"]
    older = (await server.call("GET", f"/audit?before={newest['next']}", token)).ok()
    assert ([one["subject"] for one in older["entries"]], older["next"]) == (["ada", None], None)
    assert [one["subject"] for one in await entries(server, "?subject=bob")] == ["bob"]
    assert await entries(server, "?until_ms=0") == []
    grace = server.token(Role.INSTRUCTOR, "grace")
    (await server.call("GET", f"/tests/{TEST}", grace)).ok()
    await server.make_test("other")
    body = {"test_id": "other", "user_id": "ada"}
    (await server.call("PUT", "/enrolments", server.service, body)).ok()
    assert [one["kind"] for one in await entries(server, "?by=grace")] == ["keys_read"]
    assert [one["kind"] for one in await entries(server, f"?test_id={TEST}&by=grace&kind=keys_read")] == ["keys_read"]
    assert [one["kind"] for one in await entries(server, "?test_id=other")] == ["test_stored", "enrolments_changed"]
    assert await entries(server, "?test_id=other&by=grace") == []
    (await server.call("DELETE", "/users/ada", server.service)).ok()
    about_nobody = {one["kind"] for one in await entries(server, "?test_id=other")}
    assert about_nobody == {"test_stored"}, "an entry that was emptied is found by nothing that it said"
    assert (await server.call("GET", "/audit?limit=0", token)).code == Code.OUT_OF_RANGE


async def test_each_organisation_has_its_own(server: RunningServer) -> None:
    assert await entries(server, org="college") == []
    await server.make_test(org="college")
    (one,) = await entries(server, org="college")
    assert (one["seq"], one["kind"]) == (1, "test_stored")
    limits: list[dict[str, Any]] = [{"tests": [TEST]}, {"branches": ["north"]}]
    for limit in limits:
        narrow = server.token(Role.ADMINISTRATOR, "root", **limit)
        assert (await server.call("GET", "/audit", narrow)).code == Code.FORBIDDEN


async def test_enrolments_and_overrides_are_in_it_with_their_change(server: RunningServer) -> None:
    grace = server.token(Role.INSTRUCTOR, "grace")
    before = len(await entries(server))
    (await server.call("PUT", "/people/ada", grace, {"name": "Ada"})).ok()
    (await server.call("PUT", "/groups/room", grace, {"title": "Room"})).ok()
    (await server.call("PUT", "/groups/room/members/ada", grace, {})).ok()
    enrolment = {"test_id": TEST, "user_id": "ada"}
    (await server.call("PUT", "/enrolments", grace, enrolment)).ok()
    override = {"override": {"extra_time_ms": 60_000}, "reason": "broken arm"}
    (await server.call("PUT", f"/tests/{TEST}/overrides/users/ada", grace, override)).ok()
    for _ in range(2):
        # The second time there is nothing to take back, and nothing to say.
        (await server.call("DELETE", f"/tests/{TEST}/overrides/users/ada", grace)).ok()
        (await server.call("DELETE", f"/enrolments?test_id={TEST}&user_id=ada", grace)).ok()
        for path in ("/groups/room/members/ada", "/groups/room", "/people/ada"):
            (await server.call("DELETE", path, grace)).ok()
    said = (await entries(server))[before:]
    assert [(one["kind"], one["entry"].get("removed", False), one["subject"], one["by"]) for one in said] == [
        ("person_changed", False, "ada", "grace"),
        ("group_changed", False, None, "grace"),
        ("member_changed", False, "ada", "grace"),
        ("enrolments_changed", False, "ada", "grace"),
        ("override_changed", False, "ada", "grace"),
        ("override_changed", True, "ada", "grace"),
        ("enrolments_changed", True, "ada", "grace"),
        ("member_changed", True, "ada", "grace"),
        ("group_changed", True, None, "grace"),
        ("person_changed", True, "ada", "grace"),
    ]
    assert said[4]["entry"]["reason"] == "broken arm"
