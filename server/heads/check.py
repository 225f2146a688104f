"""Whether the log still has the heads that were signed and kept outside of the database, and whether these are all
there."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from protocol.attempt.chain import BrokenChain
from protocol.rules.audit import BrokenAudit
from server.heads.signed import SUFFIX, NodesHeads, audit_of
from storage.archives.kept import ArchivedLogs
from storage.audit import Audit
from storage.database import Database
from storage.log.head_files import LastLine
from storage.statements import hashes_at

_PAGE: Final = 500
_GONE: Final = "the record is gone"
_ANOTHER: Final = "the record is another one than was signed"


class Compared(NamedTuple):
    """What does not fit, and how many heads lie in archives that were not at hand."""

    broken: list[BrokenChain | BrokenAudit]
    in_archives: int


async def compare(
    database: Database,
    heads: Sequence[tuple[str, int, bytes]],
    archived: Mapping[str, Sequence[bytes]] = MappingProxyType({}),
) -> Compared:
    """Describes every kept head whose record is missing from its log, or is a different one there: of attempts, and of
    audit logs. `archived` has the hashes of logs from the archives that are at hand, from the first record on."""
    attempts = [head for head in heads if audit_of(head[0]) is None]
    of_attempts, elsewhere = await _of_attempts(database, attempts, archived)
    return Compared([*of_attempts, *await _of_audits(database, heads)], elsewhere)


async def _of_audits(database: Database, heads: Sequence[tuple[str, int, bytes]]) -> list[BrokenAudit]:
    audit = Audit(database)
    broken: dict[str, BrokenAudit] = {}
    for name, seq, head in heads:
        org_id = audit_of(name)
        if org_id is None or org_id in broken:
            continue
        there = await audit.hash_at(org_id, seq)
        if there != head:
            broken[org_id] = BrokenAudit(org_id, seq, _GONE if there is None else _ANOTHER)
    return list(broken.values())


async def _of_attempts(
    database: Database, heads: Sequence[tuple[str, int, bytes]], archived: Mapping[str, Sequence[bytes]]
) -> tuple[list[BrokenChain], int]:
    known = ArchivedLogs(database)
    broken: dict[str, BrokenChain] = {}
    elsewhere = 0
    for start in range(0, len(heads), _PAGE):
        page = heads[start : start + _PAGE]
        positions = [(attempt_id, seq) for attempt_id, seq, _ in page]
        found = await database.read(lambda connection, asked=positions: hashes_at(connection, asked))  # type: ignore[misc]
        missing = {attempt_id for attempt_id, seq in positions if (attempt_id, seq) not in found}
        away = await known.away_among(missing)
        for attempt_id, seq, head in page:
            there = found.get((attempt_id, seq))
            gone = away.get(attempt_id)
            if there is None and gone is not None and seq <= gone.seq:
                hashes = archived.get(attempt_id, ())
                there = gone.head if seq == gone.seq else hashes[seq - 1] if seq <= len(hashes) else None
                if there is None:
                    elsewhere += 1
                    continue
            if there != head:
                broken.setdefault(attempt_id, BrokenChain(attempt_id, seq, _GONE if there is None else _ANOTHER))
    return list(broken.values()), elsewhere


def find_missing(files: Mapping[str, NodesHeads], known: Mapping[str, LastLine]) -> list[str]:
    """What the files of heads lack that the database knows of, and the files that it does not know: a sentence each."""
    found = [
        f"{node}{SUFFIX}: the database does not know this file; it is older than the file, or the row was deleted"
        for node in files
        if node not in known
    ]
    for node, last in sorted(known.items()):
        file = files.get(node)
        there = 0 if file is None else len(file.macs)
        if there < last.number:
            found.append(
                f"{node}{SUFFIX}: the file is missing; it had {last.number} lines or more"
                if file is None
                else f"{node}{SUFFIX}: it has {there} lines and had {last.number} or more: its end was cut off"
            )
        elif file is not None and last.number and file.macs[last.number - 1] != last.mac:
            found.append(f"{node}{SUFFIX}, line {last.number}: it is not the line that the database knows")
    return found
