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


def _in_a_network_of_its_own(stage: Stage, chance: Random) -> None:
    assert stage.network is not None  # raises `Impossible` where there is none


async def _cut_from_database(day: Day) -> None:
    """The others go on; what this one was about to write is written when it is back, or by somebody else."""
    node = _one_node(day)
    async with day.trouble("cut", node.name):
        await day.stage.network.cut(address_of(DATABASE, node.name))
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        await _heal(day)


async def _hear_no_answers(day: Day) -> None:
    """What the node says reaches the database, and is done there; it never hears of it. Before the way is open again
    its kernel gives up: whether the last transaction is durable, nobody has told it."""
    node = _one_node(day)
    address = address_of(DATABASE, node.name)
    async with day.trouble("cut", node.name):
        await day.stage.network.cut(address, only_answers=True)
        await asyncio.sleep(max(day.seconds, _PATIENCE_S) / 2)
        await day.stage.network.abandon(address)
        await asyncio.sleep(max(day.seconds, _PATIENCE_S) / 2)
        await _heal(day)


async def _cut_from_relay(day: Day) -> None:
    node = _one_node(day)
    async with day.trouble("relay", f"redis of {node.name}"):
        await day.stage.network.cut(address_of(RELAY, node.name))
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        await _heal(day)


async def _cut_from_clients(day: Day) -> None:
    """The node goes on living: it has a database, a relay, and candidates in memory who have gone to another one."""
    node = _one_node(day)
    async with day.trouble("network", f"clients of {node.name}"):
        await day.stage.network.cut(address_of(NODE, node.name))
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        await _heal(day)


async def _lose_packets(day: Day) -> None:
    node = _one_node(day)
    async with day.trouble("cut", node.name):
        for what in (DATABASE, RELAY, NODE):
            await day.stage.network.lose(address_of(what, node.name))
        await asyncio.sleep(max(day.seconds, _PATIENCE_S))
        await _heal(day)


def _one_node(day: Day) -> Node:
    return day.chance.choice(day.stage.nodes)


async def _heal(day: Day) -> None:
    if not await day.stage.network.heal():
        raise StageError("no packet was lost: nobody was cut off")


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
