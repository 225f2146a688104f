"""Subscriptions at one server, which may refuse them or take them away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.crc import key_slot

from tests.server.harness.waiting import eventually
from tests.server.relay.ears import Told
from tests.services.redis import RedisServer
from tests.services.redis_cluster import RedisCluster

pytestmark = pytest.mark.redis


@pytest.fixture
async def plain(redis_server: RedisServer, redis_url: str) -> AsyncIterator[Told]:
    told = Told(redis_server, redis_url)
    told.hearer.start()
    yield told
    await told.hearer.close()


@pytest.fixture
async def sharded(redis_cluster: RedisCluster, redis_cluster_url: str) -> AsyncIterator[Told]:
    """At the first member of the cluster."""
    told = Told(redis_cluster.members[0], redis_cluster_url)
    told.hearer.start()
    yield told
    await told.hearer.close()


def channel_in(slots: set[int]) -> str:
    return next(name for name in (f"c{number}" for number in range(1_000)) if key_slot(name.encode()) in slots)


async def test_what_is_wanted_is_heard_and_what_is_not_wanted_any_more_is_not(
    plain: Told, redis_server: RedisServer
) -> None:
    plain.hearer.want("one")
    plain.hearer.want("two")
    await eventually(lambda: plain.hearer.hears_all)
    assert plain.gaps >= 1
    plain.hearer.forget("one")
    plain.hearer.want("three")
    assert not plain.hearer.hears_all
    await eventually(lambda: plain.hearer.hears_all)
    assert sorted(redis_server.command("PUBSUB", "CHANNELS").split()) == ["three", "two"]
    redis_server.command("PUBLISH", "two", "word")
    await eventually(lambda: plain.messages == [("two", b"word")])
    plain.hearer.want_only({"four"})
    await eventually(lambda: plain.hearer.hears_all)
    assert redis_server.command("PUBSUB", "CHANNELS") == "four"
    assert plain.moves == 0


async def test_a_channel_that_is_left_and_joined_in_one_breath_is_heard(plain: Told, redis_server: RedisServer) -> None:
    plain.hearer.want("one")
    await eventually(lambda: plain.hearer.hears_all)
    for _ in range(50):
        plain.hearer.forget("one")
        await asyncio.sleep(0)
        plain.hearer.want("one")
        await asyncio.sleep(0)
    await eventually(lambda: plain.hearer.hears_all)
    redis_server.command("PUBLISH", "one", "word")
    await eventually(lambda: plain.messages == [("one", b"word")])
    assert plain.moves == 0


async def test_a_silent_connection_is_asked_whether_it_lives(
    plain: Told, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.relay.hearer._SILENCE_S", 0.05)
    plain.hearer.want("one")
    await eventually(lambda: plain.hearer.hears_all)

    def pings() -> int:
        stats = redis_server.command("INFO", "commandstats")
        return int(stats.partition("cmdstat_ping:calls=")[2].partition(",")[0] or 0)

    asked = pings()
    await eventually(lambda: pings() > asked + 3)
    assert plain.hearer.hears_all
    with redis_server.frozen():
        await eventually(lambda: "TimeoutError" in plain.changes)
    await eventually(lambda: plain.hearer.hears_all)


async def test_strangers_words_are_read_with_pauses(
    plain: Told, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[int] = []

    async def pause() -> None:
        pauses.append(len(plain.messages))

    monkeypatch.setattr("server.relay.hearer._pause", pause)
    plain.hearer.want("one")
    await eventually(lambda: plain.hearer.hears_all)
    redis_server.command("EVAL", "for n = 1, 1000 do redis.call('PUBLISH', 'one', 'word') end", "0")
    redis_server.command("EVAL", "for n = 1, 450 do redis.call('PUBLISH', 'one', 'forged') end", "0")
    redis_server.command("PUBLISH", "one", "word")
    await eventually(lambda: len(plain.messages) == 1_451)
    assert pauses == [1_200, 1_400], "and none for those of other nodes"


async def test_a_subscription_that_goes_with_its_slot_is_told(sharded: Told, redis_cluster: RedisCluster) -> None:
    here, there = redis_cluster.members[:2]
    channel = channel_in(here.slots())
    sharded.hearer.want(channel)
    await eventually(lambda: sharded.hearer.hears_all)
    assert sharded.moves == 0
    await asyncio.to_thread(redis_cluster.move, key_slot(channel.encode()), there)
    await eventually(lambda: sharded.moves == 1)
    assert not sharded.hearer.hears_all
    assert sharded.hearer.up, "the connection is as it was"


async def test_a_subscription_that_is_refused_is_told_and_asked_for_again(
    sharded: Told, redis_cluster: RedisCluster
) -> None:
    here, there = redis_cluster.members[:2]
    elsewhere, own = channel_in(there.slots()), channel_in(here.slots())
    sharded.hearer.want_only({elsewhere, own})
    await eventually(lambda: sharded.moves == 1 and sharded.gaps)
    assert not sharded.hearer.hears_all
    await asyncio.to_thread(redis_cluster.move, key_slot(elsewhere.encode()), here)
    gaps = sharded.gaps
    sharded.hearer.ask_again()
    await eventually(lambda: sharded.hearer.hears_all)
    assert sharded.gaps == gaps + 1
    for channel in (own, elsewhere):
        here.command("SPUBLISH", channel, "word")
    await eventually(lambda: sharded.messages == [(own, b"word"), (elsewhere, b"word")])
    assert (sharded.moves, sharded.changes) == (1, [None])
