"""The relay over a Redis Cluster whose members die, freeze and hand over slots: what lives goes on, the rest comes
back, and that something may have been missed is said."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from redis.crc import key_slot

from loadtest.ports import free_port
from server.relay.frames import RECORDS_CHANNELS
from server.relay.redis import RedisRelay
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import Heard, but_probes, connected, listen, node
from tests.services.redis_cluster import ClusterMember, RedisCluster

pytestmark = pytest.mark.redis


def slot(channel: str) -> int:
    return key_slot(f"pencilsdown:{channel}".encode())


def channels_at(member: ClusterMember, count: int = 1) -> list[str]:
    """Names of channels that this member carries."""
    mine = member.slots()
    return [name for name in (f"c{number}" for number in range(1_000)) if slot(name) in mine][:count]


def gaps_of(relay: RedisRelay) -> list[int]:
    gaps: list[int] = []
    relay.on_gap(lambda: gaps.append(1))
    return gaps


async def count(relay: RedisRelay, channel: str) -> None:
    """Says one number after the other, until it is cancelled."""
    for number in itertools.count():
        relay.publish(channel, b"%d" % number)
        await asyncio.sleep(0.001)


async def heard_on(one: RedisRelay, heard: Heard, channel: str, word: bytes) -> None:
    """Returns when a message of `one` is in `heard`."""
    one.publish(channel, word)
    await eventually(lambda: word in heard)


async def test_channels_spread_over_all_members(redis_cluster: RedisCluster, redis_cluster_url: str) -> None:
    async with node(redis_cluster_url, "one") as one, node(redis_cluster_url, "two") as two:
        heard = {channel: listen(two, channel) for channel in RECORDS_CHANNELS}
        await eventually(lambda: one.healthy and two.healthy)
        held = [member.command("PUBSUB", "SHARDCHANNELS", "pencilsdown:records:*") for member in redis_cluster.members]
        names = [name for each in held for name in each.split()]
        assert sorted(names) == sorted(f"pencilsdown:{channel}" for channel in RECORDS_CHANNELS)
        assert all(each.split() for each in held)
        for channel in RECORDS_CHANNELS:
            one.publish(channel, channel.encode())
        await eventually(lambda: all(heard[channel] == [channel.encode()] for channel in RECORDS_CHANNELS))


async def test_the_others_go_on_while_a_member_is_dead_and_its_channels_come_back_with_a_gap(
    redis_cluster: RedisCluster, redis_cluster_url: str
) -> None:
    dying, living = redis_cluster.members[1], redis_cluster.members[2]
    (lost,), (kept,) = channels_at(dying), channels_at(living)
    async with node(redis_cluster_url, "one") as one, node(redis_cluster_url, "two") as two:
        at_lost, at_kept = listen(two, lost), listen(two, kept)
        await connected(one, two, lost)
        await connected(one, two, kept)
        await eventually(lambda: one.healthy and two.healthy)
        dying.kill()
        await eventually(lambda: not one.healthy and not two.healthy)
        gaps = gaps_of(two)
        for number in range(12_000):
            one.publish(lost, b"%d" % number)
        assert one.waiting <= 10_000, "what waits is bounded"
        for number in range(200):
            await heard_on(one, at_kept, kept, b"kept %d" % number)
        assert [data for data in at_kept if data.startswith(b"kept")] == [b"kept %d" % n for n in range(200)]
        assert (one.healthy, two.healthy, gaps) == (False, False, [])
        await eventually(lambda: one.lag_s > 1)  # the slowest counts, however quick the others are

        await asyncio.to_thread(redis_cluster.start)
        await eventually(lambda: gaps)
        await connected(one, two, lost)
        await heard_on(one, at_lost, lost, b"again")
        await eventually(lambda: one.healthy and two.healthy)


async def test_a_member_that_is_frozen_holds_up_nobody_else(
    redis_cluster: RedisCluster, redis_cluster_url: str
) -> None:
    frozen, living = redis_cluster.members[0], redis_cluster.members[2]
    (stuck,), (kept,) = channels_at(frozen), channels_at(living)
    async with node(redis_cluster_url, "one") as one, node(redis_cluster_url, "two") as two:
        heard = listen(two, kept)
        await connected(one, two, kept)
        await eventually(lambda: one.healthy and two.healthy)
        with frozen.frozen():
            one.publish(stuck, b"waits")
            for number in range(200):
                await heard_on(one, heard, kept, b"%d" % number)
            late = listen(two, channels_at(living, 2)[1])
            await connected(one, two, channels_at(living, 2)[1])
            assert late
        await eventually(lambda: one.healthy and two.healthy)


async def test_a_slot_that_moves_takes_its_subscribers_along_and_they_are_told_of_a_gap(
    redis_cluster: RedisCluster, redis_cluster_url: str
) -> None:
    source, target = redis_cluster.members[0], redis_cluster.members[1]
    channel, other = channels_at(source, 2)
    # The first one only sends: it learns of the move when it is refused.
    async with node(redis_cluster_url, "one") as one, node(redis_cluster_url, "two") as two:
        heard, unmoved = listen(two, channel), listen(two, other)
        await connected(one, two, channel)
        await connected(one, two, other)
        await eventually(lambda: two.healthy)
        gaps = gaps_of(two)
        await asyncio.to_thread(redis_cluster.move, slot(channel), target)
        await eventually(lambda: gaps)
        await eventually(lambda: two.healthy)
        await connected(one, two, channel)
        for number in range(300):
            one.publish(channel, b"%d" % number)
        await eventually(lambda: but_probes(heard) == [b"%d" % number for number in range(300)])
        assert channel in target.command("PUBSUB", "SHARDCHANNELS")
        await heard_on(one, unmoved, other, b"as before")


async def test_slots_that_move_one_after_the_other_under_load(
    redis_cluster: RedisCluster, redis_cluster_url: str
) -> None:
    source, target = redis_cluster.members[2], redis_cluster.members[0]
    moving = [channel for channel in RECORDS_CHANNELS if slot(channel) in source.slots()][:5]
    async with node(redis_cluster_url, "one") as one, node(redis_cluster_url, "two") as two:
        heard = {channel: listen(two, channel) for channel in RECORDS_CHANNELS}
        await eventually(lambda: one.healthy and two.healthy)
        counting = [asyncio.create_task(count(one, channel)) for channel in moving]
        for channel in moving:
            await asyncio.to_thread(redis_cluster.move, slot(channel), target)
        passed = {channel: len(heard[channel]) for channel in moving}
        await eventually(lambda: all(len(heard[channel]) > passed[channel] + 10 for channel in moving))
        for each in counting:
            each.cancel()
        for channel in moving:
            numbers = [int(data) for data in heard[channel]]
            assert numbers == sorted(set(numbers)), "nothing comes twice or too late"
        for channel in RECORDS_CHANNELS:
            await connected(one, two, channel)


async def test_a_probe_whose_slot_has_gone_is_replaced(redis_cluster: RedisCluster, redis_cluster_url: str) -> None:
    source, target = redis_cluster.members[1], redis_cluster.members[2]

    def probes() -> list[str]:
        return source.command("PUBSUB", "SHARDCHANNELS", "pencilsdown:probe:*").split()

    async with node(redis_cluster_url, "one") as one:
        await eventually(lambda: one.healthy)
        (probe,) = probes()
        await asyncio.to_thread(redis_cluster.move, key_slot(probe.encode()), target)
        await eventually(lambda: len(probes()) == 1 and probes() != [probe])
        await eventually(lambda: one.healthy)


async def test_a_replica_takes_over(own_cluster: RedisCluster) -> None:
    primary = own_cluster.members[0]
    (channel,) = channels_at(primary)
    replica = await asyncio.to_thread(own_cluster.add_replica, primary)
    async with node(own_cluster.url, "one") as one, node(own_cluster.url, "two") as two:
        heard = listen(two, channel)
        await connected(one, two, channel)
        await eventually(lambda: one.healthy and two.healthy)
        gaps = gaps_of(two)

        # In order, as for an upgrade of Redis: perhaps something is lost, but nothing comes twice.
        counting = asyncio.create_task(count(one, channel))
        replica.command("CLUSTER", "FAILOVER")
        await eventually(lambda: gaps)
        passed = len(heard)
        await eventually(lambda: len(heard) > passed + 10)
        counting.cancel()
        numbers = but_probes(heard)
        assert len(numbers) == len(set(numbers))

        # And by force, once both use the new primary.
        await eventually(lambda: len(replica.command("PUBSUB", "SHARDCHANNELS", "pencilsdown:probe:*").split()) == 2)
        await eventually(lambda: one.healthy and two.healthy)
        gaps.clear()
        replica.kill()
        await eventually(lambda: not two.healthy)
        one.publish(channel, b"waits for somebody who takes it")
        await eventually(lambda: gaps)
        await heard_on(one, heard, channel, b"over the primary that was")
        await eventually(lambda: one.healthy and two.healthy)


async def test_a_node_starts_without_the_cluster(own_cluster: RedisCluster) -> None:
    for member in own_cluster.members:
        member.kill()
    async with node(own_cluster.url, "one") as one, node(own_cluster.url, "two") as two:
        heard = listen(two)
        one.publish("c", b"waits")
        assert (one.healthy, one.waiting) == (False, 1)
        assert one.lag_s > 0
        await asyncio.to_thread(own_cluster.start)
        await eventually(lambda: one.healthy and two.healthy)
        await heard_on(one, heard, "c", b"there")
        assert one.waiting == 0


async def test_one_living_server_of_those_named_is_enough(redis_cluster: RedisCluster, redis_cluster_url: str) -> None:
    member = redis_cluster.members[2]
    url = f"redis+cluster://127.0.0.1:{free_port()},{member.host}:{member.port}"
    async with node(url, "one") as one, node(redis_cluster_url, "two") as two:
        await connected(one, two)
        await connected(two, one)


@pytest.fixture
def own_cluster() -> Iterator[RedisCluster]:
    """A cluster for a test after which it is another one."""
    with RedisCluster() as cluster:
        yield cluster
