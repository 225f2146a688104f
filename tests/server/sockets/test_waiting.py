"""What uvicorn's WebSocket waits with behaves as asyncio's own would."""

import asyncio

import pytest

from server.sockets.waiting import Flag, Inbox
from tests.server.harness.waiting import eventually


async def test_events_come_out_in_their_order() -> None:
    inbox = Inbox()
    taken: list[object] = []

    async def take() -> None:
        while len(taken) < 3:
            taken.append((await inbox.get())["type"])

    taking = asyncio.create_task(take())
    await asyncio.sleep(0)
    assert inbox.empty()
    inbox.put_nowait({"type": "websocket.connect"})
    inbox.put_nowait({"type": "websocket.receive", "bytes": b""})
    assert inbox.qsize() == 2
    await eventually(lambda: len(taken) == 2)
    inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await taking
    assert taken == ["websocket.connect", "websocket.receive", "websocket.disconnect"]


async def test_a_taker_that_was_cancelled_takes_nothing() -> None:
    inbox = Inbox()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await inbox.get()
    inbox.put_nowait({"type": "websocket.connect"})
    assert await inbox.get() == {"type": "websocket.connect"}


async def test_everybody_waits_until_the_flag_is_set() -> None:
    flag = Flag()
    await flag.wait()
    flag.clear()
    waiting = [asyncio.create_task(flag.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting.pop().cancel()
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    flag.set()
    assert flag.is_set()
    await asyncio.gather(*waiting)
