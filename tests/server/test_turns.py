"""Costly steps are taken one by one, and others are served in between."""

import asyncio
from functools import partial

import pytest

from server.turns import turns


async def test_between_two_steps_others_have_several_turns_of_the_loop() -> None:
    order: list[str] = []
    done = asyncio.Event()
    for name in ("first", "second", "third"):
        turns().next(partial(order.append, name))
    turns().next(done.set)

    def read() -> None:
        order.append("a message")
        if not done.is_set():
            asyncio.get_running_loop().call_soon(read)

    asyncio.get_running_loop().call_soon(read)
    await done.wait()
    said = " ".join(order)
    for name in ("second", "third"):
        assert f"a message a message a message a message {name}" in said


async def test_a_step_alone_waits_for_nothing() -> None:
    before = asyncio.get_running_loop().create_task(asyncio.sleep(0))
    await turns().take()
    assert not before.done()
    await before


async def test_steps_are_taken_in_the_order_in_which_they_came_and_a_caller_that_left_is_passed_over() -> None:
    order: list[int] = []

    async def step(number: int) -> None:
        await turns().take()
        order.append(number)

    tasks = [asyncio.create_task(step(number)) for number in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 1, 3, 4]


async def test_a_step_that_fails_ends_nothing() -> None:
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context["exception"]))

    def fail() -> None:
        raise ValueError

    done = asyncio.Event()
    turns().next(fail)
    turns().next(done.set)
    await done.wait()
    assert len(failed) == 1


async def test_a_step_gives_way_to_those_who_wait_for_an_acknowledgement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, the loop went from step to step, and the thread that commits got neither interpreter nor processor."""
    monkeypatch.setattr("server.turns._MOST_WAY_S", 3_600)
    turns().give_way(True)
    taken, done = asyncio.create_task(turns().take()), asyncio.Event()
    turns().next(done.set)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not taken.done()
    turns().give_way(False)
    await taken
    await done.wait()


async def test_the_acknowledgement_leaves_before_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.turns._MOST_WAY_S", 3_600)
    done = asyncio.Event()
    turns().give_way(True)
    turns().next(done.set)
    for _ in range(5):
        await asyncio.sleep(0)
    turns().give_way(False)
    others = 0
    while not done.is_set():
        others += 1
        await asyncio.sleep(0)
    assert others >= 7


async def test_a_step_gives_way_for_a_short_time_only() -> None:
    """A database that stands still keeps nobody out."""
    done = asyncio.Event()
    turns().give_way(True)
    try:
        for _ in range(3):
            await turns().take()
        turns().next(done.set)
        await done.wait()
    finally:
        turns().give_way(False)


async def test_a_step_that_was_cancelled_is_not_done() -> None:
    order: list[int] = []
    done = asyncio.Event()
    steps = [turns().next(partial(order.append, number)) for number in range(3)]
    turns().next(done.set)
    steps[1].cancel()
    await done.wait()
    assert order == [0, 2]
