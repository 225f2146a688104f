"""What a whole room does at once: with a few candidates each benchmark finds nothing wrong, and finds what is wrong.
How long anything takes is not looked at."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.bench import analytics, bell, command, crowd, deliveries, others, returning, room, start, timers, watching
from loadtest.bench.crowd import Member
from loadtest.bench.sitter import Sitter

_CANDIDATES = 12
_COUNTED = ("candidates", "attempts", "drafts", "operations", "answers", "records")


def _run(name: str, report: Path) -> tuple[int, dict[str, float]]:
    """The exit status, and each figure that counts people or things by its name without that of the database."""
    arguments = ["bench", name, "--candidates", str(_CANDIDATES), "--database", "sqlite", "--report", str(report)]
    result = CliRunner().invoke(app, arguments)
    assert report.exists(), result.output
    figures = msgspec.json.decode(report.read_bytes())["figures"]
    counted = [one for one in figures if one["unit"] in _COUNTED and one["goal"] is not None]
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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room that works fast, and no judgement about time."""
    monkeypatch.setattr(crowd, "BEAT_S", 0.2)
    monkeypatch.setattr(crowd, "ROUND_S", 0.5)
    monkeypatch.setattr(watching, "_BEAT_S", 0.2)
    monkeypatch.setattr(room, "_CALM_S", 0.2)
    monkeypatch.setattr(room, "_WINDOW_S", 1.0)
    monkeypatch.setattr(returning, "_WORK_S", 1.0)
    for module, goal in (
        (room, "_GOAL_CORE"),
        (room, "_GOAL_ACK_MS"),
        (room, "_GOAL_MONITOR_MS"),
        (returning, "_GOAL_S"),
        (returning, "_GOAL_CPU_US"),
        (timers, "_GOAL_MS"),
    ):
        monkeypatch.setattr(module, goal, 1e9)


@pytest.mark.usefixtures("quick")
def test_a_room_that_works_and_is_watched(tmp_path: Path) -> None:
    status, counted = _run("room", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (0, {0}, 3)


@pytest.mark.long
@pytest.mark.usefixtures("quick")
def test_an_answer_that_is_lost_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one candidate nothing leaves any more once she has started."""
    say = Sitter.say

    def silent(self: Sitter, framed: bytes) -> None:
        if self.number != 3 or not self.seq:
            say(self, framed)

    monkeypatch.setattr(Sitter, "say", silent)
    monkeypatch.setattr(room, "_PATIENCE_S", 1.0)
    status, counted = _run("room", tmp_path / "report.json")
    assert status == 1
    assert counted["not acknowledged"] > 0
    assert counted["not exactly once in the log"] > 0


@pytest.mark.long
@pytest.mark.usefixtures("quick")
def test_everybody_comes_back_to_a_node_that_was_killed(tmp_path: Path) -> None:
    status, counted = _run("return", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (0, {0}, 3)


@pytest.mark.long
@pytest.mark.usefixtures("quick")
def test_whoever_does_not_come_back_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = Member.connect

    async def astray(self: Member, port: int) -> float:
        return await connect(self, port if self.number != 3 or self.connections == 1 else 1)

    monkeypatch.setattr(Member, "connect", astray)
    monkeypatch.setattr(returning, "_PATIENCE_S", 5.0)
    monkeypatch.setattr(returning, "_SETTLE_S", 1.0)
    status, counted = _run("return", tmp_path / "report.json")
    assert status == 1
    # On a slow machine others are not back by then either.
    assert counted["not back"] >= 1


@pytest.mark.usefixtures("quick")
def test_everybody_is_told_what_the_clock_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "_OTHERS", 2)
    monkeypatch.setattr(timers, "_RATE", 20.0)
    monkeypatch.setattr(timers, "_WARM_S", 0.2)
    monkeypatch.setattr(timers, "_LEAD_MS", 3_000)
    monkeypatch.setattr(timers, "_SPREAD_MS", 1_000)
    status, counted = _run("timers", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (0, {0}, 2)


def test_everybody_who_starts_at_once_has_her_paper(tmp_path: Path) -> None:
    status, counted = _run("start", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (0, {0}, 4)


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_another_system_is_told_of_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_OTHERS", 2)
    monkeypatch.setattr(deliveries, "_LEAD_MS", 1_000)
    monkeypatch.setattr(deliveries, "_LOOK_S", 0.1)
    monkeypatch.setattr(deliveries, "_GOAL_TIMES", 1e9)
    status, counted = _run("deliveries", tmp_path / "report.json")
    assert (status, set(counted.values()), len(counted)) == (0, {0}, 2)


@pytest.mark.long
def test_another_system_is_told_how_everybody_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analytics, "_OTHERS", 2)
    monkeypatch.setattr(analytics, "_SPAN_S", 1.0)
    monkeypatch.setattr(analytics, "_LOOK_S", 0.1)
    monkeypatch.setattr(analytics, "_GOAL_TIMES", 1e9)
    assert _run("analytics", tmp_path / "report.json") == (0, {})
