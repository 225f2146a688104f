"""What a message costs the process that sends it: over one Redis, and over the shards of a cluster.

`python -m tests.benchmarks.relay` starts a private Redis and a private cluster of three. The same messages go by the
library's own pipeline, by the relay over one Redis and by the relay over the cluster, turn by turn in one run. Trust
the ratios within one run, never an absolute figure. Last, what the authentication code of a message costs.
"""
# ruff: noqa: T201

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import uvloop
from redis.asyncio import Redis

from server.relay.frames import RECORDS_CHANNELS
from server.relay.redis import RedisRelay
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import node, seal
from tests.services.redis import RedisServer
from tests.services.redis_cluster import RedisCluster

MESSAGES = 5_000
ROUNDS = 15
BATCH = 200
DATA = bytes(300)

Send = Callable[[], Awaitable[None]]


async def by_pipeline(client: Redis) -> None:
    for first in range(0, MESSAGES, BATCH):
        pipeline = client.pipeline(transaction=False)
        for number in range(first, first + BATCH):
            pipeline.publish(RECORDS_CHANNELS[number % len(RECORDS_CHANNELS)], DATA)
        await pipeline.execute()


async def by_relay(relay: RedisRelay) -> None:
    for number in range(MESSAGES):
        relay.publish(RECORDS_CHANNELS[number % len(RECORDS_CHANNELS)], DATA)
    await eventually(lambda: not relay.waiting)


async def measure(ways: dict[str, Send]) -> None:
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for name, send in ways.items():
            began = time.process_time()
            await send()
            await asyncio.sleep(0.05)  # the last replies
            if turn:  # the first turn warms up
                costs[name].append((time.process_time() - began) / MESSAGES * 1e6)
    medians = {name: statistics.median(each) for name, each in costs.items()}
    for name, median in medians.items():
        print(
            f"{name:24} {median:6.2f} µs of this process a message (best {min(costs[name]):.2f}),"
            f" {median / medians['relay, one Redis']:.2f} of the relay over one Redis"
        )


async def run(url: str, cluster_url: str) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Redis.from_url(url))
        one = await stack.enter_async_context(node(url, "one"))
        sharded = await stack.enter_async_context(node(cluster_url, "sharded"))
        await eventually(lambda: one.healthy and sharded.healthy)
        await measure(
            {
                "redis-py pipeline": lambda: by_pipeline(client),
                "relay, one Redis": lambda: by_relay(one),
                "relay, three shards": lambda: by_relay(sharded),
            }
        )


def measure_seal() -> None:
    """Sealed by one node and opened by another, as each message between nodes is."""
    one, two = seal("one"), seal("two")
    for size in (100, 300, 150_000):
        data, rounds = bytes(size), 20_000 if size < 1_000 else 500
        costs: list[float] = []
        for _ in range(ROUNDS):
            began = time.process_time()
            for _ in range(rounds):
                two.open("c", one.close("c", data))
            costs.append((time.process_time() - began) / rounds * 1e6)
        print(f"seal and open {size:7} bytes {statistics.median(costs):6.2f} µs (best {min(costs):.2f})")


def main() -> None:
    measure_seal()
    with RedisServer() as server, RedisCluster() as cluster:
        server.start()
        uvloop.run(run(server.url, cluster.url))


if __name__ == "__main__":
    main()
