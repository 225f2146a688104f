"""Which revision of the schema a database has, and which one this version's code is written for.

Alembic knows both too, but takes longer to import than a server takes to start; it is needed only where tables change.
"""

from functools import cache
from importlib.resources import files
from typing import Final

from sqlalchemy import Connection, inspect, text

from storage.database import Database
from storage.errors import SchemaOutdated

VERSION_TABLE: Final = "schema_version"
_FIND: Final = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 (a constant)


async def check_schema(database: Database) -> None:
    """Raises `SchemaOutdated` unless the schema is this version's."""
    found = await database.read(current)
    if found != newest():
        check_known(found)
        has = "no tables yet" if found is None else f"schema {found}, and this version needs {newest()}"
        raise SchemaOutdated(f"the database has {has}: run `pencilsdown migrate`")


def check_known(found: str | None) -> None:
    """Raises `SchemaOutdated` where a newer version of ours has changed the tables: nothing here can read them."""
    if found is not None and found not in revisions():
        raise SchemaOutdated(
            f"the database has schema {found}, which this version does not know: install the version that made it"
        )


def current(connection: Connection) -> str | None:
    """The revision of the database's tables; None where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(_FIND).scalar_one_or_none()
    return found


def newest() -> str:
    """The revision that this version's code is written for."""
    return revisions()[-1]


@cache
def revisions() -> tuple[str, ...]:
    """All that this version knows, from the oldest one on: a migration's file is named `vREVISION_….py`."""
    names = (file.name for file in files("storage").joinpath("migrations", "versions").iterdir())
    return tuple(sorted(name[1:].partition("_")[0] for name in names if name.startswith("v") and name.endswith(".py")))
