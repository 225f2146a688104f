"""Attempts and results over REST, found by filters; and cursors, which are good for their own list alone."""

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import RunningServer


@pytest.fixture
async def school(server: RunningServer) -> RunningServer:
    (await server.call("PUT", "/tests/other", server.service, exam())).ok()
    for user in ("ada", "bob", "eve"):
        await server.make_attempt(user)
    await server.make_attempt("ada", test_id="other")
    return server


async def found(server: RunningServer, query: str, token: str = "") -> list[str]:
    reply = (await server.call("GET", f"/test-attempts?{query}", token or server.service)).ok()
    return [f"{one['user_id']} {one['test_id']}" for one in reply["attempts"]]


async def test_filters_and_sorting(school: RunningServer) -> None:
    assert await found(school, "sort=-user_id") == [f"eve {TEST}", f"bob {TEST}", "ada other", f"ada {TEST}"]
    assert await found(school, f"test_id={TEST}&user_id=ada") == [f"ada {TEST}"]
    assert await found(school, "status=in_progress,paused") == []
    await school.started("cem")
    assert await found(school, "status=in_progress,paused") == [f"cem {TEST}"]
    assert await found(school, "status=in_progress", school.token(Role.INVIGILATOR, "ida", tests=["other"])) == []
    assert await found(school, f"updated_since_ms={school.clock.now_ms() + 1}") == []
    refused = await school.call("GET", "/test-attempts?status=sleeping", school.service)
    assert (refused.code, "in_progress" in refused.body["detail"]) == (Code.OUT_OF_RANGE, True)


async def test_fields_that_are_asked_for(school: RunningServer) -> None:
    reply = (await school.call("GET", "/test-attempts?fields=status,user_id&user_id=bob", school.service)).ok()
    (bob,) = reply["attempts"]
    assert bob == {"attempt_id": bob["attempt_id"], "user_id": "bob", "status": "initiated"}
    assert (await school.call("GET", "/test-attempts?fields=keys", school.service)).code == Code.OUT_OF_RANGE


async def test_one_attempt_is_that_of_the_list(school: RunningServer) -> None:
    (bob,) = (await school.call("GET", "/test-attempts?user_id=bob", school.service)).ok()["attempts"]
    assert (await school.call("GET", f"/test-attempts/{bob['attempt_id']}", school.service)).ok() == bob
    assert bob["updated_at_ms"] <= school.clock.now_ms()
    assert (await school.call("GET", f"/test-attempts/{bob['attempt_id']}", school.token(user="bob"))).status == 403


async def test_a_candidate_names_a_test_and_nothing_else(school: RunningServer) -> None:
    ada = school.token(user="ada")
    reply = (await school.call("GET", f"/test-attempts?test_id={TEST}", ada)).ok()
    assert [sorted(one) for one in reply["attempts"]] == [["attempt_id", "attempt_number", "status"]]
    assert (await school.call("GET", f"/test-attempts?test_id={TEST}&user_id=bob", ada)).code == Code.UNKNOWN_FIELD


async def test_pages_of_a_list_and_of_no_other(school: RunningServer) -> None:
    first = (await school.call("GET", "/test-attempts?limit=3&sort=user_id", school.service)).ok()
    cursor = first["next"]
    second = (await school.call("GET", f"/test-attempts?limit=2&sort=user_id&after={cursor}", school.service)).ok()
    assert [one["user_id"] for one in (*first["attempts"], *second["attempts"])] == ["ada", "ada", "bob", "eve"]
    assert second["next"] is None
    # Fields are no part of what a list is; filters, order, address and organisation are.
    (await school.call("GET", f"/test-attempts?sort=user_id&fields=status&after={cursor}", school.service)).ok()
    college = school.token(Role.SERVICE, "platform", "college")
    for address, token in (
        ("/test-attempts?", school.service),
        ("/test-attempts?sort=-user_id&", school.service),
        (f"/test-attempts?sort=user_id&test_id={TEST}&", school.service),
        ("/results?sort=user_id&", school.service),
        ("/people?", school.service),
        ("/tests?limit=1&", school.service),
        (f"/tests/{TEST}/attempts?", school.service),
        ("/test-attempts?sort=user_id&", college),
    ):
        refused = await school.call("GET", f"{address}after={cursor}", token)
        assert (refused.status, refused.code) == (422, Code.WRONG_CURSOR), address
    for nothing in ("x", "ada", cursor[:-1], cursor + "x", "0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47"):
        refused = await school.call("GET", f"/test-attempts?sort=user_id&after={nothing}", school.service)
        assert refused.code == Code.WRONG_CURSOR, nothing


async def test_results_of_many_attempts(school: RunningServer) -> None:
    for user in ("cem", "dan"):
        attempt_id = await school.started(user)
        (await school.call("POST", f"/test-attempts/{attempt_id}/complete", school.service, {})).ok()
        await school.node.marker.mark([attempt_id])
    reply = (await school.call("GET", f"/results?test_id={TEST}&sort=-user_id&limit=2", school.service)).ok()
    assert [(one["user_id"], one["complete"], one["score_mpt"], one["version"]) for one in reply["results"]] == [
        ("dan", True, 0, 1),
        ("cem", True, 0, 1),
    ]
    dan = reply["results"][0]["attempt_id"].upper()
    (alone,) = (await school.call("GET", f"/results?attempt_id={dan}&fields=score_mpt", school.service)).ok()["results"]
    assert alone == {"attempt_id": dan.lower(), "score_mpt": 0}
    assert (await school.call("GET", "/results", school.token(Role.INVIGILATOR, "ida"))).status == 403
    college = school.token(Role.SERVICE, "platform", "college")
    assert (await school.call("GET", f"/results?test_id={TEST}", college)).ok()["results"] == []


async def test_older_versions_of_a_test(school: RunningServer) -> None:
    (await school.call("PUT", "/tests/other", school.service, exam() | {"title": "Corrected"})).ok()
    listed = (await school.call("GET", "/tests/other/versions", school.service)).ok()
    assert [(one["version"], one["title"]) for one in listed["versions"]] == [(2, "Corrected"), (1, exam()["title"])]
    assert (await school.call("GET", "/tests/other?version=1", school.service)).ok()["title"] == exam()["title"]
    assert (await school.call("GET", "/tests/other?version=2", school.service)).ok()["title"] == "Corrected"
    assert (await school.call("GET", "/tests/other?version=3", school.service)).code == Code.NOT_FOUND
    college = school.token(Role.SERVICE, "platform", "college")
    assert (await school.call("GET", "/tests/other/versions", college)).code == Code.NOT_FOUND
