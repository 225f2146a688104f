"""The second wall between organisations: what a query without its WHERE finds on PostgreSQL."""

import ast
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Integer,
    LargeBinary,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import text as sql

import storage
from storage.database import Database
from storage.errors import NotAllowed, NoWall
from storage.migrate import migrate
from storage.schema import metadata, test_attempts
from storage.walls import OPEN, POLICY, check_walls, condition_of
from tests.services.postgres import PLAIN, SUPERUSER, PostgresServer

WALLED: Final = [table for table in metadata.sorted_tables if condition_of(table) is not None]
ONE: Final = "one"
OTHER: Final = "o'ther \\ ünï"
ATTEMPTS: Final = {ONE: "00000000-0000-7000-8000-000000000001", OTHER: "00000000-0000-7000-8000-000000000002"}


def row_of(table: Table, org_id: str) -> dict[str, Any]:
    """A row of this organisation, with something in each column that needs it."""
    row: dict[str, Any] = {}
    for column in table.c:
        kind = column.type
        if column.name == "org_id":
            row[column.name] = org_id
        elif type(kind).__name__ == "AttemptId":
            row[column.name] = ATTEMPTS[org_id]
        elif isinstance(kind, BigInteger | Integer):
            row[column.name] = 1
        elif isinstance(kind, Boolean):
            row[column.name] = False
        elif isinstance(kind, LargeBinary):
            row[column.name] = b"x"
        elif type(kind).__name__ == "JsonText":
            row[column.name] = "{}"
        else:
            row[column.name] = f"of {org_id}" if column.primary_key else "text"
    return row


@pytest.fixture
async def database(migrated_postgres_url: str) -> AsyncIterator[Database]:
    """With a row of each of two organisations in every table that has a wall."""
    opened = await Database.open(migrated_postgres_url)

    def fill(connection: Connection) -> None:
        for table in [test_attempts, *(one for one in WALLED if one is not test_attempts)]:
            for org_id in (ONE, OTHER):
                connection.execute(insert(table).values(row_of(table, org_id)))

    await opened.write(fill)
    yield opened
    await opened.close()


def of(table: Table, rows: Any) -> set[str]:
    """The organisations whose rows these are."""
    by_attempt = {attempt_id: org_id for org_id, attempt_id in ATTEMPTS.items()}
    return {row.org_id if "org_id" in table.c else by_attempt[row.attempt_id] for row in rows}


def test_every_table_has_a_wall_or_belongs_to_no_organisation() -> None:
    without = {table.name for table in metadata.sorted_tables if condition_of(table) is None}
    assert without == OPEN
    assert not any({"org_id", "attempt_id", "user_id"} & set(metadata.tables[name].c.keys()) for name in OPEN)


def test_a_table_that_nobody_thought_of_is_named() -> None:
    with pytest.raises(LookupError, match="nodes_of_tomorrow has neither"):
        condition_of(Table("nodes_of_tomorrow", type(metadata)()))


async def test_a_query_that_forgot_its_where_finds_nothing_of_another_organisation(database: Database) -> None:
    seen = {
        org_id: {
            table.name: of(table, await database.for_org(org_id).read(lambda c, t=table: c.execute(select(t)).all()))  # type: ignore[misc]
            for table in WALLED
        }
        for org_id in (ONE, OTHER, "a third", "")
    }
    assert seen[ONE] == {table.name: {ONE} for table in WALLED}
    assert seen[OTHER] == {table.name: {OTHER} for table in WALLED}
    assert seen["a third"] == seen[""] == {table.name: set() for table in WALLED}


async def test_nor_does_it_change_or_delete_any(database: Database) -> None:
    one = database.for_org(ONE)

    def spoil(connection: Connection) -> None:
        for table in reversed(WALLED):
            if table is not test_attempts:
                column = list(table.c)[-1]
                assert connection.execute(update(table).values({column.name: column})).rowcount == 1, table.name
                assert connection.execute(delete(table)).rowcount == 1, table.name
        assert connection.execute(delete(test_attempts)).rowcount == 1

    await one.write(spoil)
    for table in WALLED:
        assert of(table, await database.read(lambda c, t=table: c.execute(select(t)).all())) == {OTHER}  # type: ignore[misc]


