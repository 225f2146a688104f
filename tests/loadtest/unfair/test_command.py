"""What is concluded from the rounds, and a small run with real processes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.drill.node import Node
from loadtest.drill.version import Version
from loadtest.unfair.command import MOST_RATIO, judge
from loadtest.unfair.rounds import Plan, Round, middle

WITHOUT_BUDGETS = {
    "PENCILSDOWN_RATE_PER_SECOND": "10000",
    "PENCILSDOWN_RATE_BURST": "100000",
    "PENCILSDOWN_ORG_RATE_PER_SECOND": "1000000",
    "PENCILSDOWN_BYTES_PER_SECOND": str(1 << 30),
}
PLAN = Plan(candidates=150, seconds=5, rounds=3)


def test_the_middle_round_is_compared_with_the_middle_quiet_time() -> None:
    # Once the disk was slow in a quiet time, and once during a mischief.
    rounds = [Round(15.0, 900, 100.0), Round(300.0, 901, 300.0), Round(18.0, 899, 200.0)]
    row = middle("sqlite", "flood", [10.0, 9.0, 200.0, 11.0], rounds)
    assert (row.quiet_ms, row.mischief_ms, row.ratio) == (10.5, 18.0, 1.71)
    assert (row.acks, row.per_s) == (900, 200.0)
    assert (row.quiets, row.mischiefs) == ([10.0, 9.0, 200.0, 11.0], [15.0, 300.0, 18.0])


def test_nothing_measured_in_the_quiet_time_is_no_good_news() -> None:
    assert middle("sqlite", "flood", [0.0], [Round(5.0, 900, 1.0)]).ratio > MOST_RATIO


def test_the_worst_row_decides() -> None:
    fair = middle("sqlite", "flood", [10.0], [Round(10.0 * MOST_RATIO, 900, 1.0)])
    unfair = middle("postgresql", "flood", [10.0], [Round(10.0 * MOST_RATIO + 0.1, 900, 1.0)])
    assert judge(PLAN, [fair]).met
    told = judge(PLAN, [fair, unfair, fair])
    assert not told.met
    assert told.worst_ratio == unfair.ratio


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["--database", "dbase"], "sqlite, postgresql, or both"), (["--mischief", "none of them"], "half-open sockets")],
)
def test_what_makes_no_sense_is_named(arguments: list[str], complaint: str, tmp_path: Path) -> None:
    report = tmp_path / "unfair.json"
    result = CliRunner().invoke(app, ["unfair", "--report", str(report), *arguments])
    assert result.exit_code == 2
    assert complaint in result.output
    assert not report.exists()


def _run(report: Path, *more: str) -> int:
    arguments = ["--report", str(report), "--database", "sqlite", "--rounds", "1", *more]
    result = CliRunner().invoke(app, ["unfair", *arguments])
    assert report.exists(), result.output
    return result.exit_code


@pytest.mark.timeout(180)
@pytest.mark.parametrize("more", [[], pytest.param(["--elsewhere"], marks=pytest.mark.long)])
def test_a_small_run_tells_a_row_for_each_mischief(more: list[str], tmp_path: Path) -> None:
    report = tmp_path / "unfair.json"
    code = _run(report, "--candidates", "5", "--seconds", "1", "--mischief", "resume", *more)
    told = json.loads(report.read_text())
    # How long anything took here says nothing: whether that was well is told alike in both ways.
    assert code == (0 if told["met"] else 1)
    assert told["plan"] == {"candidates": 5, "seconds": 1.0, "rounds": 1, "elsewhere": bool(more)}
    (row,) = told["rows"]
    assert (row["database"], row["mischief"]) == ("sqlite", "one candidate: resume after resume")
    assert told["worst_ratio"] == row["ratio"] == round(row["mischief_ms"] / row["quiet_ms"], 2)
    assert (len(row["mischiefs"]), len(row["quiets"])) == (1, 2)
    assert row["per_s"] > 0


@pytest.mark.long
def test_without_budgets_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    becomes = Node.becomes

    def becomes_generous(self: Node, version: Version, env: Mapping[str, str]) -> None:
        becomes(self, version, {**env, **WITHOUT_BUDGETS})

    monkeypatch.setattr(Node, "becomes", becomes_generous)
    report = tmp_path / "unfair.json"
    _run(report, "--candidates", "20", "--seconds", "4", "--mischief", "flood")
    (row,) = json.loads(report.read_text())["rows"]
    # In the quiet time afterwards the node still reads what was sent.
    assert row["mischief_ms"] > MOST_RATIO * row["quiets"][0]
