"""Marks reach nobody who may not read results: no event, no row of a room, no list, no marker."""

from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.rules.second_marking import handle_of
from server.app import ENDPOINTS
from tests.server.harness.calls import NOTHING, make
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST
from tests.server.harness.running import RunningServer
from tests.server.marking.test_marker import submitted


async def marked(server: RunningServer) -> str:
    """An attempt whose essay a person has marked."""
    await server.make_test(essay=True, release="by_staff")
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    path = f"/test-attempts/{attempt_id}/marks"
    for question_id, score_mpt in (("single", 0), ("essay", 4_000)):
        (await server.call("PUT", f"{path}/{question_id}", server.instructor, {"score_mpt": score_mpt})).ok()
    return attempt_id


async def test_no_event_carries_marks(server: RunningServer) -> None:
    await marked(server)
    told = await server.told()
    assert {"attempt.assessed", "attempt.completed"} <= {topic for topic, _ in told}
    for _, payload in told:
        assert not [name for name in payload if name.endswith("_mpt") or name in ("marks", "answers", "grade")]


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.INVIGILATOR, None), (Role.CHIEF_INVIGILATOR, None), (Role.INSTRUCTOR, SCORE_MPT + 3_000)]
)
async def test_rows_have_marks_for_those_who_may_read_results(
    server: RunningServer, role: Role, sees: int | None
) -> None:
    attempt_id = await marked(server)
    token = server.token(role, "ida")
    (listed,) = (await server.call("GET", f"/tests/{TEST}/attempts", token)).ok()["attempts"]
    assert listed["score_mpt"] == sees
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(token)
        await socket.until("monitor_welcome")
        (row,) = (await socket.until("roster"))["rows"]
        assert (row["score_mpt"], row["awaiting_marks"]) == (sees, 0)
        corrected = {"score_mpt": 5_000, "reason": "A page was overlooked."}
        (await server.call("PUT", f"/test-attempts/{attempt_id}/marks/essay", server.instructor, corrected)).ok()
        newest = (await server.status(attempt_id))["seq"]
        while row["seq"] < newest:
            (row,) = (await socket.until("rows"))["rows"]
            assert sees is not None or row["score_mpt"] is None
        assert row["score_mpt"] == (None if sees is None else sees + 1_000)


async def test_no_call_of_a_blind_marker_names_the_candidate(server: RunningServer) -> None:
    """Every call that her role may make, also with what was wrong in it."""
    (await server.call("PUT", "/people/canary-id", server.service, {"name": "Canary Name"})).ok()
    await server.make_test(essay=True, blind_marking=True)
    attempt_id = await server.started("canary-id", display_name="Canary Name")
    answer = {"n": 1, "question_id": "essay", "value": "Because.", "client_at_ms": 0}
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/answers", server.service, {"answers": [answer]})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.node.marker.mark([attempt_id])
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    ids = NOTHING._replace(
        attempt_id=handle_of(live.committed.key), test_id=TEST, question_id="essay", user_id="canary-id"
    )
    mia, shown = server.token(Role.MARKER, "mia"), 0
    for endpoint in ENDPOINTS:
        reply = await make(server, f"{endpoint.method} {endpoint.path}", ids, mia)
        assert b"canary" not in reply.raw.lower().replace(b"/users/canary-id", b""), endpoint.path
        shown += Role.MARKER in endpoint.roles and reply.status < 300
    assert shown >= 6, "her queue, an answer, its paper, the essays, a mark"


async def test_a_marker_learns_of_her_own_mark_alone(server: RunningServer) -> None:
    await server.make_test(essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."})
    path = f"/test-attempts/{attempt_id}/marks"
    body = {"score_mpt": 0, "remark": "Copied."}
    (await server.call("PUT", f"{path}/single", server.instructor, body)).ok()
    given: dict[str, Any] = {"score_mpt": 4_000, "remark": "Good"}
    told = (await server.call("PUT", f"{path}/essay", server.token(Role.MARKER, "mia"), given)).ok()
    assert [(one["question_id"], one["score_mpt"], one["marked_by"]) for one in told["marks"]] == [
        ("essay", 4_000, "mia")
    ]
    assert (told["score_mpt"], told["max_mpt"], told["complete"]) == (4_000, 5_000, True)
    assert (told["reference"], told["grade"], told["warnings"]) == (None, None, None)
    essays = f"/test-attempts/{attempt_id}/essays"
    for name, knows in (("mia", (4_000, "Good")), ("tom", (None, ""))):
        (shown,) = (await server.call("GET", essays, server.token(Role.MARKER, name))).ok()["essays"]
        assert (shown["score_mpt"], shown["remark"]) == knows, "another marker's mark is not told either"
    staff = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.instructor)).ok()
    assert staff["score_mpt"] == SCORE_MPT - 1_000 + 4_000
