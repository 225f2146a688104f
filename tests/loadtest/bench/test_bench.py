"""The benchmarks by name run, and write what they found."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.bench import memory


def test_memory_counts_what_each_candidate_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few candidates and a short hour: that the figures are there, not how large they are."""
    monkeypatch.setattr(memory, "_STEPS", 4)
    monkeypatch.setattr(memory, "_WARM", 5)
    report = tmp_path / "report.json"
    arguments = ["bench", "memory", "--candidates", "20", "--database", "sqlite", "--report", str(report)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code in (0, 1), result.output
    told = msgspec.json.decode(report.read_bytes())
    assert (told["bench"], told["candidates"], len(told["figures"])) == ("memory", 20, 5)
    first = told["figures"][0]
    assert told["machine"]["cores"] >= 1
    assert (first["unit"], first["goal"], first["met"]) == ("B", 24 * 1024, first["value"] <= first["goal"])


def test_an_unknown_name_is_told_the_known_ones(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", "speed", "--report", str(tmp_path / "report.json")])
    assert result.exit_code == 2
    assert "memory" in result.output
