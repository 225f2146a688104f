"""Regrades while others act: whoever still sits, marks that change, a second regrade, results that are released."""

import asyncio
from typing import Any

import pytest

from protocol.codes import Code
from tests.server.api.test_regrades import applied, regrade, store, versions, with_key
from tests.server.api.test_results import mark, seen
from tests.server.conftest import Pair
from tests.server.harness.exam import ANSWERS, SCORE_MPT, exam
from tests.server.harness.running import RunningServer
from tests.server.test_marker import submitted


async def hand_in(server: RunningServer, attempt_id: str, answers: dict[str, Any]) -> None:
    path = f"/test-attempts/{attempt_id}"
    numbered = [
        {"n": n, "question_id": question_id, "value": value, "client_at_ms": 0}
        for n, (question_id, value) in enumerate(answers.items(), 1)
    ]
    (await server.call("POST", f"{path}/answers", server.service, {"answers": numbered})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "completed")


async def test_whoever_hands_in_later_is_marked_by_the_right_keys(server: RunningServer) -> None:
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
    body["questions"][0]["correct"] = "c"
    body["questions"][-1]["points_mpt"] = 10_000
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
