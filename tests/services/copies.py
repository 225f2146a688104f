"""Databases that begin as copies of a prepared one, and go from test to test: to empty one takes a
quarter of the time that it takes to make one."""

# ruff: noqa: S608 (all names are our own)

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.services.postgres import PostgresServer

_TABLES: Final = "SELECT json_agg(tablename ORDER BY 1) FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES: Final = "SELECT json_agg(sequencename ORDER BY 1) FROM pg_sequences WHERE schemaname = 'public'"
_CATALOGS: Final = (
    *("class", "attribute", "attrdef", "constraint", "index", "policy", "trigger", "proc", "type", "namespace"),
)
_SHAPE: Final = "SELECT " + " || '|' || ".join(
    f"(SELECT concat_ws(' ', count(*), max(xmin::text::bigint)) FROM pg_{catalog})" for catalog in _CATALOGS
)
"""What differs once anybody has made, changed or dropped something in a database."""
_LEAVE: Final = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Copies:
    """Of `template`, to which nobody is connected. Each has the template's rows when it is taken, and no others."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._used: list[str] = []
        self._empty = self._statements()
        self._shape = server.execute(_SHAPE, database=template)

    @contextmanager
    def one(self) -> Iterator[str]:
        """Its name."""
        name = self._emptied() or self._server.create_database(template=self._template)
        yield name
        self._used.append(name)

    def _emptied(self) -> str | None:
        while self._used:
            name = self._used.pop()
            if self._is_emptied(name):
                return name
            self._server.drop_database(name)
        return None

    def _is_emptied(self, name: str) -> bool:
        """False: a test has left it otherwise than it was."""
        try:
            return self._server.execute(self._empty, database=name).splitlines()[-1] == self._shape
        except RuntimeError:
            return False

    def _statements(self) -> str:
        def ask(query: str) -> object:
            return json.loads(self._server.execute(query, database=self._template) or "null")

        statements = [_LEAVE, "SET session_replication_role = replica"]
        tables = ask(_TABLES)
        sequences = ask(_SEQUENCES) or []
        assert isinstance(tables, list)
        assert isinstance(sequences, list)
        for table in tables:
            statements.append(f"DELETE FROM {table}")
            rows = ask(f"SELECT json_agg(one) FROM {table} AS one")
            if rows is not None:
                given = json.dumps(rows).replace("'", "''")
                statements.append(
                    f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
                    f" SELECT * FROM json_populate_recordset(NULL::{table}, '{given}')"
                )
        for sequence in sequences:
            last, called = json.loads(
                self._server.execute(
                    f"SELECT json_build_array(last_value, is_called) FROM {sequence}", database=self._template
                )
            )
            statements.append(f"SELECT setval('{sequence}', {last}, {str(called).lower()})")
        return "; ".join([*statements, "SELECT pg_stat_reset()", _SHAPE])
