"""The schema comes from the migrations alone, from nothing, any number of times, and for many at once."""

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from storage.columns import AttemptId, JsonText
from storage.database import Database
from storage.errors import SchemaOutdated, StorageUnavailable, UnsupportedDatabase
from storage.migrate import migrate
from storage.revision import check_schema
from storage.schema import metadata


def _same_type(_: Any, __: Any, ___: Any, found: Any, wanted: Any) -> bool | None:
    """Whether the types differ; what we made ourselves is compared by its name in the database."""
    return False if isinstance(wanted, AttemptId | JsonText) else None


def _differences(connection: Connection) -> list[Any]:
    options = {"compare_type": _same_type, "version_table": "schema_version"}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_the_migrations_make_what_the_code_knows(database_url: str) -> None:
    await migrate(database_url)
    database = await Database.open(database_url)
    assert await database.read(_differences) == []
    await check_schema(database)
    await database.close()


async def test_again_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    database = await Database.open(database_url)
    await database.write(lambda connection: connection.execute(text("DELETE FROM tests")))
    await migrate(database_url)
    await check_schema(database)
    await database.close()


async def test_many_nodes_at_once(database_url: str) -> None:
    await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    database = await Database.open(database_url)
    await check_schema(database)
    await database.close()


async def test_a_database_that_was_not_migrated_is_named(database_url: str) -> None:
    database = await Database.open(database_url)
    with pytest.raises(SchemaOutdated, match="pencilsdown migrate"):
        await check_schema(database)
    await migrate(database_url)
    await database.write(
        lambda connection: connection.execute(text("UPDATE schema_version SET version_num = 'of tomorrow'"))
    )
    with pytest.raises(SchemaOutdated, match="of tomorrow"):
        await check_schema(database)
    await database.close()


async def test_the_columns_that_the_platform_reads(database_url: str) -> None:
    await migrate(database_url)
    database = await Database.open(database_url)
    columns = await database.read(lambda c: {column["name"] for column in inspect(c).get_columns("test_attempts")})
    assert columns >= {
        "attempt_id",
        "test_id",
        "user_id",
        "attempt_number",
        "status",
        "start_time",
        "submit_time",
        "expires_at",
        "progress_percentage",
        "current_question_index",
        "navigation_history",
        "session_data",
        "ip_address",
        "user_agent",
        "org_id",
        "branch_id",
    }
    if database.dialect == "postgresql":
        types = await database.read(
            lambda c: {column["name"]: str(column["type"]) for column in inspect(c).get_columns("test_attempts")}
        )
        assert types["attempt_id"] == "UUID"
        assert types["session_data"] == "JSON"
    await database.close()


@pytest.mark.parametrize(
    ("columns", "unique"),
    [
        (("test_id", "user_id", "org_id", "attempt_number"), True),
        (("status",), False),
        (("start_time", "expires_at"), False),
        (("progress_percentage",), False),
        (("org_id", "branch_id"), False),
        (("org_id", "test_id", "attempt_id"), False),
        (("wake_at_ms",), False),
        (("marking_seq",), False),
    ],
)
async def test_the_indexes_of_the_projection(database_url: str, columns: tuple[str, ...], unique: bool) -> None:
    await migrate(database_url)
    database = await Database.open(database_url)

    def found(connection: Connection) -> set[tuple[tuple[str | None, ...], bool]]:
        seen = inspect(connection)
        indexes = {(tuple(one["column_names"]), bool(one["unique"])) for one in seen.get_indexes("test_attempts")}
        return indexes | {(tuple(one["column_names"]), True) for one in seen.get_unique_constraints("test_attempts")}

    assert (columns, unique) in await database.read(found)
    await database.close()


async def test_what_cannot_be_migrated_says_why(tmp_path: Any) -> None:
    with pytest.raises(UnsupportedDatabase):
        await migrate("mysql://localhost/x")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable):
        await migrate(f"sqlite:///{tmp_path}/file/x.sqlite3")
    with pytest.raises(StorageUnavailable):
        await migrate("postgresql://nobody@127.0.0.1:1/x")
