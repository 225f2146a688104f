"""The command line as people run it, with a server of its own."""

import asyncio
import gzip
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.loadtest.traces import write_trace


async def run(*arguments: str | Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "loadtest", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    printed = (await process.stdout.read()).decode()
    return await process.wait(), printed


async def replayed(tmp_path: Path, *more: str | Path) -> dict[str, Any]:
    trace, report = write_trace(tmp_path / "trace"), tmp_path / "reports" / "replay.json"
    code, printed = await run("replay", "--trace", trace, "--report", report, "--spawn", *more)
    assert code == 0, printed
    read: dict[str, Any] = json.loads(report.read_bytes())
    return read


async def test_a_small_exam_day_is_sat_stored_and_scored(tmp_path: Path) -> None:
    report = await replayed(tmp_path, "--speed", "5000")
    assert report["candidates"] == report["submitted"] == 12
    assert (
        report["answers_in_trace"] == report["answers_sent"] == report["answers_acked"] == report["answers_stored"] > 70
    )
    assert report["lost"] == report["broken_promises"] == report["unexpected"] == report["score_mismatches"] == 0
    assert report["refusals"] == {}
    assert report["wrong_papers"] == report["wrong_times"] == 0
    assert report["extra_time"] == 1
    assert report["pilot_sets"] > 1
    roster = (tmp_path / "reports" / "replay-roster.csv").read_text("utf-8").splitlines()
    assert (roster[0], len(roster)) == ("id,name,extra_minutes", 13)
    assert report["database"] == "sqlite"
    assert 0 < report["ack_ms_p50"] <= report["ack_ms_p99"] <= report["ack_ms_max"]
    assert report["server_cpu_seconds"] > 0
    assert report["server_log"] is None


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.redis
async def test_the_same_on_postgresql_and_redis(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    report = await replayed(tmp_path, "--speed", "5000", "--database", postgres_url, "--redis", redis_url)
    assert report["submitted"] == report["candidates"] == 12
    assert (report["extra_time"], report["wrong_times"]) == (1, 0)
    assert report["lost"] == report["score_mismatches"] == 0
    assert (report["database"], report["redis"]) == ("postgresql", True)


async def test_a_score_that_is_not_the_traces_fails_the_run(tmp_path: Path) -> None:
    trace, path = write_trace(tmp_path / "trace"), tmp_path / "replay.json"
    responses = gzip.decompress((trace / "responses.csv.gz").read_bytes()).decode()
    turned = re.sub(r"(?m)^(e000,1,\d?),([01])", lambda found: f"{found[1]},{1 - int(found[2])}", responses)
    assert turned != responses
    (trace / "responses.csv.gz").write_bytes(gzip.compress(turned.encode()))
    code, printed = await run(
        "replay", "--trace", trace, "--report", path, "--spawn", "--speed", "100", "--candidates", "2"
    )
    report = json.loads(path.read_bytes())
    log = Path(report["server_log"])
    assert log.is_file()
    shutil.rmtree(log.parent)
    assert code == 1, printed
    assert (report["lost"], report["score_mismatches"], report["submitted"]) == (0, 1, 2)
    assert "e000" in report["faults"][0]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--url", "http://127.0.0.1:1", "--spawn"),
        ("--url", "http://127.0.0.1:1"),
        ("--url", "http://127.0.0.1:1", "--token", "t", "--redis", "redis://127.0.0.1:1"),
    ],
)
async def test_options_that_do_not_fit_together_are_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, _ = await run("replay", "--trace", write_trace(tmp_path), "--report", tmp_path / "r.json", *arguments)
    assert code == 2


async def test_a_trace_that_is_none_is_named(tmp_path: Path) -> None:
    code, printed = await run("replay", "--trace", tmp_path, "--report", tmp_path / "r.json", "--spawn")
    assert code == 2
    assert "items.csv" in printed.replace("\n", "")


async def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    arguments = ("--report", tmp_path / "r.json", "--url", "http://127.0.0.1:1", "--token", "t")
    code, printed = await run("replay", "--trace", write_trace(tmp_path), *arguments)
    assert code == 2
    assert "127.0.0.1" in printed
