"""The newest version of a test, as the database has it now."""

import asyncio
from typing import Final

from storage.tests import Tests

Key = tuple[str, str]
"""(organisation, test)"""


class Newest:
    """One query answers all who asked before it began. So whoever asks after a new version was stored gets that one,
    and ten thousand who start at the same instant cost a few queries."""

    def __init__(self, tests: Tests) -> None:
        self._tests: Final = tests
        self._next: dict[Key, asyncio.Task[int | None]] = {}
        self._under_way: dict[Key, asyncio.Task[int | None]] = {}

    async def version(self, org_id: str, test_id: str) -> int | None:
        """The number of the newest version; None: there is no such test. Raises `StorageUnavailable`."""
        key = (org_id, test_id)
        task = self._next.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(key), name="look for the newest version of a test")
            task.add_done_callback(_looked_at)
            self._next[key] = task
        return await asyncio.shield(task)

    async def _ask(self, key: Key) -> int | None:
        before = self._under_way.get(key)
        if before is not None:
            await asyncio.wait([before])
        # The query begins: who asks from here on waits for the next one.
        task = self._under_way[key] = self._next.pop(key)
        try:
            return await self._tests.newest_version(*key)
        finally:
            if self._under_way.get(key) is task:
                del self._under_way[key]


def _looked_at(task: "asyncio.Task[int | None]") -> None:
    if not task.cancelled():
        task.exception()  # has been looked at, even if all who waited have gone
