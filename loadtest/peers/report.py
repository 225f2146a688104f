"""What was measured beside others, as JSON: all rounds, which may be of different hours, and their medians."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from loadtest.bench.figure import Figure, medians
from loadtest.bench.machine import Machine
from loadtest.bench.plan import Round


class Report(msgspec.Struct, frozen=True):
    """`figures`: of each the median over all `rounds` that have it. `generator_utilisation`: in the round in which it
    was greatest. `void`: it was so busy that the figures mean nothing."""

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
    return Report("peers", candidates, rate, seconds, machine, busy, busy > BUSY, _medians(figures), figures)


def added(before: Report, more: Report) -> Report:
    """The rounds of both. Raises `Unlike`."""
    for field in ("candidates", "rate", "seconds", "machine"):
        if getattr(before, field) != getattr(more, field):
            raise Unlike(f"the report that is there has another {field}: {getattr(before, field)}")
    rounds = [*before.rounds, *more.rounds]
    busy = max(before.generator_utilisation, more.generator_utilisation)
    return msgspec.structs.replace(
        before, rounds=rounds, figures=_medians(rounds), generator_utilisation=busy, void=busy > BUSY
    )


def _medians(rounds: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Of each figure over the rounds that have it: a server may have failed in one of them."""
    names = dict.fromkeys(figure.name for one in rounds for figure in one)
    found = [[figure for one in rounds for figure in one if figure.name == name] for name in names]
    return [median for figures in found for median in medians([[figure] for figure in figures])]


def read(path: Path) -> Report:
    """Raises `OSError` and `msgspec.DecodeError`."""
    return msgspec.json.decode(path.read_bytes(), type=Report)


def write(report: Report, path: Path) -> None:
    """Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
