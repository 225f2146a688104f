"""Somebody between a node and Redis: much of what she passes on is changed, and nothing of it is believed."""

import asyncio
import random

import pytest
from msgspec.msgpack import decode

from loadtest.drill.meddler import Meddler
from server.relay.frames import Batch, Executed, encode
from tests.server.harness.waiting import eventually
from tests.server.monitor.rows import row
from tests.server.relay.nodes import connected, listen, node
from tests.services.redis import RedisServer

pytestmark = pytest.mark.redis


async def test_what_two_nodes_hear_through_her(redis_url: str, redis_server: RedisServer) -> None:
    async with (
        Meddler(redis_server.port, random.Random(1)) as meddler,
        node(meddler.url, "one") as one,
        node(meddler.url, "two") as two,
    ):
        heard = listen(two)
        await connected(one, two)
        heard.clear()
        kinds = [encode(Batch("one", 1, False, [row("a")])), encode(Executed("one", "a", 7, bytes(32)))]
        for data in kinds * 20:
            one.publish("c", data)
        await eventually(lambda: heard == kinds * 20)
        assert (one.dropped.total(), two.dropped.total(), meddler.forged) == (0, 0, 0)

        heard.clear()
        said: list[bytes] = []

        async def speak() -> None:
            for number in range(400):
                said.append(encode(Executed("one", "a", 100 + number, bytes(32))))
                one.publish("c", said[-1])
                await asyncio.sleep(0.004)

        await asyncio.gather(speak(), meddler.meddle(2.0))
        assert set(heard) <= set(said) | {b"probe"}, "nothing that was not said"
        assert [data for data in said if data in heard] == [data for data in heard if data in said], (
            "once, and in order"
        )
        assert 0 < len(heard) < len(said), "some of it was withheld"
        assert two.dropped["forged"] > 50
        assert two.dropped["replayed"] > 10
        assert meddler.forged > 5_000
        heard.clear()
        await connected(one, two)


def test_her_lies_are_what_nodes_could_read() -> None:
    """Else only the forms would be tried, and not what they say."""
    from loadtest.drill.meddler import _lie

    chance = random.Random(1)
    rows = [_lie(encode(Batch("one", 1, False, [row("a")])), chance) for _ in range(20)]
    assert {decode(lie, type=Batch).rows[0].answered for lie in rows} == {99}
    words = [_lie(encode(Executed("one", "a", 7, bytes(32))), chance) for _ in range(20)]
    assert {decode(lie, type=Executed).seq for lie in words} == {7, 8, 1_000_007}
    assert _lie(b"\xc1", chance) == b"\xc1"
