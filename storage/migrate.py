"""The tables are made and changed here. Several nodes may call `migrate` at once: one does it, the others wait."""

import asyncio
from importlib.resources import as_file, files
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage import postgresql, sqlite
from storage.database import Database
from storage.errors import SchemaOutdated, StorageUnavailable, UnsupportedDatabase
from storage.grants import grant
from storage.tls import take_tls
from storage.url import parse_url, sqlite_path

_ADVISORY_LOCK: Final = 0x70656E63696C7364  # "pencilsd"
_VERSION_TABLE: Final = "schema_version"


async def migrate(url: str, runtime_role: str | None = None, eraser_role: str | None = None) -> None:
    """Brings the database to this version's schema; harmless where it is there already. On PostgreSQL it gives the
    named roles their rights on the tables (`grants`).

    Makes the SQLite file, and its folder. Raises `StorageUnavailable` and `UnsupportedDatabase`.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        await _migrate_postgresql(parsed, runtime_role, eraser_role)
    elif runtime_role or eraser_role:
        raise UnsupportedDatabase("an embedded database has no roles; its file belongs to the user of the server")
    else:
        await asyncio.to_thread(_migrate_sqlite, parsed)


async def check_schema(database: Database) -> None:
    """Raises `SchemaOutdated` unless the schema is this version's."""
    found = await database.read(_current)
    wanted = await asyncio.to_thread(newest)
    if found != wanted:
        await asyncio.to_thread(_check_known, found)
        raise SchemaOutdated(
            f"the database has schema {found or 'none'}, this version needs {wanted}: run `pencilsdown migrate`"
        )


def newest() -> str | None:
    """The revision that this version's code is written for."""
    with as_file(files("storage") / "migrations") as folder:
        return ScriptDirectory(str(folder)).get_current_head()


def _check_known(found: str | None) -> None:
    """Raises `SchemaOutdated` where a newer version of ours has changed the tables: nothing here can read them."""
    with as_file(files("storage") / "migrations") as folder:
        known = {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaOutdated(
            f"the database has schema {found}, which this version does not know: install the version that made it"
        )


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE}).get_current_revision()


def _upgrade(connection: Connection) -> None:
    _check_known(_current(connection))
    with as_file(files("storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        config.attributes["version_table"] = _VERSION_TABLE
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
    url, tls = take_tls(url)
    engine = create_async_engine(url, poolclass=NullPool, connect_args={**tls, "timeout": postgresql.CONNECT_TIMEOUT_S})
    try:
        async with postgresql.translated(), engine.begin() as connection:
            # for the transaction: the others wait here, and find nothing to do
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            await connection.run_sync(_upgrade)
            await connection.run_sync(grant, runtime_role, eraser_role)
    finally:
        await engine.dispose()
