"""Projects the measured figures of one node to many candidates. It assumes that everything grows in proportion: nodes
share only the database, and cells divide the load of databases.
"""

import math
from dataclasses import dataclass
from typing import Final

from loadtest.capacity.measure import Measured

BUSY: Final = 0.5
"""The share of a core to use in the long run. The rest is for the start, for reconnects, and for replacing a dead
node."""
_GIB: Final = 1 << 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Projection:
    """`memory_gib`: of the nodes, for the candidates alone. `records_per_s` and `gib_per_hour`: into the database.
    `come_s`: until all have connected who come at the same moment, with the nodes doing nothing else."""

    candidates: int
    node_cores: int
    database_cores: int
    memory_gib: float
    records_per_s: float
    gib_per_hour: float
    come_s: float


def project(measured: Measured, candidates: int) -> Projection:
    """For so many, at the pace at which it was measured. The database's cores are 0 where it is in the node."""
    scale = candidates / measured.level.candidates
    node_cores = math.ceil(measured.node_cpu * scale / BUSY)
    records_per_s = measured.answers_per_s * scale
    return Projection(
        candidates=candidates,
        node_cores=node_cores,
        database_cores=math.ceil(measured.database_cpu * scale / BUSY),
        memory_gib=measured.node_kib * candidates * 1024 / _GIB,
        records_per_s=records_per_s,
        gib_per_hour=records_per_s * measured.bytes_per_record * 3_600 / _GIB,
        come_s=candidates * measured.connect_us / 1e6 / node_cores,
    )


def in_words(projection: Projection) -> str:
    """One line."""
    return (
        f"{projection.candidates:,} candidates take {projection.node_cores:,} × half a core for nodes,"
        f" {projection.database_cores:,} × half a core for databases; {projection.memory_gib:,.0f} GiB of memory;"
        f" {projection.records_per_s:,.0f} records/s, {projection.gib_per_hour:,.0f} GiB/h;"
        f" all who come at once are in after {projection.come_s:,.1f} s"
    )
