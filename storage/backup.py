"""A copy of the embedded database, taken while the server goes on writing, and put back while none does."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage import sqlite
from storage.errors import AlreadyServed, StorageUnavailable, UnsupportedDatabase
from storage.revision import VERSION_TABLE, check_known
from storage.url import parse_url, sqlite_path


async def back_up(url: str, target: Path) -> None:
    """Copies the database to `target`, which must not exist: all that was committed when the copy began, and perhaps
    more. Raises `UnsupportedDatabase` for another kind of database, `StorageUnavailable`, and `OSError`."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise UnsupportedDatabase("only an embedded database is copied like this; PostgreSQL has pg_dump for it")
    await asyncio.to_thread(_copy, sqlite_path(parsed), target)


def _copy(path: Path, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        # Readers hinder no writer in WAL mode, and `mode=ro` neither makes a file nor changes one.
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        _make_durable(target)
    except BaseException as error:
        target.unlink()
        if isinstance(error, sqlite3.Error):
            raise StorageUnavailable(f"{path}: {error}") from error
        raise


def _make_durable(file: Path) -> None:
    for one in (file, file.absolute().parent):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def restore(url: str, source: Path, *, replace: bool) -> Path | None:
    """Puts a copy that `back_up` made in the place of the embedded database, which no server may serve meanwhile. What
    was there is kept beside it, and its path returned; None: nothing was there. Raises `UnsupportedDatabase`,
    `AlreadyServed`, `SchemaOutdated` for a copy of a newer version, `StorageUnavailable` for a file that is no whole
    database of ours or where `replace` is not said, and `OSError`."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise UnsupportedDatabase("only an embedded database is restored like this; PostgreSQL has pg_restore for it")
    return await asyncio.to_thread(_restore, sqlite_path(parsed), source, replace)


def _restore(path: Path, source: Path, replace: bool) -> Path | None:
    _check_copy(source)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    server, writer = sqlite.FileLock(sqlite.server_lock_path(path)), sqlite.FileLock(sqlite.lock_path(path))
    try:
        if not server.take():
            raise AlreadyServed(f"a server is running on {path}: stop it first")
        with writer.held():
            if path.exists() and not replace:
                raise StorageUnavailable(f"{path}: there is a database already; say --replace to put it aside")
            fresh = path.with_name(f"{path.name}-restored")
            fresh.unlink(missing_ok=True)
            _copy(source, fresh)
            aside = _put_aside(path) if path.exists() else None
            fresh.rename(path)
            _make_durable(path)
            return aside
    finally:
        writer.close()
        server.close()


def _check_copy(source: Path) -> None:
    """Raises `StorageUnavailable` or `SchemaOutdated` where it can't be a database of ours that this version reads."""
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if found != ("ok",):
                raise StorageUnavailable(f"{source}: the file is damaged")
            revision = copy.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 (a constant)
    except sqlite3.Error as error:
        raise StorageUnavailable(f"{source}: it is no database of Pencils Down ({error})") from error
    check_known(None if revision is None else revision[0])


def _put_aside(path: Path) -> Path:
    """Whole, with what is only in its write-ahead log yet: it may be all that is left of the last minutes."""
    number = 1
    while (aside := path.with_name(f"{path.name}.before-restore-{number}")).exists():
        number += 1
    _copy(path, aside)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside
