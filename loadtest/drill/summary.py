"""What came of a drill: the table for people, and the same as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.table import Table

from loadtest.drill.drill import Plan, Result

_MOST_EXAMPLES: Final = 50


def passed(results: Sequence[Result]) -> bool:
    """Nothing was violated, and everybody came back, wherever the fault was possible."""
    return all(
        result.outcome is None or (not result.outcome.violations and result.outcome.heal_s is not None)
        for result in results
    )


def make_table(results: Sequence[Result]) -> Table:
    """One line for each fault."""
    table = Table(title="Drill: passed" if passed(results) else "Drill: FAILED")
    table.add_column("fault")
    for name in (
        "runs",
        "attempts",
        "operations",
        "records",
        "violations",
        "longest wait",
        "latest closing",
        "time to heal",
    ):
        table.add_column(name, justify="right")
    for line in _lines(results):
        if line["runs"]:
            numbers = [f"{line[name]:,}" for name in ("runs", "attempts", "operations", "records", "violations")]
            heal = "never" if line["heal_s"] is None else f"{line['heal_s']:.1f} s"
            table.add_row(line["fault"], *numbers, f"{line['wait_s']:.1f} s", _seconds(line["late_s"]), heal)
        else:
            table.add_row(line["fault"], "0", "", "", "", "", "", "", line["impossible"])
    return table


def write(path: Path, plan: Plan, results: Sequence[Result]) -> None:
    """Raises `OSError`."""
    violations = [
        {"seed": result.seed, "invariant": one.invariant, "where": one.where, "what": one.what}
        for result in results
        if result.outcome is not None
        for one in result.outcome.violations
    ]
    report = {
        "passed": passed(results),
        "seed": plan.seed,
        "nodes": plan.nodes,
        "clients": plan.clients,
        "crowd": plan.crowd,
        "seconds": plan.seconds,
        "took_s": round(sum(result.took_s for result in results), 1),
        "faults": _lines(results),
        "violations": violations[:_MOST_EXAMPLES],
        "kept": [str(result.kept) for result in results if result.kept is not None],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


def _lines(results: Sequence[Result]) -> list[dict[str, Any]]:
    return [_line(fault, [one for one in results if one.fault == fault]) for fault in dict.fromkeys(_names(results))]


def _names(results: Sequence[Result]) -> list[str]:
    return [result.fault for result in results]


def _line(fault: str, results: Sequence[Result]) -> dict[str, Any]:
    outcomes = [result.outcome for result in results if result.outcome is not None]
    heals = [outcome.heal_s for outcome in outcomes]
    return {
        "fault": fault,
        "runs": len(outcomes),
        "attempts": sum(outcome.attempts for outcome in outcomes),
        "operations": sum(outcome.operations for outcome in outcomes),
        "records": sum(outcome.records for outcome in outcomes),
        "violations": sum(len(outcome.violations) for outcome in outcomes),
        # The longest of them: nil where there was one that never healed.
        "heal_s": max((heal for heal in heals if heal is not None), default=None) if None not in heals else None,
        "wait_s": max((outcome.wait_s for outcome in outcomes), default=None),
        "late_s": max((one.late_s for one in outcomes if one.late_s is not None), default=None),
        "impossible": next((result.impossible for result in results if result.impossible is not None), None),
    }
