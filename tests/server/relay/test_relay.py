"""One suite over every relay: what is published is heard, in order, whatever a listener does."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.relay import Relay
from server.relay.local import LocalRelay
from server.relay.redis import RedisRelay
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import Heard, but_probes, connected, listen, node, running, seal
from tests.services.redis import RedisServer

_OVER_REDIS = [
    pytest.param("redis_url", marks=pytest.mark.redis, id="redis"),
    pytest.param("redis_cluster_url", marks=pytest.mark.redis, id="cluster"),
]


@pytest.fixture(params=["local", *_OVER_REDIS])
async def relay(request: pytest.FixtureRequest) -> AsyncIterator[Relay]:
    made: Relay = LocalRelay()
    if request.param != "local":
        made = RedisRelay(request.getfixturevalue(request.param), seal("node-1"))
    async with running(made):
        yield made


@pytest.fixture(params=_OVER_REDIS)
def url(request: pytest.FixtureRequest) -> str:
    """One Redis, and a cluster."""
    given: str = request.getfixturevalue(request.param)
    return given


# All


async def test_a_process_hears_itself_at_once_once_and_in_order(relay: Relay) -> None:
    heard = listen(relay)
    for n in range(20):
        relay.publish("c", b"%d" % n)
    assert heard == [b"%d" % n for n in range(20)]
    await asyncio.sleep(0.3)  # whether Redis brings them back cannot be waited for
    assert len(heard) == 20


async def test_channels_are_apart(relay: Relay) -> None:
    here, there = listen(relay, "here"), listen(relay, "there")
    relay.publish("here", b"1")
    assert (here, there) == ([b"1"], [])


async def test_everybody_who_listens_hears(relay: Relay) -> None:
    first, second = listen(relay), listen(relay)
    relay.publish("c", b"1")
    assert first == second == [b"1"]


async def test_who_has_left_hears_nothing(relay: Relay) -> None:
    heard: Heard = []
    stays = listen(relay)
    leave = relay.subscribe("c", heard.append)
    leave()
    leave()
    relay.publish("c", b"1")
    assert (heard, stays) == ([], [b"1"])


async def test_leaving_while_being_told(relay: Relay) -> None:
    heard: Heard = []

    def once(data: bytes) -> None:
        heard.append(data)
        leave()

    leave = relay.subscribe("c", once)
    after = listen(relay)
    relay.publish("c", b"1")
    relay.publish("c", b"2")
    assert (heard, after) == ([b"1"], [b"1", b"2"])


async def test_a_listener_that_raises_keeps_nobody_from_hearing(relay: Relay) -> None:
    def fail(data: bytes) -> None:
        raise RuntimeError("a bug")

    relay.subscribe("c", fail)
    heard = listen(relay)
    relay.publish("c", b"1")
    relay.publish("c", b"2")
    assert heard == [b"1", b"2"]


async def test_it_becomes_healthy(relay: Relay) -> None:
    await eventually(lambda: relay.healthy)


# Several nodes


async def test_two_nodes_hear_each_other_in_order(url: str) -> None:
    async with node(url, "one") as one, node(url, "two") as two:
        at_one, at_two = listen(one), listen(two)
        await connected(one, two)
        await connected(two, one)
        for n in range(500):
            one.publish("c", b"one %d" % n)
            two.publish("c", b"two %d" % n)
        await eventually(lambda: len(but_probes(at_one)) == len(but_probes(at_two)) == 1000)
        for heard in (at_one, at_two):
            for name in (b"one", b"two"):
                assert [data for data in heard if data.startswith(name)] == [name + b" %d" % n for n in range(500)]


async def test_a_channel_that_is_joined_later_and_left_again(url: str) -> None:
    async with node(url, "one") as one, node(url, "two") as two:
        await connected(one, two)
        heard: Heard = []
        leave = two.subscribe("later", heard.append)
        await connected(one, two, "later")
        leave()
        heard.clear()
        one.publish("later", b"nobody listens")
        await connected(one, two)
        assert heard == []


async def test_a_listener_that_raises_does_not_end_the_hearing(url: str) -> None:
    async with node(url, "one") as one, node(url, "two") as two:

        def fail(data: bytes) -> None:
            raise RuntimeError("a bug")

        two.subscribe("c", fail)
        heard = listen(two)
        await connected(one, two)
        one.publish("c", b"1")
        await eventually(lambda: b"1" in heard)


# Redis dies


async def test_a_killed_redis_is_a_gap_and_nothing_waits_for_it(redis_server: RedisServer, redis_url: str) -> None:
    async with node(redis_url, "one") as one, node(redis_url, "two") as two:
        gaps: list[str] = []
        one.on_gap(lambda: gaps.append("one"))
        two.on_gap(lambda: gaps.append("two"))
        at_one, at_two = listen(one), listen(two)
        await connected(one, two)
        await connected(two, one)
        redis_server.kill()
        await eventually(lambda: not one.healthy and not two.healthy)
        gaps.clear()
        for n in range(20_000):
            one.publish("c", b"%d" % n)
        assert len(at_one) >= 20_000, "this process hears itself without Redis"
        assert one.waiting <= 10_000, "what waits is bounded"
        redis_server.start()
        await eventually(lambda: set(gaps) == {"one", "two"})
        await eventually(lambda: one.healthy and two.healthy)
        at_two.clear()
        await connected(one, two)
        one.publish("c", b"again")
        await eventually(lambda: b"again" in at_two)


async def test_a_node_starts_without_redis(redis_server: RedisServer, redis_url: str) -> None:
    redis_server.kill()
    async with node(redis_url, "one") as one, node(redis_url, "two") as two:
        assert not one.healthy
        heard = listen(one)
        one.publish("c", b"1")
        assert heard == [b"1"]
        redis_server.start()
        await connected(one, two)
        await eventually(lambda: one.healthy)


async def test_a_connection_that_is_cut_is_a_gap(redis_server: RedisServer, redis_url: str) -> None:
    from redis.asyncio import Redis

    async with node(redis_url, "one") as one, node(redis_url, "two") as two:
        gaps: list[int] = []
        two.on_gap(lambda: gaps.append(1))
        heard = listen(two)
        await connected(one, two)
        gaps.clear()
        async with Redis.from_url(redis_url) as admin:
            await admin.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
        await eventually(lambda: gaps)
        heard.clear()
        await connected(one, two)
        assert heard


async def test_a_gap_listener_that_raises_does_not_keep_the_others(url: str) -> None:
    relay = RedisRelay(url, seal("one"))
    gaps: list[int] = []

    def fail() -> None:
        raise RuntimeError("a bug")

    relay.on_gap(fail)
    relay.on_gap(lambda: gaps.append(1))
    async with running(relay):
        await eventually(lambda: gaps)
