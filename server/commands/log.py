"""The log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from server.commands.options import AsJson
from server.commands.terminal import print_json, run, say, settings_of_environment

if TYPE_CHECKING:
    from protocol.attempt.chain import ErasedLog, NewerLog
    from server.heads.signed import NodesHeads
    from storage.database import Database
    from storage.log.verify import InArchive


def _erased(log: "ErasedLog") -> str:
    from datetime import UTC, datetime

    entry = log.record.entry
    at = datetime.fromtimestamp(entry.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"attempt {log.attempt_id}: the bodies of records 1 to {log.erased} were erased at {at} UTC by"
        f" {entry.role.value} {entry.by}; the chain holds"
    )


def _newer(log: "NewerLog") -> str:
    what = ", ".join(sorted({unread.what for unread in log.unread}))
    return (
        f"attempt {log.attempt_id}: this version does not know {what}, first in record {log.unread[0].seq};"
        " the chain holds"
    )


def _away(log: "InArchive") -> str:
    gone = log.away
    where = gone.archive if gone.dropped_at_ms is None else f"{gone.archive}, which was deleted"
    return f"attempt {log.attempt_id}: records 1 to {gone.seq} are in the archive {where}; the rest of the chain holds"


class _Found(NamedTuple):
    """How much there was, what was compared with signed heads, and what is broken."""

    attempts: int
    records: int
    entries: int
    compared: str | None
    broken: list[str]


class _Signed(NamedTuple):
    """Signed heads, by node, and the folder that has them."""

    folder: Path
    files: "dict[str, NodesHeads]"

    @property
    def heads(self) -> list[tuple[str, int, bytes]]:
        return [head for file in self.files.values() for head in file.heads]


async def _look_at_archive(database: "Database", archive: Path, attempt: str | None, signed: _Signed | None) -> _Found:
    from server.heads.check import compare
    from storage.archives.checking import check_archive

    hashes: dict[str, list[bytes]] = {}
    broken: list[str] = []
    async for one in check_archive(database, archive):
        if attempt not in (None, one.attempt_id):
            continue
        hashes[one.attempt_id] = one.hashes
        if one.note:
            say(f"attempt {one.attempt_id}: {one.note}")
        if one.broken is not None:
            broken.append(str(one.broken))
    compared = None
    if signed is not None:
        heads = [head for head in signed.heads if head[0] in hashes]
        broken += map(str, (await compare(database, heads, hashes)).broken)
        compared = f"{len(heads)} signed heads of these attempts"
    return _Found(len(hashes), sum(map(len, hashes.values())), 0, compared, broken)


async def _look_at_database(database: "Database", attempt: str | None, signed: _Signed | None) -> _Found:
    from protocol.attempt.chain import ErasedLog, NewerLog
    from storage.audit import verify_audit
    from storage.log.verify import InArchive, verify_log

    attempts = records = entries = 0
    broken: list[str] = []
    async for _, count, said in verify_log(database, attempt):
        attempts += 1
        records += count
        if isinstance(said, ErasedLog):
            say(_erased(said))
        elif isinstance(said, NewerLog):
            say(_newer(said))
        elif isinstance(said, InArchive):
            say(_away(said))
        elif said is not None:
            broken.append(str(said))
    if attempt is None:
        async for _, count, wrong in verify_audit(database):
            entries += count
            if wrong is not None:
                broken.append(str(wrong))
    compared = None
    if signed is not None:
        compared, missing = await _compare_heads(database, attempt, signed)
        broken += missing
    return _Found(attempts, records, entries, compared, broken)


async def _compare_heads(database: "Database", attempt: str | None, signed: _Signed) -> tuple[str, list[str]]:
    """What was compared, and what does not fit."""
    from server.heads.check import compare, find_missing
    from server.heads.signed import BadHeads
    from storage.log.head_files import HeadFiles

    known = await HeadFiles(database).all()
    if not signed.files and not known:
        raise BadHeads(f"{signed.folder} has no file of heads")
    heads = [one for one in signed.heads if attempt in (None, one[0])]
    found = await compare(database, heads)
    compared = f"{len(signed.heads)} signed heads in {len(signed.files)} files"
    if found.in_archives:
        compared += f", of which {found.in_archives} are in archives: give these, one after the other"
    return compared, [*find_missing(signed.files, known), *map(str, found.broken)]


def verify_logs(
    archive: Annotated[
        Path | None, typer.Argument(help="An archive that `prune` made, in place of the database", dir_okay=False)
    ] = None,
    attempt: Annotated[str | None, typer.Option(help="Only this attempt")] = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="Also compare with the signed heads in this folder", exists=True, file_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every hash chain, of the database or of one archive. Finds a byte of the log that was changed, removed or
    inserted."""
    from server.heads.signed import read_heads
    from server.process.starting import WRONG_SETTINGS
    from server.settings import PREFIX
    from storage.database import Database
    from storage.revision import check_schema

    settings = settings_of_environment()

    if heads is not None and not settings.heads_key:
        say(f"{PREFIX}HEADS_KEY must be set to the key that the heads were signed with.")
        raise typer.Exit(WRONG_SETTINGS)

    async def verify() -> _Found:
        signed = None if heads is None else _Signed(heads, read_heads(heads, settings.heads_key.encode()))
        database = await Database.open(settings.database)
        try:
            await check_schema(database)
            if archive is not None:
                return await _look_at_archive(database, archive, attempt, signed)
            return await _look_at_database(database, attempt, signed)
        finally:
            await database.close()

    try:
        attempts, records, entries, compared, broken = run(verify())
    except OSError as error:
        say(f"{error.filename or archive}: {error.strerror}")
        raise typer.Exit(1) from None
    if attempt is not None and attempts == 0:
        say("There is no such attempt.")
        raise typer.Exit(1)
    if as_json:
        print_json(
            {"attempts": attempts, "records": records, "audit_entries": entries, "heads": compared, "broken": broken}
        )
    else:
        for line in broken:
            say(line)
        if attempt is None and archive is None:
            typer.echo(f"{entries} entries of audit logs")
        if compared is not None:
            typer.echo(compared)
        typer.echo(f"{attempts} attempts, {records} records, {len(broken)} broken")
    if broken:
        raise typer.Exit(1)
