"""Marking: by itself as far as that goes, then by a person, and never lost."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.commands import HandIn, Operate
from protocol.attempt.model import Actor, Attempt, Role
from protocol.codes import Code
from protocol.messages.operations import Answer
from server.marking import marker as marker_module
from server.marking.marker import Marker
from storage.errors import StorageUnavailable
from storage.log.batch import Rows
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually


async def submitted(server: RunningServer, answers: dict[str, Any], test_id: str = TEST) -> str:
    attempt_id = await server.started(test_id=test_id)
    body = [{"n": n, "question_id": q, "value": v, "client_at_ms": 0} for n, (q, v) in enumerate(answers.items(), 1)]
    path = f"/test-attempts/{attempt_id}"
    if body:
        (await server.act("POST", f"{path}/answers", server.token(), {"answers": body})).ok()
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    return attempt_id


async def result(server: RunningServer, attempt_id: str) -> Any:
    return (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.token())).ok()


@pytest.mark.parametrize(
    ("changed", "score_mpt"),
    [
        ({}, SCORE_MPT),
        ({"single": "a"}, SCORE_MPT - 1_000),
        ({"multiple": ["a"]}, SCORE_MPT - 3_000),
        ({"number": "3,55", "word": "  EULER "}, SCORE_MPT),
        ({"number": "3.61", "word": "Gauss", "fact": "false"}, SCORE_MPT - 3_000),
        (dict.fromkeys(ANSWERS), 0),
    ],
)
async def test_what_needs_no_person_is_completed(
    server: RunningServer, changed: dict[str, Any], score_mpt: int
) -> None:
    attempt_id = await submitted(server, ANSWERS | changed)
    await server.reaches(attempt_id, "completed")
    marks = await result(server, attempt_id)
    assert (marks["score_mpt"], marks["max_mpt"], marks["complete"]) == (score_mpt, SCORE_MPT, True)
    assert sum(mark["score_mpt"] for mark in marks["marks"]) == score_mpt


async def test_marks_wait_until_a_rush_has_passed(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, rush = 0, True

    def hurried() -> bool:
        nonlocal asked
        asked += 1
        return rush

    monkeypatch.setattr(marker_module, "_REST_S", 0.01)
    monkeypatch.setattr(marker_module, "_MOST_RESTS", 1_000_000)
    monkeypatch.setattr(server.node.marker, "_hurried", hurried)
    attempt_id = await submitted(server, ANSWERS)
    await eventually(lambda: asked > 3)
    assert (await server.status(attempt_id))["status"] == "submitted"
    rush = False
    await server.reaches(attempt_id, "completed")


async def test_marks_come_although_a_rush_does_not_pass(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow disk keeps hundreds of records waiting while anybody sits: nobody who was done was ever marked."""
    monkeypatch.setattr(marker_module, "_REST_S", 0.0)
    monkeypatch.setattr(server.node.marker, "_hurried", lambda: True)
    await server.reaches(await submitted(server, ANSWERS), "completed")


async def test_a_node_without_neighbours_claims_nothing_while_its_own_queue_has_some(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, rush, claimed = server.node.marker, True, 0
    claim = server.node.claims.claim_unmarked

    async def counted(*given: Any, **named: Any) -> list[str]:
        nonlocal claimed
        claimed += 1
        return await claim(*given, **named)

    monkeypatch.setattr(marker_module, "_REST_S", 0.01)
    monkeypatch.setattr(marker_module, "_MOST_RESTS", 1_000_000)
    monkeypatch.setattr(marker, "_hurried", lambda: rush)
    monkeypatch.setattr(server.node.claims, "claim_unmarked", counted)
    attempt_id = await submitted(server, ANSWERS)
    await eventually(lambda: marker.waiting)
    claimed = 0
    await marker.sweep()
    assert claimed == (0 if marker._alone else 1)
    rush = False
    await server.reaches(attempt_id, "completed")
    await marker.sweep()
    assert claimed > 0


async def test_an_essay_waits_for_a_person(server: RunningServer) -> None:
    await server.make_test("essays", essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because."}, "essays")
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    await eventually(lambda: live.committed.awaiting_marks == 1)
    marks = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.instructor)).ok()
    assert (marks["complete"], marks["awaiting_marks"], marks["status"]) == (False, 1, "submitted")
    path = f"/test-attempts/{attempt_id}/marks"
    (await server.call("PUT", f"{path}/single", server.instructor, {"score_mpt": 0, "remark": "copied"})).ok()
    assert (await server.status(attempt_id))["status"] == "submitted"
    body = {"score_mpt": 4_500, "remark": "Well said"}
    marks = (await server.call("PUT", f"{path}/essay", server.instructor, body)).ok()
    assert (marks["complete"], marks["score_mpt"], marks["max_mpt"]) == (True, SCORE_MPT - 1_000 + 4_500, 12_000)
    by_hand = {mark["question_id"]: mark for mark in marks["marks"] if mark["marked_by"]}
    assert {q: (m["marked_by"], m["remark"]) for q, m in by_hand.items()} == {
        "single": ("grace", "copied"),
        "essay": ("grace", "Well said"),
    }
    assert (await server.status(attempt_id))["status"] == "completed"
    again = await server.call("PUT", f"{path}/essay", server.instructor, {"score_mpt": 1})
    assert again.code == Code.MARKS_FINAL


