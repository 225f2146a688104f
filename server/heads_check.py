"""Whether the log still has the heads that were signed and kept outside of the database."""

from collections.abc import Sequence
from typing import Final

from protocol.attempt.chain import BrokenChain
from storage.database import Database
from storage.statements import hashes_at

_PAGE: Final = 500


async def compare(database: Database, heads: Sequence[tuple[str, int, bytes]]) -> list[BrokenChain]:
    """Describes every kept head whose record is missing from the log, or is a different one there."""
    broken: dict[str, BrokenChain] = {}
    for start in range(0, len(heads), _PAGE):
        page = heads[start : start + _PAGE]
        positions = [(attempt_id, seq) for attempt_id, seq, _ in page]
        found = await database.read(lambda connection, asked=positions: hashes_at(connection, asked))  # type: ignore[misc]
        for attempt_id, seq, head in page:
            there = found.get((attempt_id, seq))
            if there != head:
                what = "the record is gone" if there is None else "the record is another one than was signed"
                broken.setdefault(attempt_id, BrokenChain(attempt_id, seq, what))
    return list(broken.values())
