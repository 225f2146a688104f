"""Files that were asked for of late: a room opens the same picture at the same moment."""

from collections import OrderedDict
from typing import Final, NamedTuple

from protocol.media import Medium
from server.metrics.cache_uses import CacheUses

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_FILE_BYTES: Final = 1024 * 1024
"""Larger files are read in parts."""


class Kept(NamedTuple):
    """A file with its bytes."""

    medium: Medium
    data: bytes


class MediaCache:
    """The newest ones, up to a number of bytes."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._max_bytes = max_bytes
        self._bytes = 0
        self.uses = CacheUses()

    def get(self, org_id: str, name: str) -> Kept | None:
        found = self._kept.get((org_id, name))
        if found is None:
            self.uses.misses += 1
        else:
            self.uses.hits += 1
            self._kept.move_to_end((org_id, name))
        return found

    def put(self, org_id: str, kept: Kept) -> None:
        if len(kept.data) > MAX_FILE_BYTES or (org_id, kept.medium.hash) in self._kept:
            return
        self._kept[org_id, kept.medium.hash] = kept
        self._bytes += len(kept.data)
        while self._bytes > self._max_bytes:
            self._bytes -= len(self._kept.popitem(last=False)[1].data)
