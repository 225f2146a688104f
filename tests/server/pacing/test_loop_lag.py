"""One long step is no overload; being late again and again is."""

import asyncio
import time

from server.metrics.histogram import Histogram
from server.pacing.loop_lag import LoopLag
from tests.server.harness.waiting import eventually


def test_the_average_follows_slowly_and_forgets_again() -> None:
    lag = LoopLag(Histogram((1,)))
    lag.note(1.0)
    assert 0 < lag.average_s < 0.5
    for _ in range(20):
        lag.note(1.0)
    assert lag.average_s > 0.9
    for _ in range(200):
        lag.note(0.0)
    assert lag.average_s < 0.1


async def test_a_step_that_blocks_the_loop_is_noticed() -> None:
    histogram = Histogram((0.1,))
    lag = LoopLag(histogram)
    task = asyncio.create_task(lag.run())
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 (what must never happen in a loop, happens)
    await eventually(lambda: histogram.count > 0)
    task.cancel()
    assert histogram.buckets()[0] == ("0.1", 0)
    assert lag.average_s > 0
