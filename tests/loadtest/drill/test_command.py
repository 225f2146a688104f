"""The command line: what can be asked for, and what is told when it cannot."""

from pathlib import Path

from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.drill.faults import ALL

runner = CliRunner()


def test_the_faults_are_listed(tmp_path: Path) -> None:
    result = runner.invoke(app, ["drill", "--faults", "list", "--report", str(tmp_path / "report.json")])
    assert result.exit_code == 0
    assert result.output.split() == list(ALL)


def test_a_fault_that_does_not_exist_is_named(tmp_path: Path) -> None:
    result = runner.invoke(app, ["drill", "--faults", "earthquake", "--report", str(tmp_path / "report.json")])
    assert result.exit_code == 2
    assert "earthquake" in result.output


def test_every_fault_has_its_own_name() -> None:
    assert all(fault.name == name for name, fault in ALL.items())
