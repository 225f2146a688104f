"""Of calls that come at the same instant a few are made in each turn of the loop."""

import asyncio
import logging
from functools import partial

import pytest

from server.pacing.few import AT_ONCE, few


async def test_who_comes_alone_is_called_at_once() -> None:
    called: list[int] = []
    for number in range(AT_ONCE):
        few().call(partial(called.append, number))
        assert called == list(range(number + 1))


async def test_many_are_called_in_their_order_and_leave_turns_to_others() -> None:
    called: list[int] = []
    for _ in range(2):
        count = 3 * AT_ONCE + 1
        for number in range(count):
            few().call(partial(called.append, number))
        in_each_turn = [len(called)]
        while len(called) < count:
            await asyncio.sleep(0)
            in_each_turn.append(len(called) - sum(in_each_turn))
        assert called == list(range(count))
        assert max(in_each_turn) == AT_ONCE
        called.clear()
        await asyncio.sleep(0)


async def test_one_that_fails_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "server.pacing.few")
    called: list[int] = []

    def fail() -> None:
        raise ValueError

    few().call(fail)
    few().call(partial(called.append, 1))
    assert called == [1]
    assert "failed" in caplog.text


async def test_what_a_call_asks_for_is_called_too() -> None:
    called = asyncio.Event()
    for _ in range(AT_ONCE + 1):
        few().call(lambda: few().call(called.set))
    async with asyncio.timeout(60):
        await called.wait()