async def test_a_blank_essay_needs_no_person(server: RunningServer) -> None:
    await server.make_test("essays", essay=True)
    attempt_id = await submitted(server, {"essay": "  \n "}, "essays")
    await server.reaches(attempt_id, "completed")


async def test_marking_that_failed_is_made_up_for(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = 0

    async def fail(*_: Any) -> None:
        nonlocal failures
        failures += 1
        raise StorageUnavailable("gone") if failures == 1 else RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(server.node.results, "save", fail)
        attempt_id = await submitted(server, ANSWERS)
        await eventually(lambda: failures)
        server.clock.advance(20_000)
        await server.node.marker.sweep()
        await eventually(lambda: failures > 1)
        reply = await server.call("GET", f"/test-attempts/{attempt_id}/result", server.token())
        assert reply.code == Code.NOT_READY
    server.clock.advance(20_000)
    await server.node.marker.sweep()
    await server.reaches(attempt_id, "completed")
    assert (await result(server, attempt_id))["score_mpt"] == SCORE_MPT


async def test_a_sweep_marks_nobody_twice(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    saves, come, go = 0, asyncio.Event(), asyncio.Event()
    save = server.node.results.save

    async def slow(*results: Any) -> None:
        nonlocal saves
        saves += 1
        come.set()
        await go.wait()
        await save(*results)

    monkeypatch.setattr(server.node.results, "save", slow)
    attempt_id = await submitted(server, ANSWERS)
    await come.wait()
    server.clock.advance(20_000)
    await server.node.marker.sweep()
    assert server.node.marker.waiting == 0
    go.set()
    await server.reaches(attempt_id, "completed")
    assert saves == 1


async def test_a_reopened_attempt_is_marked_anew(server: RunningServer) -> None:
    attempt_id = await submitted(server, {"fact": "true"})
    first = await server.reaches(attempt_id, "completed")
    path = f"/test-attempts/{attempt_id}"
    body = {"left_ms": 60_000, "reason": "go on"}
    (await server.call("POST", f"{path}/reopen", server.instructor, body)).ok()
    assert (await server.call("GET", f"{path}/result", server.token())).code == Code.NOT_ENDED
    answer = {"n": 2, "question_id": "single", "value": "b", "client_at_ms": 0}
    (await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})).ok()
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    second = await server.reaches(attempt_id, "completed")
    assert second["reference"] != first["reference"]
    marks = await result(server, attempt_id)
    assert (marks["score_mpt"], marks["reference"]) == (2_000, second["reference"])


async def again(server: RunningServer, attempt_id: str, **changed: Any) -> None:
    """Reopens the attempt; the candidate changes these answers, and hands in."""
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/reopen", server.instructor, {"left_ms": 60_000, "reason": "go on"})).ok()
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    last_n = live.committed.last_n
    answers = [
        {"n": last_n + n, "question_id": question_id, "value": value, "client_at_ms": 0}
        for n, (question_id, value) in enumerate(changed.items(), 1)
    ]
    if answers:
        (await server.act("POST", f"{path}/answers", server.token(), {"answers": answers})).ok()
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()


