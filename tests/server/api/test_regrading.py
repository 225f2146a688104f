"""Regrades while others act: whoever still sits, marks that change, a second regrade, results that are released."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.commands import AnyCommand
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from server.attempts.pending import Done
from storage.regrades import Job
from tests.server.api.test_regrades import applied, kinds_of, regrade, store, versions, with_key
from tests.server.api.test_results import mark, seen
from tests.server.conftest import SELDOM_ON_POSTGRES, Pair
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.marking.test_marker import submitted
from tests.services.patience import PATIENCE_S


async def hand_in(server: RunningServer, attempt_id: str, answers: dict[str, Any]) -> None:
    path = f"/test-attempts/{attempt_id}"
    numbered = [
        {"n": n, "question_id": question_id, "value": value, "client_at_ms": 0}
        for n, (question_id, value) in enumerate(answers.items(), 1)
    ]
    (await server.call("POST", f"{path}/answers", server.service, {"answers": numbered})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "completed")


@SELDOM_ON_POSTGRES
async def test_whoever_hands_in_later_is_marked_by_the_right_keys(either_server: RunningServer) -> None:
    server = either_server
    ada, bob = await submitted(server, ANSWERS), await server.started("bob")
    await server.reaches(ada, "completed")
    again = {"left_ms": 60_000, "reason": "The fire alarm"}
    (await server.call("POST", f"/test-attempts/{ada}/reopen", server.instructor, again)).ok()
    right = await store(server, with_key("c"))
    progress = await applied(server, right)
    assert progress["done"] == 0, "nobody has handed in"
    await hand_in(server, bob, ANSWERS | {"single": "c"})
    (await server.call("POST", f"/test-attempts/{ada}/complete", server.service, {})).ok()
    await server.reaches(ada, "completed")
    wrong = "The key of the first question was wrong."
    assert await versions(server, bob) == [(1, right, SCORE_MPT, wrong, "grace")], "never by the wrong key"
    assert (await versions(server, ada))[-1] == (2, right, SCORE_MPT - 1_000, wrong, "grace")
    # Whoever began after it has the keys that she sat with, and an older regrade never overrules a newer one.
    server.pass_time(1)
    cleo = await server.started("cleo")
    dora = await server.started("dora")
    server.pass_time(1)
    await applied(server, 1)
    server.pass_time(1)
    await applied(server, right)
    await hand_in(server, cleo, ANSWERS)
    await hand_in(server, dora, ANSWERS)
    assert [(await versions(server, one))[0][:3] for one in (cleo, dora)] == [(1, right, SCORE_MPT - 1_000)] * 2


async def test_what_was_shown_is_what_is_applied(server: RunningServer) -> None:
    await server.make_test(essay=True)
    ada, bob = await submitted(server, ANSWERS | {"essay": "Because."}), await server.started("bob")
    (await mark(server, ada, "essay", score_mpt=4_000)).ok()
    body = exam(essay=True)
    body["questions"][0]["interactions"][0]["correct"] = "c"
    body["questions"][-1]["interactions"][0]["points_mpt"] = 10_000
    asked = {"key_version": await store(server, body)}
    shown = (await regrade(server, dry_run=True, **asked)).ok()
    assert (await regrade(server, dry_run=True, **asked, seen=shown["seen"])).ok() == shown
    corrected = {"score_mpt": 5_000, "reason": "A page was overlooked."}
    (await server.call("PUT", f"/test-attempts/{ada}/marks/essay", server.instructor, corrected)).ok()
    for dry_run in (True, False):
        refused = await regrade(server, **asked, seen=shown["seen"], dry_run=dry_run)
        assert refused.code == Code.ACTED_MEANWHILE
        assert "Marks have changed since this was tried" in refused.body["detail"]
    assert (await regrade(server, **asked, seen="nothing")).code == Code.OUT_OF_RANGE
    shown = (await regrade(server, dry_run=True, **asked)).ok()
    # Who hands in now was not among those that were shown, and is no reason to try it again.
    server.pass_time(1)
    await hand_in(server, bob, ANSWERS)
    await applied(server, asked["key_version"], seen=shown["seen"])
    await server.node.marker.mark([ada])
    result = (await seen(server, ada, token=server.instructor)).ok()
    assert [(one["after_mpt"], one["after_max_mpt"]) for one in shown["changes"]] == [
        (result["score_mpt"], result["max_mpt"])
    ]
    assert (await regrade(server, **asked, seen=shown["seen"])).code == Code.ACTED_MEANWHILE, "it has been applied"


async def nothing(now_ms: int) -> None:
    """No regrade that waits."""


async def test_two_at_two_servers_begin_one_regrade(deaf_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = deaf_pair
    attempt_id = await submitted(one, ANSWERS)
    await one.reaches(attempt_id, "completed")
    right = await store(one, with_key("c"))
    # Neither node begins before both have been asked.
    for server in deaf_pair:
        monkeypatch.setattr(server.node.regrades, "claim", nothing)
    replies = await asyncio.gather(*(regrade(deaf_pair[at % 2], key_version=right) for at in range(6)))
    assert len({reply.ok()["regrade_id"] for reply in replies}) == 1
    refused = await regrade(two, key_version=1)
    assert refused.code == Code.ACTED_MEANWHILE
    assert f"by the keys of version {right}" in refused.body["detail"]


class Steps:
    """A regrade that goes on by one attempt each time it is told to."""

    def __init__(self, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._go = asyncio.Semaphore(0)
        self._at = asyncio.Semaphore(0)
        monkeypatch.setattr("server.marking.regrader._PAGE", 1)
        found = server.node.regrades.sat

        async def waits(job: Job, limit: int) -> list[str]:
            self._at.release()
            await self._go.acquire()
            return await found(job, limit)

        monkeypatch.setattr(server.node.regrades, "sat", waits)

    async def stands(self) -> None:
        """Returns when it waits to go on. Marks that it has brought about may still be being made."""
        await self._at.acquire()

    def go(self) -> None:
        self._go.release()


async def test_nobody_sees_old_and_new_marks_together_when_results_are_released_in_a_regrade(
    either_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three attempts, two of them Ada's, whose average counts; looked at after each step, before the release and after
    it. Nobody is shown marks by the old keys once the regrade is accepted."""
    server = either_server
    rules: dict[str, Any] = {"max_attempts": None, "counts": "average"}
    await server.make_test(release="by_staff", **rules)
    ids = []
    for user in ("ada", "ada", "bob"):
        ids.append(await server.started(user))
        await hand_in(server, ids[-1], ANSWERS)
    body = exam(release="by_staff", **rules)
    body["questions"][0]["interactions"][0]["correct"] = "c"
    right = await store(server, body)
    users, new = ("ada", "ada", "bob"), SCORE_MPT - 1_000

    async def shown() -> list[int | str]:
        """What each candidate sees of each attempt: the score, or why not."""
        found: list[int | str] = []
        for attempt_id, user in zip(ids, users, strict=True):
            reply = await seen(server, attempt_id, token=server.token(user=user))
            found.append(reply.body["score_mpt"] if reply.status == 200 else reply.code)
            if reply.status == 200:
                assert sum(one["score_mpt"] for one in reply.body["marks"]) == reply.body["score_mpt"]
        return found

    async def counting() -> tuple[int, int | None]:
        """Of Ada's average, as she sees it with her last attempt and as staff do."""
        hers = (await seen(server, ids[1])).ok()["counting"]
        listed = (await server.call("GET", f"/tests/{TEST}/results", server.instructor)).ok()
        (ada, _) = listed["candidates"]
        assert (ada["waiting"], ada["score_mpt"]) == (hers["waiting"], hers["score_mpt"])
        return hers["waiting"], hers["score_mpt"]

    async def release(released: bool) -> None:
        asked = {"released": released, "reason": "The board has met."}
        (await server.call("POST", f"/tests/{TEST}/release", server.instructor, asked)).ok()

    async def statistics() -> str | None:
        reply = await server.call("GET", f"/tests/{TEST}/statistics", server.instructor)
        return None if reply.status == 200 else reply.code

    assert await shown() == [Code.NOT_RELEASED] * 3
    tried = (await regrade(server, key_version=right, dry_run=True)).ok()
    await release(True)
    assert await shown() == [SCORE_MPT] * 3, "a regrade that is only tried changes nothing"
    assert await counting() == (0, SCORE_MPT)
    await release(False)

    async def comes_to(expected: list[int | str]) -> None:
        """Returns when this is what they see; meanwhile they see nothing by the old keys."""
        async with asyncio.timeout(PATIENCE_S):
            while (now := await shown()) != expected:
                assert set(now) <= {new, Code.NOT_READY}

    steps = Steps(server, monkeypatch)
    asked = (await regrade(server, key_version=right, seen=tried["seen"])).ok()
    assert await shown() == [Code.NOT_READY] * 3, "no sign of the old marks, released or not"
    await release(True)
    for done in range(3):
        await comes_to([new] * done + [Code.NOT_READY] * (3 - done))
        assert await statistics() == Code.NOT_READY
        if done == 2:
            assert await counting() == (0, new)
        listed = (await server.call("GET", f"/tests/{TEST}/results", server.instructor)).ok()
        assert listed["regrade_id"] == asked["regrade_id"]
        assert [one["waiting"] for one in listed["candidates"]] == [max(0, 2 - done), 1]
        assert listed["candidates"][0]["score_mpt"] == (new if done == 2 else None), "no average of two keys"
        steps.go()
    steps.go()
    await comes_to([new] * 3)
    assert await counting() == (0, new)
    async with asyncio.timeout(PATIENCE_S):
        while await statistics() is not None:
            pass


