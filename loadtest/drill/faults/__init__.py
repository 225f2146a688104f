"""Every fault, by its name."""

from typing import Final

from loadtest.drill.faults import (
    clocks,
    database,
    embedded,
    failover,
    network,
    nodes,
    partition,
    people,
    relay,
    storm,
    upgrade,
)
from loadtest.drill.faults.fault import Fault

ALL: Final[dict[str, Fault]] = {
    fault.name: fault
    for module in (nodes, upgrade, relay, database, failover, embedded, partition, network, clocks, people, storm)
    for fault in module.FAULTS
}
"""In the order in which they are listed."""

__all__ = ["ALL", "Fault"]
