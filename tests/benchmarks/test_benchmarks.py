"""Every benchmark of this folder runs, on very little: else nobody notices that one no longer does until its figure is
wanted."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks import hot_path

HERE: Final = Path(__file__).parent
SMALL: Final = {
    "analytics": ("--attempts=20",),
    "answering": ("--candidates=2", "--answers=3", "--window=1"),
    "hot_path": ("--candidates=2", "--answers=3"),
    "journal": (),
    "marking": ("--candidates=20", "--questions=5"),
    "monitor_page": ("--attempts=50",),
    "relay": (),
    "walls": ("--rounds=2",),
}


def test_each_step_of_an_answer_is_measured() -> None:
    figures = hot_path.measure(candidates=2, answers=3, window=1, otlp_endpoint="")
    assert len(figures) == 8
    assert all(figure.value > 0 for figure in figures)


def test_every_benchmark_is_tried() -> None:
    programs = {path.stem for path in HERE.glob("*.py") if "\nif __name__ ==" in path.read_text()}
    assert programs == set(SMALL)


@pytest.mark.long
@pytest.mark.parametrize("name", SMALL)
def test_it_runs(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{name}", *SMALL[name]],
        cwd=HERE.parents[1],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
