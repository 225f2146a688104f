"""Several commands of one caller."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.commands import AnyCommand, Operate
from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.operations import Answer
from server.attempts import several
from server.attempts.live import LiveAttempt
from server.attempts.pending import Done
from server.attempts.several import run_all
from server.pacing.turns import IN_ONE_STEP, turns
from tests.server.harness.exam import CANDIDATE
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually


def commands(count: int) -> list[Operate]:
    actor = Actor(Role.CANDIDATE, CANDIDATE)
    return [Operate(actor, None, Answer(n, "single", "b", None, 1)) for n in range(1, count + 1)]


async def started(server: RunningServer) -> LiveAttempt:
    live = await server.node.registry.get(await server.started())
    assert live is not None
    return live


async def test_each_has_its_own_outcome(server: RunningServer) -> None:
    live = await started(server)
    wrong = Operate(Actor(Role.CANDIDATE, CANDIDATE), None, Answer(6, "nowhere", "b", None, 1))
    outcomes = await run_all(live, [*commands(5), wrong])
    assert all(isinstance(one, Done) for one in outcomes[:5])
    refusal = outcomes[5]
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.UNKNOWN_QUESTION
    assert live.committed.last_n == 5
    assert await run_all(live, []) == []


async def test_others_are_served_in_between(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, a call of 64 answers was decided in one turn of the loop."""
    live = await started(server)
    order: list[str] = []
    offer = LiveAttempt.offer

    def offer_and_tell(self: LiveAttempt, command: AnyCommand, reply: Any) -> None:
        order.append("an answer")
        offer(self, command, reply)

    monkeypatch.setattr(LiveAttempt, "offer", offer_and_tell)
    running = asyncio.create_task(run_all(live, commands(64)))
    while order.count("an answer") < 64:
        order.append("a message")
        await asyncio.sleep(0)
    assert all(isinstance(one, Done) for one in await running)
    assert order.count("a message") >= 16
    assert " ".join(["an answer"] * 5) not in " ".join(order)


async def test_what_takes_too_long_is_told_so(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    live = await started(server)
    monkeypatch.setattr(several, "PATIENCE_S", 0.0)
    outcomes = await run_all(live, commands(2))
    assert [one.code for one in outcomes if isinstance(one, Refusal)] == [Code.STORAGE_UNAVAILABLE] * 2


async def test_of_somebody_hasty_a_few_are_decided_and_then_others_have_their_turn(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, the loop had something to do all the time: call after call kept a commit of the others waiting."""
    live = await started(server)
    monkeypatch.setattr("server.pacing.turns._MOST_WAY_S", 3_600)
    turns().give_way(True)
    running = asyncio.create_task(run_all(live, commands(20), hasty=True))
    await eventually(lambda: live.committed.last_n >= IN_ONE_STEP)
    for _ in range(100):
        await asyncio.sleep(0)
    assert live.committed.last_n == IN_ONE_STEP
    turns().give_way(False)
    assert all(isinstance(one, Done) for one in await running)
    assert live.committed.last_n == 20
