"""What was measured beside others, as JSON: all rounds, which may be of different hours, and their medians."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from loadtest.bench.figure import Figure, medians
from loadtest.bench.machine import Machine
from loadtest.bench.plan import Round


class Report(msgspec.Struct, frozen=True):
    """`figures`: of each the median over all `rounds`. `generator_utilisation`: in the round in which it was greatest.
    `void`: it was so busy that the figures mean nothing."""

    bench: str
    candidates: int
    rate: float
    seconds: float
    machine: Machine
    generator_utilisation: float
    void: bool
    figures: Sequence[Figure]
    rounds: Sequence[Sequence[Figure]]

    def figure(self, name: str) -> Figure | None:
        return next((one for one in self.figures if one.name == name), None)


class Unlike(Exception):
    """Rounds that were not run alike have no median."""


BUSY: Final = 0.9
"""A load generator that uses more of its core than this may be what holds everything up."""


def made(candidates: int, rate: float, seconds: float, machine: Machine, rounds: Sequence[Round]) -> Report:
    busy = max((one.generator_utilisation or 0.0 for one in rounds), default=0.0)
    figures = [list(one.figures) for one in rounds]
    return Report("peers", candidates, rate, seconds, machine, busy, busy > BUSY, medians(figures), figures)


def added(before: Report, more: Report) -> Report:
    """The rounds of both. Raises `Unlike`."""
    for field in ("candidates", "rate", "seconds", "machine"):
        if getattr(before, field) != getattr(more, field):
            raise Unlike(f"the report that is there has another {field}: {getattr(before, field)}")
    rounds = [*before.rounds, *more.rounds]
    if len({tuple(figure.name for figure in one) for one in rounds}) != 1:
        raise Unlike("the report that is there has other servers")
    busy = max(before.generator_utilisation, more.generator_utilisation)
    return msgspec.structs.replace(
        before, rounds=rounds, figures=medians(rounds), generator_utilisation=busy, void=busy > BUSY
    )


def read(path: Path) -> Report:
    """Raises `OSError` and `msgspec.DecodeError`."""
    return msgspec.json.decode(path.read_bytes(), type=Report)


def write(report: Report, path: Path) -> None:
    """Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
