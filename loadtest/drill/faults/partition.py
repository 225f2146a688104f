"""Packets that are lost on the way: one node cut off from the database, from Redis, from its clients; or a way that
loses every fifth. Nobody is told; both ends send again and wait longer each time."""

import asyncio
from random import Random
from typing import Final

from loadtest.drill.day import Day
from loadtest.drill.faults.fault import Fault
from loadtest.drill.namespace import DATABASE, NODE, RELAY, address_of
from loadtest.drill.node import Node
from loadtest.drill.process import StageError
from loadtest.drill.stage import Stage

_PATIENCE_S: Final = 5.5
"""Longer than any heartbeat, any connection's start, and the lease of what a sweeper has claimed is waited for."""


class NothingLost(StageError):
    """The fault had no effect: no packet was lost."""


def _in_a_network_of_its_own(stage: Stage, chance: Random) -> None:
    assert stage.network is not None  # raises `Impossible` where there is none


async def _cut_from_database(day: Day) -> None:
    """The other nodes go on. This node's pending writes happen when it is back, or on another node."""
    node = _one_node(day)
    async with day.trouble("cut", node.name):
        await _cut(day, address_of(DATABASE, node.name))


async def _hear_no_answers(day: Day) -> None:
    """What the node says reaches the database, and is done there; it never hears of it. Before the way is open again
    its kernel gives up: whether the last transaction is durable, nobody has told it."""
    node = _one_node(day)
    network, address, half_s = day.stage.network, address_of(DATABASE, node.name), max(day.seconds, _PATIENCE_S) / 2
    async with day.trouble("cut", node.name):
        await network.cut(address, only_answers=True)
        await asyncio.sleep(half_s)
        await network.abandon(address)
        await asyncio.sleep(half_s)
        await _heal(day, address)


async def _cut_from_relay(day: Day) -> None:
    node = _one_node(day)
    async with day.trouble("relay", f"redis of {node.name}"):
        await _cut(day, address_of(RELAY, node.name))


async def _cut_from_clients(day: Day) -> None:
    """The node goes on living: it has a database, a relay, and candidates in memory who have gone to another one."""
    node = _one_node(day)
    async with day.trouble("network", f"clients of {node.name}"):
        await _cut(day, address_of(NODE, node.name))


async def _lose_packets(day: Day) -> None:
    node = _one_node(day)
    addresses = [address_of(what, node.name) for what in (DATABASE, RELAY, NODE)]
    async with day.trouble("cut", node.name):
        for address in addresses:
            await day.stage.network.lose_some(address)
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        for address in addresses:
            await _heal(day, address)


async def _cut(day: Day, address: str) -> None:
    await day.stage.network.cut(address)
    await asyncio.sleep(max(day.seconds, _PATIENCE_S))
    await _heal(day, address)


def _one_node(day: Day) -> Node:
    return day.chance.choice(day.stage.nodes)


async def _heal(day: Day, address: str) -> None:
    if not await day.stage.network.heal(address):
        raise NothingLost("no packet was lost: nobody was cut off")


FAULTS: Final = tuple(
    Fault(name=name, inflict=inflict, prepare=_in_a_network_of_its_own)
    for name, inflict in (
        ("partition-database", _cut_from_database),
        ("partition-one-way", _hear_no_answers),
        ("partition-relay", _cut_from_relay),
        ("partition-clients", _cut_from_clients),
        ("partition-lossy", _lose_packets),
    )
)
