"""Loops on Redis that restart after any failure, and the log lines about them."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Final

from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from server.relay.subscribers import guarded

log = logging.getLogger(__name__)

_BACKOFF_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)


class NotACluster(RedisError):
    """The server runs without `cluster-enabled`."""


class Supervised(ABC):
    """A loop in its own task. `on_change` gets the reason when the loop stops working, and None when it works again."""

    def __init__(self, name: str, on_change: Callable[[str | None], None]) -> None:
        self.up = False
        self._name = name
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @abstractmethod
    async def _work(self) -> None:
        """Runs for ever, or raises. Calls `_goes_on` as soon as the work succeeds."""

    def _goes_on(self) -> None:
        self._failures = 0
        if not self.up:
            self.up = True
            self._on_change(None)

    async def _run(self) -> None:
        while True:
            reason = "it ended"
            try:
                await self._work()
            except* (RedisError, OSError) as errors:
                reason = _reason(errors.exceptions[0])
            except* Exception:
                log.exception("The relay failed and starts again")
            self.up = False
            guarded(partial(self._on_change, reason), "What is done about a failure of the relay failed")
            await asyncio.sleep(_BACKOFF_S[min(self._failures, len(_BACKOFF_S) - 1)])
            self._failures += 1


class Outage:
    """Logs once that `what` is away, once more for each further reason, and once when it is back."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._reasons: set[str] = set()

    def note(self, reason: str) -> bool:
        """Whether that was new."""
        if reason in self._reasons:
            return False
        self._reasons.add(reason)
        log.warning("The relay cannot use %s (%s). Answers and deadlines do not need it", self._what, reason)
        return True

    def over(self) -> None:
        if self._reasons:
            self._reasons.clear()
            log.info("The relay can use %s again", self._what)


def _reason(error: Exception) -> str:
    """The reason without the error's own message, which may contain names of channels."""
    if isinstance(error, AuthenticationError):
        return "it refuses the user or the password"
    if isinstance(error, NoPermissionError):
        return "its access rules forbid it"
    if isinstance(error, NotACluster):
        return "it is no cluster"
    if isinstance(error, ResponseError) and "unknown command" in str(error):
        return "it does not know the commands of Redis 7"
    return type(error).__name__
