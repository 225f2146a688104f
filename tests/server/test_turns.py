"""Costly steps are taken one by one, and others are served in between."""

import asyncio
from functools import partial

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
