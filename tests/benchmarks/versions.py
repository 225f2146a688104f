"""Runs one benchmark on two versions of the code in turn, so that both meet the same machine."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

HERE: Final = Path(__file__).resolve().parents[2]


class Compared(NamedTuple):
    """Medians of both versions, and of the ratios of each pair of runs; and the least and the greatest ratio."""

    before: float
    now: float
    ratio: float
    least: float
    most: float


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A folder with the code of `commit`, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def run(script: Path, tree: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """What `script` prints as JSON, run with the code in `tree`."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, "-P", str(script), *arguments],
        cwd=tree,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def compare(script: Path, commit: str, arguments: Sequence[str], pairs: int, figure: str) -> Compared:
    """Runs `script` `pairs` times on both versions, each of them first in every second pair. `figure` names what is
    compared of that which it prints."""
    before: list[float] = []
    now: list[float] = []
    with checked_out(commit) as tree:
        for number in range(pairs):
            runs = [(tree, before), (HERE, now)]
            for where, found in runs if number % 2 == 0 else reversed(runs):
                found.append(run(script, where, arguments)[figure])
    ratios = [new / old for new, old in zip(now, before, strict=True)]
    return Compared(
        statistics.median(before), statistics.median(now), statistics.median(ratios), min(ratios), max(ratios)
    )


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=HERE, check=True)
