"""The command line: what can be asked for, and what is told when it cannot."""

import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.drill.faults import ALL

runner = CliRunner()


def test_the_faults_are_listed() -> None:
    result = runner.invoke(app, ["drill", "--faults", "list"])
    assert result.exit_code == 0
    assert result.output.split() == list(ALL)


def test_a_fault_that_does_not_exist_is_named() -> None:
    result = runner.invoke(app, ["drill", "--faults", "earthquake"])
    assert result.exit_code == 2
    assert "earthquake" in result.output


@pytest.mark.parametrize("day", ["node-kill", "1/earthquake/0", "1/node-kill"])
def test_a_day_that_nobody_could_mean_is_refused(day: str) -> None:
    result = runner.invoke(app, ["drill", "--day", day])
    assert result.exit_code == 2
    assert day in result.output


def test_every_fault_has_its_own_name() -> None:
    assert all(fault.name == name for name, fault in ALL.items())
