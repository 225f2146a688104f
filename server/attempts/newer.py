"""Attempts whose logs a newer version has written to: this node leaves them to the others, and does not read them again
and again."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from protocol.attempt.chain import NewerLog
from protocol.attempt.model import Identity
from protocol.codes import Code
from protocol.errors import Refused, refuse

log = logging.getLogger(__name__)

QUIET_MS: Final = 10_000
"""For so long such a log is not read again. It becomes readable only if another database takes over."""
_MOST: Final = 1_000
"""Attempts that are remembered. Whoever is forgotten costs one more read."""


class Outgrown(Refused):
    """The attempt's log can only be read by a newer node. `identity` decides who may learn that."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(refuse(Code.NEWER_LOG))
        self.identity = identity


class _Left(NamedTuple):
    until_ms: int
    identity: Identity


class NewerLogs:
    """See above. Each attempt is said once in the log file."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._left: OrderedDict[str, _Left] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    @property
    def attempt_ids(self) -> list[str]:
        """The attempts that this node leaves alone."""
        return list(self._left)

    def leave(self, error: NewerLog, identity: Identity) -> None:
        """The attempt's log was read, and is newer than this node."""
        attempt_id = error.attempt_id
        if attempt_id not in self._left:
            log.error("This node leaves an attempt to newer nodes: %s", error)
        self._left[attempt_id] = _Left(self._now_ms() + QUIET_MS, identity)
        self._left.move_to_end(attempt_id)
        while len(self._left) > _MOST:
            self._left.popitem(last=False)

    def check(self, attempt_id: str) -> None:
        """Raises `Outgrown` where the log was looked at within the last seconds."""
        left = self._left.get(attempt_id)
        if left is not None and self._now_ms() < left.until_ms:
            raise Outgrown(left.identity)

    def readable(self, attempt_id: str) -> None:
        """The log was read, and this node knows all of it."""
        self._left.pop(attempt_id, None)
