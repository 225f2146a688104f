"""Work that many ask for: whoever asks while it is under way has it done once more, together with all who do."""

import asyncio
from collections.abc import Awaitable, Callable


class Repeating:
    """`keep` is given the task, named `name`, that the node finishes before it stops."""

    def __init__(
        self, work: Callable[[], Awaitable[None]], keep: Callable[[asyncio.Task[None]], None], name: str
    ) -> None:
        self._work = work
        self._keep = keep
        self._name = name
        self._asked = False
        self._working = False

    @property
    def working(self) -> bool:
        """Whether the work is under way."""
        return self._working

    def ask(self) -> None:
        """The work begins once more after this call. What it raises ends it, for whoever has asked meanwhile too."""
        self._asked = True
        if not self._working:
            self._working = True
            self._keep(asyncio.create_task(self._run(), name=self._name))

    async def _run(self) -> None:
        try:
            while self._asked:
                self._asked = False
                await self._work()
        finally:
            self._working = False
