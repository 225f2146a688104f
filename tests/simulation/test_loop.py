"""Virtual time, and processes in it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.simulation.loop import Process, VirtualLoop


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, None]]) -> VirtualLoop:
    loop = VirtualLoop()
    try:
        loop.run_until_complete(main(loop))
    finally:
        loop.clear()
        loop.close()
    return loop


def test_hours_pass_at_once_and_timers_of_one_instant_keep_their_order() -> None:
    seen: list[tuple[float, int]] = []

    async def main(loop: VirtualLoop) -> None:
        for number in range(20):
            loop.call_at(3_600.0, lambda number=number: seen.append((loop.time(), number)))
        loop.call_at(60.0, seen.append, (60.0, -1)).cancel()
        await asyncio.sleep(7_200)
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(lambda: "at once") == "at once"

    run(main)
    assert seen == [(3_600.0, number) for number in range(20)]


def test_a_stopped_process_goes_on_where_it_was_and_a_dead_one_never() -> None:
    ticks: list[float] = []
    ends: list[str] = []

    async def tick(loop: VirtualLoop) -> None:
        try:
            while True:
                await asyncio.sleep(1)
                ticks.append(loop.time())
        finally:
            ends.append("unwound")

    async def main(loop: VirtualLoop) -> None:
        process = Process(loop, "a node")
        process.call(lambda: process.spawn(tick(loop), "tick"))
        await asyncio.sleep(2.5)
        process.stop()
        await asyncio.sleep(5)
        assert ticks == [1.0, 2.0]
        process.resume()
        await asyncio.sleep(1.2)
        assert ticks == [1.0, 2.0, 7.5, 8.5]
        process.kill()
        await asyncio.sleep(100)
        assert len(ticks) == 4
        assert ends == []

    run(main)
    assert ends == ["unwound"]
