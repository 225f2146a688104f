"""The tables are made and changed here. Several nodes may call `migrate` at once: one does it, the others wait."""

import asyncio
from importlib.resources import as_file, files
from typing import Final

from sqlalchemy import URL, Connection, text
from sqlalchemy.pool import NullPool

from storage import sqlite
from storage.errors import StorageUnavailable, UnsupportedDatabase
from storage.grants import grant
from storage.revision import VERSION_TABLE, check_known, current, newest
from storage.tls import take_tls
from storage.url import parse_url, sqlite_path
from storage.walls import ALL, SETTING, raise_walls

_ADVISORY_LOCK: Final = 0x70656E63696C7364  # "pencilsd"


async def migrate(url: str, runtime_role: str | None = None, eraser_role: str | None = None) -> None:
    """Brings the database to this version's schema; harmless where it is there already. On PostgreSQL it gives the
    named roles their rights on the tables (`grants`).

    Makes the SQLite file, and its folder. Raises `StorageUnavailable`, `NotAllowed` and `UnsupportedDatabase`.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        await _migrate_postgresql(parsed, runtime_role, eraser_role)
    elif runtime_role or eraser_role:
        raise UnsupportedDatabase("an embedded database has no roles; its file belongs to the user of the server")
    else:
        await asyncio.to_thread(_migrate_sqlite, parsed)


def _upgrade(connection: Connection) -> None:
    found = current(connection)
    if found == newest():
        return
    check_known(found)
    # Most starts of an embedded server find nothing to do, and need no Alembic.
    from alembic import command
    from alembic.config import Config

    with as_file(files("storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        config.attributes["version_table"] = VERSION_TABLE
        command.upgrade(config, "head")


def _migrate_sqlite(url: URL) -> None:
    path = sqlite_path(url)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = sqlite.FileLock(sqlite.lock_path(path))
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror}") from error
    engine = sqlite.make_engine(path, readonly=False)
    try:
        with lock.held(), sqlite.translated():
            try:
                with engine.begin() as connection:
                    _upgrade(connection)
            finally:
                engine.dispose()
    finally:
        lock.close()


async def _migrate_postgresql(url: URL, runtime_role: str | None, eraser_role: str | None) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    from storage import postgresql

    url, tls = take_tls(url)
    connect_args = {**tls, "timeout": postgresql.CONNECT_TIMEOUT_S, "server_settings": {SETTING: ALL}}
    engine = create_async_engine(url, poolclass=NullPool, connect_args=connect_args)
    try:
        async with postgresql.translated(), engine.begin() as connection:
            # for the transaction: the others wait here, and find nothing to do
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            await connection.run_sync(_upgrade)
            await connection.run_sync(raise_walls)
            await connection.run_sync(grant, runtime_role, eraser_role)
    finally:
        await engine.dispose()
