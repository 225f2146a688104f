"""Runs one benchmark on two versions of the code, or of Python, in turn, so that both meet the same machine."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
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


def run(
    script: Path, tree: Path, arguments: Sequence[str], python: Sequence[str] = (sys.executable,)
) -> dict[str, Any]:
    """What `script` prints as JSON, run with the code in `tree` by `python`."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [*python, "-P", str(script), *arguments],
        cwd=tree,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def compare(script: Path, commit: str, arguments: Sequence[str], pairs: int, figure: str) -> Compared:
    """Runs `script` `pairs` times on the code of `commit` and on this. `figure` names what is compared of that which it
    prints."""
    with checked_out(commit) as tree:
        return _in_turn(
            lambda: run(script, tree, arguments)[figure], lambda: run(script, HERE, arguments)[figure], pairs
        )


def compare_pythons(script: Path, python: Sequence[str], arguments: Sequence[str], pairs: int, figure: str) -> Compared:
    """The same on this Python, the one before, and on another. `python`: the command that starts it."""
    return _in_turn(
        lambda: run(script, HERE, arguments)[figure], lambda: run(script, HERE, arguments, python)[figure], pairs
    )


def _in_turn(one: Callable[[], float], other: Callable[[], float], pairs: int) -> Compared:
    """Each of them is first in every second pair."""
    before: list[float] = []
    now: list[float] = []
    for number in range(pairs):
        runs = [(one, before), (other, now)]
        for measure, found in runs if number % 2 == 0 else reversed(runs):
            found.append(measure())
    ratios = [new / old for new, old in zip(now, before, strict=True)]
    return Compared(
        statistics.median(before), statistics.median(now), statistics.median(ratios), min(ratios), max(ratios)
    )


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=HERE, check=True)
