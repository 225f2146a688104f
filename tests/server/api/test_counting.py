"""Which of her attempts counts, as the candidate is told beside her result."""

from typing import Any

from protocol.codes import Code
from tests.server.api.test_regrading import hand_in
from tests.server.api.test_results import mark, seen
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST
from tests.server.harness.running import RunningServer

GRADES = [{"label": "pass", "from_permille": 500}, {"label": "good", "from_permille": 1_000}]


async def sat(server: RunningServer, *tries: dict[str, Any]) -> list[str]:
    """Attempts of one candidate with these answers, one after the other."""
    ids = []
    for answers in tries:
        ids.append(await server.started())
        path = f"/test-attempts/{ids[-1]}"
        if "essay" not in answers:
            await hand_in(server, ids[-1], answers)
            continue
        answer = {"n": 1, "question_id": "essay", "value": answers["essay"], "client_at_ms": 0}
        (await server.call("POST", f"{path}/answers", server.service, {"answers": [answer]})).ok()
        (await server.call("POST", f"{path}/complete", server.service, {})).ok()
        await server.node.marker.mark([ids[-1]])
    return ids


async def told(server: RunningServer, attempt_id: str, token: str | None = None) -> Any:
    return (await seen(server, attempt_id, token=token)).ok()["counting"]


async def test_a_candidate_hears_which_attempt_counts_and_nothing_before_the_release(server: RunningServer) -> None:
    rules: dict[str, Any] = {"max_attempts": None, "grades": GRADES}
    await server.make_test(release="by_staff", **rules)
    first, second = await sat(server, ANSWERS | {"single": "a"}, ANSWERS)
    refused = await seen(server, first)
    assert (refused.code, b"counting" in refused.raw) == (Code.NOT_RELEASED, False)
    (await server.call("POST", f"/tests/{TEST}/release", server.instructor, {})).ok()
    best = await told(server, first)
    assert best == {
        "rule": "best",
        "waiting": 0,
        "score_mpt": SCORE_MPT,
        "max_mpt": SCORE_MPT,
        "grade": "good",
        "parts": [
            {"attempt_number": 1, "score_mpt": SCORE_MPT - 1_000, "max_mpt": SCORE_MPT, "this": True, "counts": False},
            {"attempt_number": 2, "score_mpt": SCORE_MPT, "max_mpt": SCORE_MPT, "this": False, "counts": True},
        ],
    }
    # The newest rule counts.
    await server.make_test(release="by_staff", **rules | {"counts": "first"})
    by_first = await told(server, second)
    assert (by_first["score_mpt"], [one["counts"] for one in by_first["parts"]]) == (SCORE_MPT - 1_000, [True, False])
    assert (await seen(server, second, token=server.instructor)).ok()["counting"] is None, "staff have the list"
    await server.make_test(shows="reference", **rules)
    assert (await seen(server, second)).code == Code.RESULT_HIDDEN
    await server.make_test(max_attempts=1)
    alone = await server.started("bob")
    await hand_in(server, alone, ANSWERS)
    assert await told(server, alone, server.token(user="bob")) is None


async def test_the_average_is_told_with_its_parts(either_server: RunningServer) -> None:
    server = either_server
    await server.make_test(essay=True, max_attempts=None, counts="average", grades=GRADES)
    first, waits, third = await sat(server, ANSWERS, {"essay": "Because."}, ANSWERS | {"single": "a"})
    pending = await told(server, first)
    assert (pending["waiting"], pending["score_mpt"], pending["grade"]) == (1, None, None)
    assert [(one["attempt_number"], one["counts"]) for one in pending["parts"]] == [(1, False), (3, False)]
    (await mark(server, waits, "essay", score_mpt=1_001)).ok()
    average = await told(server, third)
    assert [one["score_mpt"] for one in average["parts"]] == [SCORE_MPT, 1_001, SCORE_MPT - 1_000]
    assert all(one["counts"] for one in average["parts"])
    assert (average["score_mpt"], average["waiting"]) == ((2 * SCORE_MPT + 1) // 3, 0)
    # An attempt that is void, and one that is sat, are no part of it.
    void, sits = await server.started(), None
    (await server.call("POST", f"/test-attempts/{void}/cancel", server.instructor, {"reason": "ill"})).ok()
    sits = await server.started()
    assert await told(server, third) == average
    assert (await seen(server, sits)).code == Code.NOT_ENDED


async def test_a_link_to_one_result_tells_nothing_of_other_attempts(server: RunningServer) -> None:
    await server.make_test(max_attempts=None)
    first, second = await sat(server, ANSWERS | {"single": "a"}, ANSWERS)
    for attempt_id, number, counts in ((first, 1, False), (second, 2, True)):
        made = await server.call("POST", f"/test-attempts/{attempt_id}/result-token", server.instructor, {})
        found = await told(server, attempt_id, made.ok()["token"])
        assert [(one["attempt_number"], one["counts"]) for one in found["parts"]] == [(number, counts)]
        assert found["score_mpt"] == (SCORE_MPT if counts else None)
