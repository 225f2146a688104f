"""Relays of several nodes in one test."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.relay import Relay
from server.relay.redis import RedisRelay
from server.relay.seal import Seal, relay_key
from tests.services.patience import PATIENCE_S

Heard = list[bytes]
KEY = relay_key("a secret that all nodes of the tests share")


def seal(name: str, key: bytes = KEY) -> Seal:
    """What a node of this name seals with, by the clock of this machine."""
    return Seal(key, name, lambda: time.time_ns() // 1_000_000)


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    await relay.start()
    try:
        yield relay
    finally:
        await relay.close()


@asynccontextmanager
async def node(url: str, name: str) -> AsyncIterator[RedisRelay]:
    relay = RedisRelay(url, seal(name))
    async with running(relay):
        yield relay


def listen(relay: Relay, channel: str = "c") -> Heard:
    heard: Heard = []
    relay.subscribe(channel, heard.append)
    return heard


async def connected(relay: RedisRelay, other: RedisRelay, channel: str = "c") -> None:
    """Returns when what `relay` says is heard by `other`."""
    probe: Heard = []
    leave = other.subscribe(channel, probe.append)
    async with asyncio.timeout(PATIENCE_S):
        while b"probe" not in probe:
            relay.publish(channel, b"probe")
            await asyncio.sleep(0.02)
    leave()


def but_probes(heard: Heard) -> Heard:
    return [data for data in heard if data != b"probe"]
