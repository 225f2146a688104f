"""What docs/performance.md shows is what was measured."""

from typer.testing import CliRunner

from loadtest.__main__ import app


def test_plots_and_tables_are_those_of_the_reports() -> None:
    result = CliRunner().invoke(app, ["figures", "--check"])
    assert result.exit_code == 0, result.output
