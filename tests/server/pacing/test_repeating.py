"""Work that is asked for while it is under way is done once more, however many ask."""

import asyncio

import pytest

from server.pacing.repeating import Repeating


async def test_whoever_asks_meanwhile_has_it_done_once_more() -> None:
    gate, begun = asyncio.Event(), 0
    tasks: list[asyncio.Task[None]] = []

    async def work() -> None:
        nonlocal begun
        begun += 1
        await gate.wait()

    repeating = Repeating(work, tasks.append, "look")
    for _ in range(3):
        repeating.ask()
    await asyncio.sleep(0)
    assert begun == 1
    for _ in range(3):
        repeating.ask()
    gate.set()
    await asyncio.gather(*tasks)
    assert (begun, len(tasks)) == (2, 1)
    repeating.ask()
    await asyncio.gather(*tasks)
    assert (begun, len(tasks)) == (3, 2)


async def test_after_a_failure_it_can_be_asked_for_again() -> None:
    tasks: list[asyncio.Task[None]] = []
    fails = [True, False]

    async def work() -> None:
        if fails.pop(0):
            raise RuntimeError

    repeating = Repeating(work, tasks.append, "look")
    repeating.ask()
    with pytest.raises(RuntimeError):
        await tasks[0]
    repeating.ask()
    await tasks[1]
    assert fails == []
