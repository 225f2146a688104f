"""Virtual time, and processes in it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from server.pacing.turns import turns
from tests.simulation.loop import OfProcess, Process, VirtualLoop


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


def test_what_is_ready_is_done_before_the_clock_moves() -> None:
    seen: list[str] = []

    async def main(loop: VirtualLoop) -> None:
        loop.call_later(0.000_001, seen.append, "later")

        def again(times: int) -> None:
            seen.append(f"{times} at {loop.time()}")
            if times:
                loop.call_soon(again, times - 1)

        again(3)
        await asyncio.sleep(1)

    run(main)
    assert seen == ["3 at 0.0", "2 at 0.0", "1 at 0.0", "0 at 0.0", "later"]


def test_whoever_runs_in_circles_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulation.loop._MOST_CALLBACKS", 1_000)

    async def main(loop: VirtualLoop) -> None:
        def again() -> None:
            loop.call_soon(again)

        again()
        await asyncio.sleep(1)

    with pytest.raises(RuntimeError, match="the clock stands"):
        run(main)


def test_cancelled_timers_neither_ring_nor_stay() -> None:
    rung: list[int] = []
    left: list[int] = []

    async def main(loop: VirtualLoop) -> None:
        timers = [loop.call_later(10, rung.append, number) for number in range(1_000)]
        for timer in timers[1:]:
            timer.cancel()
        left.append(len(loop._timers))
        await asyncio.sleep(20)
        timers[0].cancel()

    run(main)
    assert rung == [0]
    assert left[0] < 500


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


@pytest.mark.parametrize(("kept", "taken"), [(OfProcess(), ["one", "two"]), ({}, ["one"])])
def test_a_process_that_is_killed_in_its_turn_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, kept: Any, taken: list[str]
) -> None:
    monkeypatch.setattr(turns, "_kept", kept)
    seen: list[str] = []

    async def step(name: str) -> None:
        await turns().take()
        seen.append(name)

    async def main(loop: VirtualLoop) -> None:
        one, two = Process(loop, "one"), Process(loop, "two")
        one.spawn(step("one"), "a step")
        loop.call_soon(one.kill)
        await asyncio.sleep(1)
        two.spawn(step("two"), "a step")
        await asyncio.sleep(1)

    run(main)
    assert seen == taken
