"""A copy of the embedded database, taken while the server goes on writing."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.errors import StorageUnavailable, UnsupportedDatabase
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
