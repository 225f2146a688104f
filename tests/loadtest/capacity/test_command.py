"""A small measurement of real processes, and what the command line refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.capacity.measure import Level, Measured, measure
from loadtest.capacity.seat import SeatError


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--levels", "1000"], "a level is CANDIDATES/PACE"),
        (["--levels", "0/1"], "both numbers must be positive"),
        (["--levels", "10/0"], "both numbers must be positive"),
        (["--database", "dbase"], "sqlite, postgresql or both"),
    ],
)
def test_what_makes_no_sense_is_named(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(app, ["capacity", *arguments])
    assert result.exit_code == 2
    assert complaint in result.output


def test_a_small_crowd_on_the_embedded_database(tmp_path: Path) -> None:
    report = tmp_path / "capacity.json"
    arguments = ["--levels", "12/0.2", "--database", "sqlite", "--seconds", "1", "--for", "24", "--report", str(report)]
    result = CliRunner().invoke(app, ["capacity", *arguments])
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("| SQLite")]
    assert [cell.strip() for cell in line.split("|")[2:4]] == ["12", "0.2 s"]
    assert "By SQLite, 12 candidates, an answer in 0.2 s: 24 candidates take 1 × half a core" in result.output
    (measured,) = json.loads(report.read_text())
    assert measured["answers_per_s"] > 10
    assert measured["ack_ms_p99"] >= measured["ack_ms_p50"] > 0


def test_what_is_missing_is_named_before_anything_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(app, ["capacity", "--levels", "12/0.2", "--seconds", "1"])
    assert result.exit_code == 2
    assert "redis-server is not installed" in result.output
    assert "done" not in result.output


@pytest.mark.timeout(180)
def test_what_was_measured_before_a_failure_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def second_fails(level: Level) -> Measured:
        if level.candidates == 13:
            raise SeatError("nobody could come")
        return await measure(level)

    monkeypatch.setattr("loadtest.capacity.command.measure", second_fails)
    report = tmp_path / "capacity.json"
    arguments = ["--levels", "12/0.2,13/0.2", "--database", "sqlite", "--seconds", "1", "--report", str(report)]
    result = CliRunner().invoke(app, ["capacity", *arguments])
    assert result.exit_code == 2
    assert "nobody could come" in result.output
    assert "| SQLite | 12 |" in result.output
    assert len(json.loads(report.read_text())) == 1
