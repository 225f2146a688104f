"""Every target under atheris, one after the other: `make fuzz`, or `python -m tests.fuzz --seconds 600 exam token`.

What was learned stays in build/fuzz, and the next run goes on from there. A finding is a file there: put it into
tests/fuzz/found, where it is tried in every test run, and mend what it found.
"""

import argparse
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.targets import TARGETS, corpus

FOLDER = Path("build/fuzz")
_EXPENSIVE_S = 5
"""One input that takes longer is a finding."""
_LARGE_MIB = 768
"""So is one that brings the process beyond this; reading this project's modules takes a sixth of it."""
_LONGEST = 4_096
"""Bytes of one input."""


class Run(NamedTuple):
    """What one target's run came to. `reached` counts edges in the code under test."""

    executions: int
    reached: int
    inputs: int
    findings: list[Path]


def fuzz(name: str, seconds: int) -> Run:
    inputs, findings = FOLDER / name, FOLDER / "findings" / name
    inputs.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    for data in corpus(name):
        (inputs / sha256(data).hexdigest()[:40]).write_bytes(data)
    known = set(findings.iterdir())
    options = {
        "max_total_time": seconds,
        "max_len": _LONGEST,
        "timeout": _EXPENSIVE_S,
        "rss_limit_mb": _LARGE_MIB,
        "artifact_prefix": f"{findings}/",
        "print_final_stats": 1,
    }
    told = (f"-{option}={value}" for option, value in options.items())
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", name, str(inputs), *told],
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    found = sorted(set(findings.iterdir()) - known)
    if run.returncode or found:
        sys.stderr.write(run.stderr[-4_000:])
    reached = [int(number) for number in re.findall(r" cov: (\d+) ", run.stderr)]
    executed = re.search(r"number_of_executed_units: (\d+)", run.stderr)
    if executed is None:
        raise SystemExit(f"{name} did not run")
    return Run(int(executed[1]), max(reached, default=0), len(list(inputs.iterdir())), found)


def tell(target: str, executions: str, reached: str, inputs: str, findings: str) -> None:
    sys.stdout.write(f"{target:<16} {executions:>12} {reached:>14} {inputs:>12}  {findings}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzzing, guided by coverage.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; without: each")
    parser.add_argument("--seconds", type=int, default=60, help="how long for each target")
    chosen = parser.parse_args()
    names = chosen.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    failed = False
    tell("target", "executions", "edges reached", "inputs kept", "findings")
    for name in names:
        run = fuzz(name, chosen.seconds)
        failed |= bool(run.findings)
        findings = ", ".join(map(str, run.findings)) or "none"
        tell(name, f"{run.executions:,}", f"{run.reached:,}", f"{run.inputs:,}", findings)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
