"""What processes use."""

import os
import subprocess
import sys

from loadtest.capacity.usage import cpu_s, on_cores, rss_kib

BURN = """
import time
while time.process_time() < 0.5: pass
print(flush=True)
input()
"""
# Starts a child that computes, says so, and waits; then ends it, and waits again.
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {BURN!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print("done", flush=True)
input()
child.communicate(b"\\n")
print("over", flush=True)
input()
"""


def test_what_children_use_counts_while_they_live_and_afterwards() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stdout.readline() == "done\n"
        assert cpu_s(parent.pid) >= 0.4
        assert rss_kib(parent.pid) > 1_000
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.stdout.readline() == "over\n"
        assert cpu_s(parent.pid) >= 0.4
        parent.communicate("\n")


def test_what_is_started_within_runs_where_it_should() -> None:
    core = max(os.sched_getaffinity(0))
    code = "import os; print(*os.sched_getaffinity(0))"
    before = os.sched_getaffinity(0)
    with on_cores({core}):
        assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == [str(core)]
    assert os.sched_getaffinity(0) == before


def test_cores_that_are_not_there_are_not_asked_for() -> None:
    before = os.sched_getaffinity(0)
    with on_cores({100_000}):
        assert os.sched_getaffinity(0) == before