async def test_a_mark_by_hand_outlives_a_reopening_while_its_answer_is_what_it_was(server: RunningServer) -> None:
    await server.make_test("essays", essay=True)
    attempt_id = await submitted(server, ANSWERS | {"essay": "Because.", "single": "a"}, "essays")
    path = f"/test-attempts/{attempt_id}"
    for question_id, score_mpt in (("single", 500), ("essay", 4_000)):
        body = {"score_mpt": score_mpt, "remark": "Well said"}
        (await server.call("PUT", f"{path}/marks/{question_id}", server.instructor, body)).ok()
    await again(server, attempt_id, number="1")
    await server.reaches(attempt_id, "completed")
    marks = await result(server, attempt_id)
    assert marks["score_mpt"] == SCORE_MPT - 500 - 1_000 + 4_000, "nobody has to mark the same again"
    assert [mark["remark"] for mark in marks["marks"] if mark["remark"]] == ["Well said", "Well said"]

    await again(server, attempt_id, essay="Because of that.", single="c")
    await eventually(lambda: server.node.marker.waiting == 0)
    await server.node.marker.mark([attempt_id])
    waiting = (await server.call("GET", f"{path}/result", server.instructor)).ok()
    assert (waiting["complete"], waiting["awaiting_marks"]) == (False, 2)
    essays = (await server.call("GET", f"{path}/essays", server.instructor)).ok()["essays"]
    assert [
        (one["question_id"], one["parts"][0]["value"], one["score_mpt"], one["outdated_mpt"]) for one in essays
    ] == [
        ("single", "Option c", None, 500),
        ("essay", "Because of that.", None, 4_000),
    ]
    # Back to what was marked, the mark holds again; the other one is given anew.
    await again(server, attempt_id, essay="Because.")
    await eventually(lambda: server.node.marker.waiting == 0)
    (await server.call("PUT", f"{path}/marks/single", server.instructor, {"score_mpt": 0})).ok()
    await server.reaches(attempt_id, "completed")
    assert (await result(server, attempt_id))["score_mpt"] == SCORE_MPT - 1_000 - 1_000 + 4_000


async def ended(server: RunningServer, count: int) -> list[str]:
    """So many attempts that have ended and wait to be marked."""
    attempt_ids = []
    for number in range(count):
        user = f"u{number}"
        attempt_id = await server.started(user)
        live = server.node.registry.at_hand(attempt_id)
        assert live is not None
        actor = Actor(Role.CANDIDATE, user)
        for n, (question_id, value) in enumerate(ANSWERS.items(), 1):
            live.offer(Operate(actor, None, Answer(n, question_id, value, None, 0)), lambda outcome: None)
        await live.run(HandIn(actor, 0))
        attempt_ids.append(attempt_id)
    return attempt_ids


async def test_many_that_end_at_once_are_marked_in_a_few_transactions(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(server.node.marker, "notice", lambda attempt_id: None)
        attempt_ids = await ended(server, 40)
    writes = commits = 0
    write, commit = server.node.database.write, server.node.journal._writer.write
    marking = asyncio.current_task()

    async def counted(work: Any) -> Any:
        nonlocal writes
        # What the node does by the clock is none of the marker's.
        writes += asyncio.current_task() is marking
        return await write(work)

    async def counted_commit(rows: Rows) -> dict[str, str]:
        nonlocal commits
        commits += 1
        return await commit(rows)

    monkeypatch.setattr(server.node.database, "write", counted)
    monkeypatch.setattr(server.node.journal._writer, "write", counted_commit)
    await server.node.marker.mark(attempt_ids)
    portions = -(-len(attempt_ids) // server.node.database.portion)
    assert writes == 2 * portions + 1, "snapshots, results, and that it is done"
    assert commits <= 2, "nobody sits: all of them are completions"
    for attempt_id in attempt_ids:
        assert (await server.status(attempt_id))["status"] == "completed"
        found = await server.node.results.get(attempt_id)
        assert found is not None
        assert found.score_mpt == SCORE_MPT


async def test_one_that_cannot_be_marked_stops_none_of_the_others(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker: Marker = server.node.marker
    with monkeypatch.context() as patch:
        patch.setattr(marker, "notice", lambda attempt_id: None)
        first, bad, last = await ended(server, 3)
    marked = marker._marked

    async def fail(attempt: Attempt) -> Any:
        if attempt.identity.attempt_id == bad:
            raise RuntimeError("a bug")
        return await marked(attempt)

    monkeypatch.setattr(marker, "_marked", fail)
    for attempt_id in (first, bad, last):
        marker.notice(attempt_id)
    await eventually(lambda: server.node.tally.marking_failures)
    await server.reaches(first, "completed")
    await server.reaches(last, "completed")
    assert (await server.status(bad))["status"] == "submitted"
    monkeypatch.setattr(marker, "_marked", marked)
    marker.notice(bad)
    await server.reaches(bad, "completed")


async def test_what_is_not_there_is_not_marked(server: RunningServer) -> None:
    marker: Marker = server.node.marker
    await marker.mark(["01890a5d-ac96-774b-bcce-b302099a8057"])
    attempt_id = await server.started()
    await marker.mark([attempt_id])
    assert await server.node.results.get(attempt_id) is None
