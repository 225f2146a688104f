"""The end of an exam for a whole room, told to another system: how soon each completion has arrived there, and what
that costs the candidates of another exam.

The logs of the candidates, with every question answered, are written before the node has anything to do with them. Then
their time is up: nobody is connected, and the node closes and marks all of them. Once nobody listens; then, on another
node and the same way, a webhook is told of each closing and each completion. The other exam goes on in both.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from loadtest.bench.control import Advance, Make, Run, Serve, Write
from loadtest.bench.exam import DURATION_MS, GRACE_MS, OTHER_TEST, TEST
from loadtest.bench.figure import Figure
from loadtest.bench.others import Others
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.receiver import Receiver
from loadtest.bench.stage import Stage, on_each_database
from loadtest.drill.process import StageError
from loadtest.latency import Latency

_OTHERS: Final = 50
_CALM_S: Final = 3.0
_LEAD_MS: Final = 6_000
"""Before their time is up the clock, which stood still until then, begins to run."""
_PATIENCE_S: Final = 300.0
_LOOK_S: Final = 0.5
_GOAL_TIMES: Final = 1.1
"""Of others' acknowledgements where somebody listens, beside where nobody does."""
_CREATED, _CLOSED, _COMPLETED = "attempt.created", "attempt.expired", "attempt.completed"
_WAITING: Final = "SELECT count(*) FROM outbox"
_MARKED: Final = f"SELECT count(*) FROM test_attempts WHERE test_id = '{TEST}' AND status = 'completed'"  # noqa: S608


async def measure_deliveries(plan: Plan, say: Say) -> Round:
    """One database after the other, first without and then with a receiver. Raises `StageError`."""
    settings = {
        "PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates + _OTHERS),
        "PENCILSDOWN_HEARTBEAT_MS": "60000",
        "PENCILSDOWN_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }
    unheard: dict[str, Latency] = {}

    async def nobody(stage: Stage) -> Round:
        unheard[stage.database] = await _Room(stage, plan.candidates, say).measure(None)
        return Round([])

    async def somebody(stage: Stage) -> Round:
        receiver, room = Receiver(), _Room(stage, plan.candidates, say)
        try:
            acks = await room.measure(receiver)
        finally:
            receiver.stop()
        return Round(room.figures(receiver, acks, unheard[stage.database]))

    await on_each_database(plan, settings, nobody)
    return await on_each_database(plan, settings, somebody)


async def _at_once(so: bool) -> bool:
    return so


class _Room:
    """One node and its candidates."""

    def __init__(self, stage: Stage, candidates: int, say: Say) -> None:
        self._stage = stage
        self._candidates = candidates
        self._say = say
        self._marked_s = self._due_s = math.inf

    async def measure(self, receiver: Receiver | None) -> Latency:
        """How long others waited for their acknowledgements, from the closing until all are marked, and told to the
        receiver if there is one."""
        stage, control, loop = self._stage, self._stage.control, asyncio.get_running_loop()
        await control.ask(Write(self._candidates))
        await self._until(lambda: self._is(_WAITING, 0), "the outbox is not emptied")
        if receiver is not None:
            await self._subscribe(await receiver.start())
        other_seats = (await control.ask(Make(_OTHERS, OTHER_TEST))).seats
        if receiver is not None:
            # The first webhooks of a node that has been running before anybody listened take longer.
            await self._until(lambda: _at_once(receiver.count(_CREATED) == _OTHERS), "nothing is told")
            receiver.came.clear()
        await control.ask(Advance(DURATION_MS - _LEAD_MS))
        others = Others(stage.port)
        await others.come(other_seats)
        await control.ask(Run(0))
        self._due_s = loop.time() + (_LEAD_MS + GRACE_MS) / 1_000
        others.begin()
        await asyncio.sleep(self._due_s - loop.time())
        calm = others.take()
        node_s = stage.node_cpu_s
        while loop.time() < self._due_s + _PATIENCE_S:
            if self._marked_s == math.inf and await self._is(_MARKED, self._candidates):
                self._marked_s = loop.time()
            if self._marked_s != math.inf and (receiver is None or receiver.count(_COMPLETED) == self._candidates):
                break
            await asyncio.sleep(_LOOK_S)
        acks, node_s = others.take(), stage.node_cpu_s - node_s
        await others.stop()
        self._say(
            f"{stage.database}, {'nobody' if receiver is None else 'somebody'} listens: all marked"
            f" {self._marked_s - self._due_s:.1f} s after the closing, {node_s / self._candidates * 1e6:,.0f} µs of the"
            f" node's CPU each; others' ack p50 {acks.percentile_ms(50):.1f}, p99 {acks.percentile_ms(99):.1f} ms"
            f" ({calm.percentile_ms(99):.1f} before)"
        )
        return acks

    async def _is(self, count: str, number: int) -> bool:
        return bool((await self._stage.rows(count))[0][0] == number)

    async def _until(self, so: Callable[[], Awaitable[bool]], otherwise: str) -> None:
        """Raises `StageError` after a while."""
        for _ in range(int(_PATIENCE_S / _LOOK_S)):
            if await so():
                return
            await asyncio.sleep(_LOOK_S)
        raise StageError(otherwise)

    def figures(self, receiver: Receiver, acks: Latency, unheard: Latency) -> list[Figure]:
        name, candidates = self._stage.database, self._candidates
        ordered = sum(topics == [_CLOSED, _COMPLETED] for topics in receiver.came.values())
        told_s = receiver.last_s - self._due_s if receiver.count(_COMPLETED) == candidates else math.inf
        return [
            Figure.at_most(f"{name}: completions not told", candidates - receiver.count(_COMPLETED), "attempts", 0),
            Figure.at_most(f"{name}: not told in their order", candidates - ordered, "attempts", 0),
            Figure.told(f"{name}: told again", receiver.repeated, "events"),
            Figure.told(f"{name}: all are marked", round(self._marked_s - self._due_s, 1), "s"),
            Figure.told(f"{name}: all are told", round(told_s, 1), "s"),
            Figure.times(
                f"{name}: ack p99 of another exam meanwhile",
                acks.percentile_ms(99),
                "ms",
                unheard.percentile_ms(99),
                _GOAL_TIMES,
            ),
        ]

    async def _subscribe(self, url: str) -> None:
        (seat,) = (await self._stage.control.ask(Serve())).seats
        body = {"kind": "webhook", "target": url, "topics": [_CREATED, _CLOSED, _COMPLETED]}
        headers = {"authorization": f"Bearer {seat.token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self._stage.port}/subscriptions", json=body, headers=headers) as reply,
        ):
            if reply.status != 201:
                raise StageError(f"no subscription: {reply.status}")
