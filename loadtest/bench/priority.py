"""Lets a nice value hold for the servers that a benchmark starts."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from loadtest.capacity.usage import family


def keep_priority(pids: Iterable[int]) -> None:
    """These processes and all that they have started get our nice value among all others of the machine. Each has a
    session of its own, which is a group of its own to the scheduler of Linux (`autogroup`): a nice value holds inside
    of it, and groups are equals."""
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    if nice == 0:
        return
    for pid in pids:
        for one in family(pid):
            # A kernel without such groups has no such file, and who may not be nicer than others stays as he is.
            with suppress(OSError):
                Path(f"/proc/{one}/autogroup").write_text(str(nice))