async def test_an_attempt_that_could_not_be_written_for_now_is_taken_once_more(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    right = await store(server, with_key("c"))
    execute, tries = server.node.registry.execute, 0

    async def is_away_at_first(attempt_id: str, command: AnyCommand) -> Done | Refusal:
        nonlocal tries
        tries += 1
        return refuse(Code.STORAGE_UNAVAILABLE) if tries == 1 else await execute(attempt_id, command)

    monkeypatch.setattr(server.node.registry, "execute", is_away_at_first)
    monkeypatch.setattr("storage.regrades.LEASE_MS", 0)
    progress = await applied(server, right)
    assert (tries, progress["done"], progress["refused"]) == (2, 1, 0)


async def test_whoever_begins_after_a_regrade_is_not_in_it(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She sat by the newest keys, also where she has handed in before the regrade gets that far."""
    ada = await submitted(server, ANSWERS)
    await server.reaches(ada, "completed")
    newest = await store(server, with_key("c"))
    steps = Steps(server, monkeypatch)
    server.pass_time(1)
    (await regrade(server, key_version=1)).ok()
    server.pass_time(1)
    bob = await server.started("bob")
    await hand_in(server, bob, ANSWERS)
    steps.go()
    await steps.stands()
    assert "regraded" not in await kinds_of(server, bob)
    assert (await seen(server, bob, token=server.token(user="bob"))).ok()["key_version"] == newest
