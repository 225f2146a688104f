"""Calls in the next turn of the loop: gathered, in order, each for itself."""

import asyncio
import logging
from functools import partial

import pytest

from server.pacing.soon import soon


async def test_calls_of_one_turn_are_made_together_in_the_next() -> None:
    heard: list[str] = []
    for name in ("a", "b", "c"):
        soon().call(partial(heard.append, name))
    asyncio.get_running_loop().call_soon(heard.append, "whatever came after the first")
    assert heard == []
    await asyncio.sleep(0)
    assert heard == ["a", "b", "c", "whatever came after the first"]


async def test_what_is_called_for_meanwhile_has_a_turn_of_its_own() -> None:
    heard: list[str] = []

    def again() -> None:
        heard.append("first")
        soon().call(lambda: heard.append("second"))

    soon().call(again)
    await asyncio.sleep(0)
    assert heard == ["first"]
    await asyncio.sleep(0)
    assert heard == ["first", "second"]


async def test_a_call_that_fails_keeps_nobody_else_waiting(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def fails() -> None:
        raise ValueError

    soon().call(fails)
    soon().call(lambda: heard.append("the next"))
    with caplog.at_level(logging.ERROR):
        await asyncio.sleep(0)
    assert heard == ["the next"]
    assert "A call in the next turn failed" in caplog.text
