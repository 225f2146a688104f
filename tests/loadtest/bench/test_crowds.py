"""What a whole room does at once: with a few candidates each benchmark finds nothing wrong, and finds what is wrong.
How long anything takes is not looked at."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.bench import bell, command, others, start
from loadtest.bench.sitter import Sitter

_CANDIDATES = 12


def _run(name: str, report: Path) -> tuple[int, dict[str, float]]:
    """The exit status, and each figure that counts people or things by its name without that of the database."""
    arguments = ["bench", name, "--candidates", str(_CANDIDATES), "--database", "sqlite", "--report", str(report)]
    result = CliRunner().invoke(app, arguments)
    assert report.exists(), result.output
    figures = msgspec.json.decode(report.read_bytes())["figures"]
    counted = [one for one in figures if one["unit"] in ("candidates", "attempts", "drafts")]
    assert all(one["goal"] == 0 for one in counted)
    return result.exit_code, {one["name"].partition("sqlite")[2].strip(",: "): one["value"] for one in counted}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter waits and fewer others, and no judgement about time."""
    for module in (start, bell):
        monkeypatch.setattr(module, "_OTHERS", 2)
        monkeypatch.setattr(module, "_CALM_S", 0.2)
        monkeypatch.setattr(module, "_OTHERS_GOAL_MS", 60_000.0)
    monkeypatch.setattr(command, "_BUSY", 60.0)
    monkeypatch.setattr(bell, "_LEAD_MS", 4_000)
    monkeypatch.setattr(bell, "_LOOK_S", 0.1)
    for goal in ("_TOLD_GOAL_S", "_P50_GOAL_S", "_MARKED_GOAL_S"):
        monkeypatch.setattr(bell, goal, 60.0)
    monkeypatch.setattr(start, "_GOAL_S", 60.0)
    monkeypatch.setattr(others, "_EVERY_S", 0.1)


def test_everybody_who_starts_at_once_has_her_paper(tmp_path: Path) -> None:
    status, counted = _run("start", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (0, {0}, 4)


def test_a_start_that_is_refused_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One candidate's token is spoiled before she comes. She has not started, and has no paper."""
    connect = Sitter.connect

    async def spoiled(self: Sitter, port: int) -> float:
        if self.number == 3:
            self.seat = msgspec.structs.replace(self.seat, token=self.seat.token[:-1])
        return await connect(self, port)

    monkeypatch.setattr(Sitter, "connect", spoiled)
    status, counted = _run("start", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (1, {1}, 4)


def test_everybody_whose_time_is_up_is_told_and_marked_with_her_draft(tmp_path: Path) -> None:
    status, counted = _run("bell", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (0, {0}, 5)


def test_a_draft_that_is_lost_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One candidate's draft never leaves her page."""
    say = Sitter.say

    def silent(self: Sitter, framed: bytes) -> None:
        if not (framed == bell._DRAFT and self.number == 3):
            say(self, framed)

    monkeypatch.setattr(Sitter, "say", silent)
    monkeypatch.setattr(bell, "_PATIENCE_S", 3.0)
    status, counted = _run("bell", tmp_path / "report.json")
    assert status == 1
    assert counted == {
        "not told of the end": 0,
        "not closed exactly once in the log": 0,
        "drafts not acknowledged": 1,
        "drafts not in the log": 1,
        "marks without the draft": 1,
    }
