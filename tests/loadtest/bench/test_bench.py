"""The benchmarks by name run, and write what they found."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.bench import memory
from loadtest.bench.command import BENCHES
from loadtest.bench.figure import Figure
from loadtest.bench.plan import Bench, Lost, Plan, Round, Say


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


def test_a_generator_that_was_too_busy_makes_the_result_void(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(plan: Plan, say: Say) -> Round:
        return Round([Figure.at_most("wait", 1.0, "ms", 2.0)], 0.95)

    monkeypatch.setitem(BENCHES, "busy", Bench(busy, candidates=1, rounds=1))
    report = tmp_path / "report.json"
    result = CliRunner().invoke(app, ["bench", "busy", "--report", str(report)])
    assert result.exit_code == 2
    assert "Void: the load generator used 95%" in " ".join(result.output.split())
    told = msgspec.json.decode(report.read_bytes())
    assert (told["void"], told["generator_utilisation"], told["figures"][0]["met"]) == (True, 0.95, True)


def test_a_lost_answer_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def losing(plan: Plan, say: Say) -> Round:
        raise Lost("answer 3 is not in the log")

    monkeypatch.setitem(BENCHES, "losing", Bench(losing, candidates=1, rounds=1))
    report = tmp_path / "report.json"
    result = CliRunner().invoke(app, ["bench", "losing", "--report", str(report)])
    assert result.exit_code == 1
    assert "answer 3 is not in the log" in result.output
    assert not report.exists()


def test_what_has_no_rate_is_not_run_at_one(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = CliRunner().invoke(app, ["bench", "memory", "--rate", "10", "--report", str(report)])
    assert result.exit_code == 2
    assert "not run at a rate" in " ".join(result.output.split())
