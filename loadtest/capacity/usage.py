"""CPU time and memory of a process and its children, as Linux counts them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE_KIB: Final = os.sysconf("SC_PAGE_SIZE") // 1024


def cpu_s(pid: int) -> float:
    """Seconds in user and system mode of the process and of all that it has started, those that have ended included."""
    return sum(_ticks(one) for one in family(pid)) / _TICKS_PER_S


def rss_kib(pid: int) -> int:
    """Resident memory of the process alone."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_KIB


def pss_kib(pid: int) -> int:
    """Resident memory of the process, where what it shares with others counts in proportion."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """Processes started inside the block run on these cores. Does nothing if one of the cores is missing."""
    before = os.sched_getaffinity(0)
    if not cores <= before:
        yield
        return
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def family(pid: int) -> Iterator[int]:
    """The process and all that it has started and that still runs."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def _ticks(pid: int) -> int:
    try:
        # The name may hold spaces; what follows its closing bracket does not.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    user, system, children_user, children_system = (int(field) for field in fields[11:15])
    return user + system + children_user + children_system
