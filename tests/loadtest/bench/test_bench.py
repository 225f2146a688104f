"""The benchmarks by name run, and write what they found."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.bench import memory


def test_memory_counts_what_each_candidate_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_DATABASES", ("sqlite",))
    report = tmp_path / "report.json"
    result = CliRunner().invoke(app, ["bench", "memory", "--candidates", "20", "--report", str(report)])
    assert result.exit_code == 0, result.output
    told = msgspec.json.decode(report.read_bytes())
    (one,) = told["outcomes"]
    assert (told["bench"], told["candidates"], one["database"]) == ("memory", 20, "sqlite")
    assert 1_000 < one["first_hour_bytes"] < 1_000_000


def test_an_unknown_name_is_told_the_known_ones(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", "speed", "--report", str(tmp_path / "report.json")])
    assert result.exit_code == 2
    assert "memory" in result.output
