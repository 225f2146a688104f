"""The last records of attempts, against which the next ones are checked."""

from typing import Final

from protocol.attempt.chain import seed
from storage.log.batch import Append, LogWriter

MAX_KNOWN_HEADS: Final = 100_000
"""How many attempts have their last record remembered, about 250 bytes each. The others' are read from the log."""


class KnownHeads:
    """Of those attempts that were written to lately; those of others are read from the log."""

    def __init__(self, writer: LogWriter) -> None:
        self._writer = writer
        self._heads: dict[str, tuple[int, bytes]] = {}

    async def unchained(self, batch: list[Append]) -> dict[str, Append]:
        """Attempt → its first append that does not follow the log, record by record."""
        heads = await self._before(batch)
        broken: dict[str, Append] = {}
        for append in batch:
            attempt_id = append.attempt_id
            if attempt_id in broken:
                continue
            head = _chains(append, heads.get(attempt_id))
            if head is None:
                broken[attempt_id] = append
            else:
                heads[attempt_id] = head
        return broken

    async def _before(self, batch: list[Append]) -> dict[str, tuple[int, bytes]]:
        heads: dict[str, tuple[int, bytes]] = {}
        unknown: dict[str, int] = {}
        for append in batch:
            attempt_id = append.attempt_id
            if attempt_id in heads or attempt_id in unknown:
                continue
            before = append.records[0].entry.seq - 1
            known = self._heads.get(attempt_id)
            if before == 0:
                heads[attempt_id] = (0, seed(attempt_id))
            elif known is not None and known[0] == before:
                heads[attempt_id] = known
            else:
                unknown[attempt_id] = before
        if unknown:
            for (attempt_id, seq), digest in (await self._writer.hashes(list(unknown.items()))).items():
                heads[attempt_id] = (seq, digest)
        return heads

    def remember(self, batch: list[Append]) -> None:
        """These are in the log."""
        heads = self._heads
        for append in batch:
            last = append.records[-1]
            # Removed first, so that it goes to the end: the oldest entry is the one to forget.
            heads.pop(append.attempt_id, None)
            heads[append.attempt_id] = (last.entry.seq, last.hash)
        while len(heads) > MAX_KNOWN_HEADS:
            del heads[next(iter(heads))]

    def forget(self, attempt_id: str) -> None:
        """The log may have gone on differently."""
        self._heads.pop(attempt_id, None)


def _chains(append: Append, head: tuple[int, bytes] | None) -> tuple[int, bytes] | None:
    """The head after `append`, which must follow `head` (seq, hash) record by record; None where it does not."""
    if head is None:
        return None
    seq, before = head
    for record in append.records:
        seq += 1
        if record.entry.seq != seq or record.before != before:
            return None
        before = record.hash
    return seq, before
