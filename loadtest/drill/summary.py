"""The results of a drill: a table for people, and the same as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.table import Table

from loadtest.drill.day import Outcome
from loadtest.drill.drill import Plan, Result
from loadtest.drill.metrics import LOOP_LAG
from loadtest.drill.stage import MEMORY

_MOST_EXAMPLES: Final = 50
_COLUMNS: Final = (
    "fault",
    "runs",
    "attempts",
    "operations",
    "records",
    "violations",
    "longest wait",
    "latest closing",
    "time to heal",
    "loop lag",
    "memory",
)


def passed(results: Sequence[Result]) -> bool:
    """Nothing was violated, and everybody came back, wherever the fault was possible."""
    return all(
        result.outcome is None or (not result.outcome.violations and result.outcome.heal_s is not None)
        for result in results
    )


def make_table(results: Sequence[Result]) -> Table:
    """One line for each fault."""
    table = Table(title="Drill: passed" if passed(results) else "Drill: FAILED")
    table.add_column(_COLUMNS[0])
    for name in _COLUMNS[1:]:
        table.add_column(name, justify="right")
    for line in _lines(results):
        table.add_row(*_cells(line))
    for fault, why in _impossible(results).items():
        table.caption = f"{table.caption or 'Not possible here:'}\n{fault}: {why}"
    return table


def to_markdown(results: Sequence[Result]) -> str:
    """The same, for a page."""
    rows = [_COLUMNS, ("---", *["---:"] * (len(_COLUMNS) - 1))]
    for line in _lines(results):
        name, *cells = _cells(line)
        rows.append((f"`{name}`", *cells))
    text = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return text + "".join(f"\n`{fault}` was not possible: {why}\n" for fault, why in _impossible(results).items())


def _impossible(results: Sequence[Result]) -> dict[str, str]:
    return {one.fault: one.impossible for one in results if one.impossible is not None}


def _cells(line: dict[str, Any]) -> tuple[str, ...]:
    if not line["runs"]:
        return (line["fault"], "0", *[""] * (len(_COLUMNS) - 2))
    numbers = [f"{line[name]:,}" for name in ("runs", "attempts", "operations", "records", "violations")]
    return (
        line["fault"],
        *numbers,
        f"{line['wait_s']:.1f} s",
        _seconds(line["late_s"]),
        "never" if line["heal_s"] is None else f"{line['heal_s']:.1f} s",
        f"{line['peaks'].get(LOOP_LAG, 0):,} ms",
        f"{line['peaks'].get(MEMORY, 0) / 1024:.0f} MiB",
    )


def how_all_came_back(outcome: Outcome) -> str:
    """One sentence about the clients that were cut off at one moment."""
    back_ms = outcome.returned_ms
    cut = len(back_ms) + outcome.missing
    if not back_ms:
        return f"none of {cut:,} who were cut off came back in the time announced"
    nearly_all = back_ms[min(len(back_ms) - 1, len(back_ms) * 99 // 100)]
    return (
        f"{len(back_ms):,} of {cut:,} who were cut off came back in the time announced: half of them after"
        f" {back_ms[len(back_ms) // 2] / 1_000:.1f} s, 99 % after {nearly_all / 1_000:.1f} s,"
        f" the last after {back_ms[-1] / 1_000:.1f} s"
    )


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
        "came_back": next((how_all_came_back(one) for one in reversed(outcomes) if one.returned_ms), None),
        "peaks": {
            name: max(one.peaks.get(name, 0) for one in outcomes)
            for name in sorted({n for o in outcomes for n in o.peaks})
        },
        "impossible": next((result.impossible for result in results if result.impossible is not None), None),
    }
