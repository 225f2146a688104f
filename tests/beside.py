"""Workers whose tests wait, beside workers whose tests compute.

Tests of processes and pages wait most of their time, the others compute. When all workers of pytest-xdist wait, the
cores are idle, and when all compute, the machine is too busy for clocks and browsers. So every other worker takes the
files that wait first, and the workers between them those that compute, with less of a claim to the cores. A worker that
has run out of its own kind takes the other.
"""

import os
from pathlib import PurePosixPath
from typing import Any, Final

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

_WAITING: Final = frozenset({"deploy", "e2e", "loadtest"})
"""Folders of `tests/` whose files wait."""
_NICE: Final = 3
"""Of workers whose tests compute."""


def pytest_configure(config: pytest.Config) -> None:
    worker: str | None = getattr(config, "workerinput", {}).get("workerid")
    if worker is not None and not _waits(worker):
        os.nice(_NICE)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return Beside(config, log) if config.getoption("dist") == "loadfile" else None


class Beside(LoadFileScheduling):  # type: ignore[misc]
    """`--dist loadfile` as above. Of each kind the file that was collected first is the first."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        waits = _waits(node.gateway.id)
        own = next((file for file in self.workqueue if _is_waiting(file) == waits), None)
        if own is not None:
            self.workqueue.move_to_end(own, last=False)
        super()._assign_work_unit(node)


def _waits(worker: str) -> bool:
    """Whether a worker (`gw0`, `gw1`…) begins with the files that wait."""
    return int(worker.removeprefix("gw")) % 2 == 0


def _is_waiting(file: str) -> bool:
    """Of a path below the project's folder: `tests/e2e/test_rest.py`."""
    return PurePosixPath(file).parts[1] in _WAITING
