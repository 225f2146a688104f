"""The second wall between organisations, on PostgreSQL alone: row-level security.

The first wall is that every query names its organisation. Where one forgot to, the second wall hides the rows of all
others. It guards against such a mistake of ours, and not against somebody who can send statements of her own: she can
change the setting too.

Each connection says by a setting what it sees. A node's connections say `ALL` when they are made, for its work in the
background. A transaction for a caller says which organisation is hers, until it ends (`Database.for_org`). Whoever says
nothing sees nothing. Superusers and roles with BYPASSRLS see everything: a node that has such a role says so.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, Table, text

from storage.errors import NoWall
from storage.schema import metadata

SETTING: Final = "pencilsdown.sees"
ALL: Final = "all"
_ORG: Final = "org:"
POLICY: Final = "organisation"

OPEN: Final = frozenset({"nodes", "fleet", "rest_contacts", "head_files"})
"""Tables about the nodes themselves, with nothing of any organisation in them."""

# Each part in brackets is evaluated once for a statement, not once for a row.
_SEES_ALL: Final = f"(SELECT current_setting('{SETTING}', true) = '{ALL}')"
_SEEN_ORG: Final = f"(SELECT substr(current_setting('{SETTING}', true), {len(_ORG) + 1}))"
_OWN: Final = f"{_SEES_ALL} OR org_id = {_SEEN_ORG}"
_ENTER: Final = f"SELECT set_config('{SETTING}', $1, true)"
_WALLED: Final = text(
    "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relrowsecurity AND c.relforcerowsecurity"
    " AND p.polname = :policy"
)
_SEES: Final = text(
    "SELECT current_setting(:setting, true),"
    " (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)"
)


def condition_of(table: Table) -> str | None:
    """Which rows of the table a transaction sees, as SQL; None: the table is open."""
    if table.name in OPEN:
        return None
    if "org_id" in table.c:
        return _OWN
    if "attempt_id" not in table.c:
        raise LookupError(f"{table.name} has neither org_id nor attempt_id, and is not one of the open tables")
    mine = f"a.attempt_id = {table.name}.attempt_id AND a.org_id = {_SEEN_ORG}"
    return f"{_SEES_ALL} OR EXISTS (SELECT 1 FROM test_attempts a WHERE {mine})"  # noqa: S608 (a name of the schema)


def raise_walls(connection: Connection) -> None:
    """Gives each table that has no wall its own; what stands is left alone. The owner of the tables is walled in too,
    since in the simplest deployment nodes are the owner."""
    for name, condition in _missing(connection):
        for statement in _statements(name, condition):
            connection.execute(text(statement))


def enter(connection: Connection, org_id: str) -> None:
    """From now on until its end the transaction sees this organisation alone."""
    connection.exec_driver_sql(_ENTER, (_ORG + org_id,)).close()


def check_walls(connection: Connection) -> bool:
    """Whether the walls hold for the role of this connection: not for a superuser, nor with BYPASSRLS. Raises `NoWall`
    where a table has none, or where something between us and the database has taken the connection's setting away."""
    sees, passes_over = connection.execute(_SEES, {"setting": SETTING}).one()
    if sees != ALL:
        raise NoWall(
            f"PostgreSQL: the connection has lost its setting {SETTING}: a pooler in between must pass on what a client"
            " sets when it connects"
        )
    missing = [name for name, _ in _missing(connection)]
    if missing:
        raise NoWall(
            f"PostgreSQL: nothing holds organisations apart in {', '.join(missing)}: run `pencilsdown migrate`"
        )
    return not passes_over


def _missing(connection: Connection) -> list[tuple[str, str]]:
    """(table, condition) of those without a wall."""
    standing = set(connection.execute(_WALLED, {"policy": POLICY}).scalars())
    conditions = ((table.name, condition_of(table)) for table in metadata.sorted_tables)
    return [(name, one) for name, one in conditions if one is not None and name not in standing]


def _statements(table: str, condition: str) -> Iterable[str]:
    yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
    yield f"CREATE POLICY {POLICY} ON {table} USING ({condition})"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
