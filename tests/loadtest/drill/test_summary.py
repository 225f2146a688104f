"""The table and the JSON of a drill."""

import io
import json
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from loadtest.checker import Database, Violation
from loadtest.drill.day import Outcome
from loadtest.drill.drill import Plan, Result
from loadtest.drill.summary import how_all_came_back, make_table, passed, to_markdown, write

PLAN = Plan(faults=[], seed=7, nodes=2, clients=60, crowd=500, seconds=4.0, rounds=2)


def outcome(*violations: Violation, heal_s: float | None = 1.5) -> Outcome:
    return Outcome(
        history=[],
        database=Database(attempts=[]),
        violations=list(violations),
        operations=1_000,
        attempts=60,
        records=1_200,
        heal_s=heal_s,
        wait_s=3.25,
        late_s=0.11,
        returned_ms=[],
        missing=0,
        peaks={"loop lag ms": 25, "memory KiB": 102_400},
    )


def result(fault: str, outcome: Outcome | None, impossible: str | None = None) -> Result:
    return Result(fault=fault, seed=f"7/{fault}/0", outcome=outcome, impossible=impossible, kept=None, took_s=12.0)


def text_of(results: list[Result]) -> str:
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(make_table(results))
    return console.export_text()


def test_rounds_of_one_fault_are_one_line() -> None:
    results = [result("redis-kill", outcome(heal_s=0.5)), result("redis-kill", outcome(heal_s=2.0))]
    assert passed(results)
    line = next(line for line in text_of(results).splitlines() if "redis-kill" in line)
    assert [part.strip() for part in line.split("│")[1:-1]] == [
        "redis-kill",
        "2",
        "120",
        "2,000",
        "2,400",
        "0",
        "3.2 s",
        "0.1 s",
        "2.0 s",
        "25 ms",
        "100 MiB",
    ]


def test_the_table_for_a_page() -> None:
    page = to_markdown([result("redis-kill", outcome()), result("disk", None, "mounting is not possible here")])
    lines = page.splitlines()
    assert len({line.count("|") for line in lines[:4]}) == 1
    assert lines[2].startswith("| `redis-kill` | 1 | 60 | 1,000 | 1,200 | 0 | 3.2 s | 0.1 s | 1.5 s | 25 ms |")
    assert lines[-1] == "`disk` was not possible: mounting is not possible here"


def test_a_crowd_is_told_of_in_a_sentence() -> None:
    back = replace(outcome(), returned_ms=[*range(10, 1_000, 10), 12_345], missing=3)
    assert how_all_came_back(back) == (
        "100 of 103 who were cut off came back in the time announced: half of them after 0.5 s, 99 % after 12.3 s,"
        " the last after 12.3 s"
    )
    assert "none of 3" in how_all_came_back(replace(outcome(), missing=3))


def test_a_violation_fails_the_drill() -> None:
    results = [result("node-kill", outcome(Violation("I1", "a", "lost")))]
    assert not passed(results)
    assert "FAILED" in text_of(results)


def test_who_never_comes_back_fails_the_drill() -> None:
    results = [result("node-kill", outcome()), result("node-kill", outcome(heal_s=None))]
    assert not passed(results)
    assert "never" in text_of(results)


def test_what_is_not_possible_here_is_said_and_fails_nothing() -> None:
    results = [result("disk", None, "mounting is not possible here")]
    assert passed(results)
    assert "mounting is not possible here" in text_of(results)


def test_the_report_names_every_violation_with_its_seed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    write(path, PLAN, [result("node-kill", outcome(Violation("I6", "attempt", "late"))), result("disk", None, "no")])
    report = json.loads(path.read_text())
    assert report["passed"] is False
    assert report["seed"] == 7
    assert report["violations"] == [{"seed": "7/node-kill/0", "invariant": "I6", "where": "attempt", "what": "late"}]
    assert [(line["fault"], line["runs"], line["impossible"]) for line in report["faults"]] == [
        ("node-kill", 1, None),
        ("disk", 0, "no"),
    ]
