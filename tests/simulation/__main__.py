"""Runs simulated days: `python -m tests.simulation --seeds 1..1000 [--minutes M]`.

Prints every seed that fails with the violations, the command that repeats it, and the shortest history found; then how
many hours candidates sat, all together, for a minute of CPU. `--seeds 1..64` gave 2,068 (Python 3.11, on one core of a
small virtual machine).
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import get_args

from loadtest.checker.history import to_line
from tests.simulation.drawing import make_plan
from tests.simulation.plan import Clients
from tests.simulation.story import lines
from tests.simulation.verdict import command, report
from tests.simulation.world import simulate


def main() -> int:
    """0: no violation; 1: some."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", default="1..100", help="a range such as 1..1000, or one seed")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--clients", choices=get_args(Clients), default="python", help="what people use")
    parser.add_argument("--show", action="store_true", help="print the whole history of every seed")
    parser.add_argument("--no-shrink", action="store_true", help="leave a failing day as long as it is")
    parser.add_argument("--history", type=Path, help="write the last history to this file, as JSON lines")
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("..")
    over_s = time.monotonic() + 60 * arguments.minutes if arguments.minutes else None
    hours = cpu_s = 0.0
    runs = 0
    found: Counter[str] = Counter()
    for seed in range(int(first), int(last or first) + 1):
        if over_s is not None and time.monotonic() > over_s:
            break
        plan = make_plan(seed, arguments.clients)
        try:
            outcome = simulate(plan)
        except Exception:  # noqa: BLE001 (the days after it are as good as before)
            print(f"seed {seed}: {command(plan)}", traceback.format_exc(), sep="\n", flush=True)
            found["a day that did not end"] += 1
            continue
        runs += 1
        hours += outcome.exam_hours
        cpu_s += outcome.cpu_s
        found.update(outcome.invariants)
        if arguments.show:
            print(*lines(outcome), sep="\n")
        if arguments.history:
            arguments.history.write_bytes(b"".join(map(to_line, outcome.history)))
        if outcome.violations:
            for line in report(outcome, shortened=not arguments.no_shrink):
                print(line, flush=True)
    per_minute = hours / cpu_s * 60 if cpu_s else 0.0
    print(
        f"{runs} days, {hours:.1f} exam-hours in {cpu_s:.1f} s of CPU ({per_minute:.0f} per minute),"
        f" violations: {dict(found) or 'none'}"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
