"""What was measured, as a table for people (and for a document) and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import msgspec

from loadtest.capacity.measure import Measured

_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_COLUMNS: Final = (
    "database",
    "candidates",
    "an answer in",
    "answers/s",
    "node CPU",
    "database CPU",
    "node µs/answer",
    "database µs/answer",
    "ack p50, p99",
    "generator late p99",
    "KiB/candidate",
    "bytes/record",
    "all come in",
    "node µs/connect",
    "all start in",
    "all back in",
)


def as_markdown(results: Sequence[Measured]) -> str:
    """One line a level."""
    lines = [_row(_COLUMNS), _row(["---"] + ["---:"] * (len(_COLUMNS) - 1))]
    return "\n".join([*lines, *(_row(_cells(one)) for one in results)])


def title(one: Measured) -> str:
    """Which level it was."""
    return f"{_NAMES[one.level.database]}, {one.level.candidates:,} candidates, an answer in {one.level.pace_s:g} s"


def write(path: Path, results: Sequence[Measured]) -> None:
    """Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    report = [asdict(one) for one in results]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def _cells(one: Measured) -> list[str]:
    on_postgres = one.level.database == "postgresql"
    return [
        _NAMES[one.level.database],
        f"{one.level.candidates:,}",
        f"{one.level.pace_s:g} s",
        f"{one.answers_per_s:,.0f}",
        f"{one.node_cpu:.0%}",
        f"{one.database_cpu:.0%}" if on_postgres else "in the node",
        f"{one.node_us_per_answer:.0f}",
        f"{one.database_us_per_answer:.0f}" if on_postgres else "in the node",
        f"{one.ack_ms_p50:.1f}, {one.ack_ms_p99:.1f} ms",
        f"{one.behind_ms:.1f} ms",
        f"{one.node_kib:.0f}",
        f"{one.bytes_per_record:.0f}",
        f"{one.come_s:.1f} s",
        f"{one.connect_us:.0f}",
        f"{one.start_s:.2f} s",
        f"{one.return_s:.1f} s",
    ]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
