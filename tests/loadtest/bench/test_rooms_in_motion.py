"""The benchmarks watch, growth, relay and replay run with few candidates, and say what they should."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.bench import bare_echo, growth, page, relay, stream, watch
from loadtest.bench.replay import Day, fastest
from loadtest.report import Report


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bare_echo, "_WARM_S", 0.2)
    monkeypatch.setattr(growth, "_WARM_S", 0.2)
    monkeypatch.setattr(growth, "SIZES", (2,))
    monkeypatch.setattr(page, "_PAUSE_MS", 20)
    monkeypatch.setattr(page, "_TIMES", 1)
    monkeypatch.setattr(page, "_WARM_S", 0.2)
    monkeypatch.setattr(relay, "_FORGOTTEN_S", 0.1)
    monkeypatch.setattr(stream, "_SETTLE_S", 0.3)
    monkeypatch.setattr(watch, "WATCHERS", (1, 2))


def _run(tmp_path: Path, name: str, *arguments: str) -> dict[str, dict[str, object]]:
    report = tmp_path / "report.json"
    shared = ["bench", name, "--rounds", "1", "--seconds", "1", "--rate", "40", "--report", str(report)]
    result = CliRunner().invoke(app, [*shared, *arguments])
    assert result.exit_code in (0, 1), result.output
    told = msgspec.json.decode(report.read_bytes())
    assert 0 < told["generator_utilisation"] < 1
    assert told["machine"]["cores"] >= 1
    return {figure["name"]: figure for figure in told["figures"]}


def test_watching_is_counted_beside_the_answers(tmp_path: Path) -> None:
    figures = _run(tmp_path, "watch", "--candidates", "5", "--database", "sqlite")
    assert figures["sqlite, 2 watch: of the node's core, beside the answers"]["goal"] == 0.3
    assert figures["sqlite, 1 watch: written"]["value"] != 0
    assert figures["sqlite: a megabyte to 2 costs, of one to 1"]["goal"] == 1.1


@pytest.mark.long
def test_the_monitors_page_says_what_it_costs(tmp_path: Path) -> None:
    figures = _run(tmp_path, "page", "--candidates", "5")
    assert figures["sqlite: program of the page"]["goal"] == 200.0
    assert figures["sqlite: the longest click or key"]["goal"] == 100.0
    for name in ("rows that changed", "program of the page", "memory of the page's program"):
        assert figures[f"sqlite: {name}"]["value"] != 0


@pytest.mark.long
def test_each_size_of_a_room_has_the_cost_of_an_answer(tmp_path: Path) -> None:
    figures = _run(tmp_path, "growth", "--candidates", "5", "--database", "sqlite")
    for size in (2, 5):
        assert figures[f"sqlite, {size} candidates: the node's processor time of an answer"]["value"] != 0
        assert figures[f"bare echo, {size} connections"]["value"] != 0
    assert figures["sqlite: the dearest answer to the cheapest"]["goal"] == 1.15


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.redis
def test_what_the_relay_costs_is_compared_with_the_answers(tmp_path: Path) -> None:
    figures = _run(tmp_path, "relay", "--candidates", "4")
    assert figures["the relay's processor time, of that of the answers"]["goal"] == 0.1
    assert figures["the nodes' processor time of an answer"]["value"] != 0


def test_without_a_recorded_day_replay_says_so(tmp_path: Path) -> None:
    for arguments in ([], ["--trace", str(tmp_path / "nowhere")]):
        result = CliRunner().invoke(app, ["bench", "replay", *arguments, "--report", str(tmp_path / "report.json")])
        assert result.exit_code == 2
        assert "replay needs a recorded exam day" in " ".join(result.output.split())


def _day(speed: float, p99_ms: float) -> Day:
    names = dict.fromkeys(Report.__dataclass_fields__, 0) | {"ack_ms_p99": p99_ms}
    return Day(speed, Report(**names), 0.5, 0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "carried"), [(100.0, 195.3), (400.0, 163.84), (1_000.0, 327.68)])
async def test_the_fastest_day_is_found_from_below_and_from_above(first: float, carried: float) -> None:
    """Up to speed 200 it is quick. From far above, none that is tried is quick, and the slowest is told."""
    tried: list[float] = []

    async def sit(speed: float) -> Day:
        tried.append(speed)
        return _day(speed, 50.0 if speed <= 200 else 50.1)

    best = await fastest(sit, first)
    assert best.speed == pytest.approx(carried, rel=0.001)
    assert len(tried) == len(set(tried)) <= 6