async def test_what_belongs_to_another_organisation_is_not_written(database: Database) -> None:
    one = database.for_org(ONE)
    for table in WALLED:
        row = row_of(table, OTHER)
        with pytest.raises(NotAllowed, match="row-level security"):
            await one.write(lambda connection, t=table, row=row: connection.execute(insert(t).values(row)))  # type: ignore[misc]


async def test_the_setting_ends_with_its_transaction(database: Database) -> None:
    count = select(func.count()).select_from(test_attempts)
    one = database.for_org(ONE)

    def fail(connection: Connection) -> None:
        connection.execute(count)
        raise ValueError

    for _ in range(30):
        with pytest.raises(ValueError, match=r"^$"):
            await one.write(fail)
        assert await one.read(lambda connection: connection.execute(count).scalar()) == 1
        assert await one.read_one_instant(lambda connection: connection.execute(count).scalar()) == 1
        assert await database.read(lambda connection: connection.execute(count).scalar()) == 2


async def test_whoever_says_nothing_sees_nothing(database: Database, migrated_postgres_url: str) -> None:
    connection = await asyncpg.connect(migrated_postgres_url.replace("+asyncpg", ""))
    try:
        # As the owner of the tables, whom PostgreSQL lets through a wall that is not forced.
        for table in WALLED:
            assert await connection.fetchval(f"SELECT count(*) FROM {table.name}") == 0  # noqa: S608
            assert (
                await connection.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = $1", table.name) == PLAIN
            )
    finally:
        await connection.close()


async def test_a_role_that_passes_over_the_walls_is_noticed(
    database: Database, migrated_postgres_url: str, postgres_server: PostgresServer
) -> None:
    assert await database.read(check_walls) is True
    postgres_server.execute(f"ALTER ROLE {PLAIN} BYPASSRLS")
    try:
        assert await database.read(check_walls) is False
    finally:
        postgres_server.execute(f"ALTER ROLE {PLAIN} NOBYPASSRLS")
    superuser = await Database.open(postgres_server.url(migrated_postgres_url.rpartition("/")[2], SUPERUSER))
    assert await superuser.read(check_walls) is False
    await superuser.close()


async def test_a_wall_that_was_taken_down_is_missed_and_raised_again(
    database: Database, migrated_postgres_url: str
) -> None:
    for gone in (
        "ALTER TABLE results NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE results DISABLE ROW LEVEL SECURITY",
        f"DROP POLICY {POLICY} ON results",
    ):
        await database.write(lambda connection, gone=gone: connection.execute(sql(gone)))  # type: ignore[misc]
        with pytest.raises(NoWall, match="in results: run `pencilsdown migrate`"):
            await database.read(check_walls)
        await migrate(migrated_postgres_url)
        assert await database.read(check_walls) is True


async def test_a_connection_that_has_lost_its_setting_is_no_nodes(database: Database) -> None:
    with pytest.raises(NoWall, match=r"pencilsdown\.sees: a pooler"):
        await database.for_org(ONE).read(check_walls)


def test_whoever_is_told_an_organisation_reads_and_writes_as_it() -> None:
    """In `storage/` a function with an `org_id` uses the database by `for_org` alone."""
    bare = []
    for file in sorted(Path(storage.__path__[0]).glob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if not isinstance(function, ast.AsyncFunctionDef):
                continue
            if "org_id" in {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}:
                bare += [
                    f"{file.name}:{node.lineno} {function.name}"
                    for node in ast.walk(function)
                    if isinstance(node, ast.Attribute)
                    and node.attr in ("read", "read_one_instant", "write")
                    and _is_bare(node.value)
                ]
    assert bare == []


def _is_bare(value: ast.expr) -> bool:
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return name in ("database", "_database")
