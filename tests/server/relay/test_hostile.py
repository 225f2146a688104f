"""Somebody who can write to Redis, and does: nothing of it is believed."""

import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.relay.frames import Batch, encode
from server.relay.seal import OLDEST_MS, Seal, relay_key
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import KEY, connected, listen, node, seal
from tests.services.patience import PATIENCE_S
from tests.services.redis import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture
async def stranger(redis_url: str) -> AsyncIterator[Redis]:
    """She hears everything too."""
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_forged_and_replayed_messages_are_dropped_and_counted(
    redis_url: str, stranger: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async with node(redis_url, "one") as one, node(redis_url, "two") as two:
        heard = listen(two)
        await connected(one, two)
        heard.clear()
        spy = stranger.pubsub()
        await spy.subscribe("pencilsdown:c")
        await spy.get_message(timeout=PATIENCE_S)  # that she is subscribed
        one.publish("c", b"honest")
        captured = None
        while captured is None or b"honest" not in captured["data"]:
            captured = await spy.get_message(ignore_subscribe_messages=True, timeout=PATIENCE_S)
        await eventually(lambda: heard == [b"honest"])
        before = dict(two.dropped)
        plain = encode(Batch("one", 1, True, []))
        # What the version before believed: eight bytes that name a sender, and the data.
        for forged in (b"", plain, bytes(8) + plain, captured["data"][:-1] + b"!"):
            await stranger.publish("pencilsdown:c", forged)
        await stranger.publish("pencilsdown:c", seal("x", relay_key("some other secret")).close("pencilsdown:c", plain))
        await stranger.publish("pencilsdown:c", captured["data"])
        await stranger.publish("pencilsdown:c", captured["data"])
        await eventually(lambda: two.dropped["replayed"] == before["replayed"] + 2)
        assert two.dropped["late"] == before["late"]
        assert two.dropped["forged"] == before["forged"] + 5
        one.publish("c", b"after")
        await eventually(lambda: heard == [b"honest", b"after"])
        said = [message for message in caplog.messages if message.startswith("The relay drops")]
        assert sum("forged" in message for message in said) <= 2, "once a node and minute, however many they are"
        await spy.aclose()  # type: ignore[no-untyped-call]


async def test_what_took_too_long_is_dropped_and_no_attack(
    redis_url: str, stranger: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async with node(redis_url, "two") as two:
        heard = listen(two)
        await eventually(lambda: two.healthy)
        slow = Seal(KEY, "one", lambda: time.time_ns() // 1_000_000 - OLDEST_MS - 1_000)
        messages = [slow.close("pencilsdown:c", b"word") for _ in range(3)]
        for message in messages:
            await stranger.publish("pencilsdown:c", message)
        await eventually(lambda: two.dropped["late"] == 3)
        assert (two.dropped["forged"], two.dropped["replayed"], heard) == (0, 0, [])
        assert any("drops late messages: they took more than 10 s" in message for message in caplog.messages)
        await stranger.publish("pencilsdown:c", messages[-1])
        await eventually(lambda: two.dropped["replayed"] == 1)


async def test_our_own_words_are_not_taken_from_a_stranger(
    redis_url: str, redis_server: RedisServer, stranger: Redis
) -> None:
    """The lag that a node shows is measured by words to itself."""
    async with node(redis_url, "one") as one:
        await eventually(lambda: one.healthy and 0 < one.lag_s < 5)
        (probe,) = redis_server.command("PUBSUB", "CHANNELS", "pencilsdown:probe:*").split()
        for _ in range(10):
            await stranger.publish(probe, b"0.0")
        await eventually(lambda: one.dropped["forged"] == 10)
