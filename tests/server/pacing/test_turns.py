"""Costly steps are taken one by one, and others are served in between."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import pytest

from server.pacing.turns import turns


async def steps_among_messages(message: Callable[[], None] = lambda: None) -> str:
    """The order in which three steps were taken, and messages read, one in each turn of the loop."""
    order: list[str] = []
    done = asyncio.Event()
    for name in ("first", "second", "third"):
        turns().next(partial(order.append, name))
    turns().next(done.set)

    def read() -> None:
        order.append("a message")
        message()
        if not done.is_set():
            asyncio.get_running_loop().call_soon(read)

    asyncio.get_running_loop().call_soon(read)
    await done.wait()
    return " ".join(order)


async def test_between_two_steps_others_have_several_turns_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.pacing.turns._MOST_APART_S", 3_600)
    turns().space_out(True)
    said = await steps_among_messages()
    for name in ("second", "third"):
        assert f"a message a message a message a message {name}" in said


async def test_while_nobody_waits_for_an_acknowledgement_one_message_is_read_between_two_steps() -> None:
    said = await steps_among_messages()
    assert "first a message second" in said.replace("a message a message", "a message")


async def test_where_a_turn_takes_long_a_step_does_not_wait_for_eight_of_them() -> None:
    """At 7,000 answers a second a handshake took ten seconds."""
    turns().space_out(True)
    said = await steps_among_messages(partial(time.sleep, 0.005))
    assert "a message a message a message second" not in said


async def test_what_was_begun_comes_before_what_is_new_and_something_new_at_times() -> None:
    """A room that came at once was let in all together, at the end."""
    order: list[str] = []
    done = asyncio.Event()
    turns().next(partial(order.append, "new"), new=True)
    turns().next(done.set, new=True)
    for _ in range(12):
        turns().next(partial(order.append, "begun"))
    await done.wait()
    assert order == ["begun"] * 8 + ["new"] + ["begun"] * 4


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
    monkeypatch.setattr("server.pacing.turns._MOST_WAY_S", 3_600)
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
    monkeypatch.setattr("server.pacing.turns._MOST_WAY_S", 3_600)
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
