"""A server that says it has served all whom an act is for, and has served none, and whose regrades leave out one."""

from typing import Any

from server.bulk import BulkWorker
from server.marking.regrader import Regrader

_every = Regrader._regrade


def neglect() -> None:
    """From now on nobody is given what an act on many attempts is for, and of each page of a regrade one is missed."""
    BulkWorker._give = _idle  # type: ignore[method-assign]
    Regrader._regrade = _but_the_first  # type: ignore[method-assign]


async def _idle(self: BulkWorker, act: Any, attempt_id: str) -> None:
    return None


async def _but_the_first(self: Regrader, job: Any, attempt_ids: Any) -> int:
    return await _every(self, job, attempt_ids[1:])
