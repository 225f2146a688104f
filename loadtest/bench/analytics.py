"""What it costs the candidates of one exam that a webhook is told how those of another one stand while all of them
sit.

The logs of a whole room, with every question answered, are written before the node has anything to do with them, and go
on. First nobody asks for analytics. Then a webhook does: the first look reads all of these logs, the next ones what is
new. A few candidates of another exam answer all the time.
"""

import asyncio
from typing import Final

import aiohttp

from loadtest.bench.control import Make, Run, Serve, Write
from loadtest.bench.exam import OTHER_TEST
from loadtest.bench.figure import Figure
from loadtest.bench.others import Others
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.receiver import Receiver
from loadtest.bench.stage import Stage, on_each_database
from loadtest.drill.process import StageError

_OTHERS: Final = 50
_CALM_S: Final = 3.0
_SPAN_S: Final = 35.0
"""Of a measurement: longer than from one look to the next."""
_PATIENCE_S: Final = 600.0
_LOOK_S: Final = 0.5
_GOAL_TIMES: Final = 1.1
"""Of others' acknowledgements while a webhook is told, beside those before."""
_CREATED, _TOPIC = "attempt.created", "progress.analytics"


async def measure_analytics(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError`."""
    settings = {
        "PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates + _OTHERS),
        "PENCILSDOWN_HEARTBEAT_MS": "60000",
        "PENCILSDOWN_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }

    async def room(stage: Stage) -> Round:
        receiver = Receiver()
        try:
            return Round(await _measure(stage, receiver, plan.candidates, say))
        finally:
            receiver.stop()

    return await on_each_database(plan, settings, room)


async def _measure(stage: Stage, receiver: Receiver, candidates: int, say: Say) -> list[Figure]:
    control, name = stage.control, stage.database
    await control.ask(Write(candidates))
    url = await receiver.start()
    # The first webhooks of a node that has been running before anybody listened take longer.
    await _subscribe(stage, url, _CREATED)
    seats = (await control.ask(Make(_OTHERS, OTHER_TEST))).seats
    await _until(receiver, _CREATED, _OTHERS)
    others = Others(stage.port)
    await others.come(seats)
    await control.ask(Run(0))
    others.begin()
    await asyncio.sleep(_CALM_S)
    others.take()
    node_s = stage.node_cpu_s
    await asyncio.sleep(_SPAN_S)
    quiet, quiet_s = others.take(), stage.node_cpu_s - node_s
    since_s = asyncio.get_running_loop().time()
    await _subscribe(stage, url, _TOPIC)
    await _until(receiver, _TOPIC, candidates + _OTHERS)
    first, told_s = others.take(), receiver.last_s - since_s
    node_s = stage.node_cpu_s
    await asyncio.sleep(_SPAN_S)
    later, later_s = others.take(), stage.node_cpu_s - node_s
    await others.stop()
    spans = {"before": quiet, "until all are told": first, "later": later}
    said = (
        f"{when} p50 {acks.percentile_ms(50):.1f}, p99 {acks.percentile_ms(99):.1f},"
        f" at most {acks.percentile_ms(100):.1f} ms"
        for when, acks in spans.items()
    )
    say(f"{name}: others' acks: {'; '.join(said)}")
    return [
        Figure.told(f"{name}: all are told", round(told_s, 1), "s"),
        Figure.told(f"{name}: the node's CPU in {_SPAN_S:.0f} s, before", round(quiet_s, 1), "s"),
        Figure.told(f"{name}: the node's CPU in {_SPAN_S:.0f} s, later", round(later_s, 1), "s"),
        *(
            Figure.times(
                f"{name}: ack p99 of another exam {when}",
                acks.percentile_ms(99),
                "ms",
                quiet.percentile_ms(99),
                _GOAL_TIMES,
            )
            for when, acks in spans.items()
            if acks is not quiet
        ),
    ]


async def _until(receiver: Receiver, topic: str, count: int) -> None:
    for _ in range(int(_PATIENCE_S / _LOOK_S)):
        if receiver.count(topic) >= count:
            return
        await asyncio.sleep(_LOOK_S)
    raise StageError(f"{topic}: of {count} attempts {receiver.count(topic)} are told")


async def _subscribe(stage: Stage, url: str, topic: str) -> None:
    (seat,) = (await stage.control.ask(Serve())).seats
    body = {"kind": "webhook", "target": url, "topics": [topic]}
    headers = {"authorization": f"Bearer {seat.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{stage.port}/subscriptions", json=body, headers=headers) as reply,
    ):
        if reply.status != 201:
            raise StageError(f"no subscription: {reply.status}")
