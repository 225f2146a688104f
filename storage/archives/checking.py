"""Whether an archive has what was put into it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

from protocol.attempt.chain import BrokenChain, ErasedLog, Line, NewerLog, open_line, open_log, seed
from storage.archives.faults import Unsealed
from storage.archives.forms import read_archive
from storage.archives.kept import ArchivedLogs
from storage.archives.names import name_of
from storage.database import Database

_UNREADABLE: Final = "its candidate was erased, or the archive was to be deleted: nobody can read the bodies any more"


class Checked(NamedTuple):
    """One log of an archive: how many records it has, the hash of each, what is wrong with it, and what else there is
    to say."""

    attempt_id: str
    hashes: list[bytes]
    broken: BrokenChain | None
    note: str


async def check_archive(database: Database, path: Path) -> AsyncIterator[Checked]:
    """Looks at each log: at its chain, at the head that the database knows, and at the bodies, for which the database
    has the keys. Raises `BadArchive` and `OSError`."""
    known, name = ArchivedLogs(database), name_of(path)
    for one in read_archive(path):
        attempt_id, note = one.attempt_id, ""
        broken: BrokenChain | None = None
        here = await known.known(attempt_id)
        gone = here is not None and (here.erased or (here.away is not None and here.away.dropped_at_ms is not None))
        key = None if here is None or gone else here.key
        try:
            if key is None:
                _check_chain(attempt_id, one.lines(None))
                note = _UNREADABLE if gone else "this database has no key for it: the bodies were not checked"
            else:
                open_log(attempt_id, key, one.lines(key))
                if here is not None and here.away is None:
                    note = "its log is in the database too"
        except Unsealed as fault:
            broken = BrokenChain(attempt_id, 1, str(fault))
        except (ErasedLog, NewerLog) as said:
            note = str(said)
        except BrokenChain as fault:
            broken = fault
        kept = None if here is None else here.away
        if broken is None and kept is not None and kept.archive == name and kept[1:3] != (one.seq, one.head):
            broken = BrokenChain(attempt_id, one.seq, "the log that went into the archive was another one")
        yield Checked(attempt_id, [record.hash for record in one.records], broken, note)


def _check_chain(attempt_id: str, lines: list[Line]) -> None:
    head = seed(attempt_id)
    for seq, line in enumerate(lines, 1):
        open_line(attempt_id, head, seq, line)
        head = line.hash
