"""Whether the log still has the heads that were signed and kept outside of the database, and whether these are all
there."""

from collections.abc import Mapping, Sequence
from typing import Final

from protocol.attempt.chain import BrokenChain
from protocol.rules.audit import BrokenAudit
from server.heads.signed import SUFFIX, NodesHeads, audit_of
from storage.audit import Audit
from storage.database import Database
from storage.log.head_files import LastLine
from storage.statements import hashes_at

_PAGE: Final = 500
_GONE: Final = "the record is gone"
_ANOTHER: Final = "the record is another one than was signed"


async def compare(database: Database, heads: Sequence[tuple[str, int, bytes]]) -> list[BrokenChain | BrokenAudit]:
    """Describes every kept head whose record is missing from its log, or is a different one there: of attempts, and of
    audit logs."""
    attempts = [head for head in heads if audit_of(head[0]) is None]
    return [*await _of_attempts(database, attempts), *await _of_audits(database, heads)]


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


async def _of_attempts(database: Database, heads: Sequence[tuple[str, int, bytes]]) -> list[BrokenChain]:
    broken: dict[str, BrokenChain] = {}
    for start in range(0, len(heads), _PAGE):
        page = heads[start : start + _PAGE]
        positions = [(attempt_id, seq) for attempt_id, seq, _ in page]
        found = await database.read(lambda connection, asked=positions: hashes_at(connection, asked))  # type: ignore[misc]
        for attempt_id, seq, head in page:
            there = found.get((attempt_id, seq))
            if there != head:
                broken.setdefault(attempt_id, BrokenChain(attempt_id, seq, _GONE if there is None else _ANOTHER))
    return list(broken.values())


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
