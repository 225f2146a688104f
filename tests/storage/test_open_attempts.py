"""Looking for attempts that have not begun costs the same however many have ended, and for those that are due however
many sit."""

from typing import Final

import pytest
from sqlalchemy import Connection

from storage.claims import _DUE, _NOT_BEGUN, _TESTS_NOT_BEGUN, Claims
from storage.database import Database
from storage.log.journal import Journal
from tests.storage.making import NOW, ORG, TEST, Owner

ENDED: Final = 20_000
_COLUMNS: Final = (
    "attempt_id, org_id, test_id, user_id, display_name, attempt_number, status, progress_percentage,"
    " current_question_index, navigation_history, session_data, seq"
)
_VALUES: Final = f"'{ORG}', '{TEST}', 'ended-' || n, '', 1, 'completed', 100, 0, '[]', '{{}}', 1"
_FILL: Final = {
    "sqlite": f"INSERT INTO test_attempts ({_COLUMNS}) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"  # noqa: S608
    f" WHERE n < {ENDED}) SELECT randomblob(16), {_VALUES} FROM c",
    "postgresql": f"INSERT INTO test_attempts ({_COLUMNS})"  # noqa: S608
    f" SELECT gen_random_uuid(), {_VALUES} FROM generate_series(1, {ENDED}) AS n",
}


async def plan(database: Database, name: str) -> str:
    """How the database looks for what nobody has begun, or what is due: with the parameters not known beforehand."""
    query = {"tests": _TESTS_NOT_BEGUN, "attempts": _NOT_BEGUN, "due": _DUE.params(now=1).limit(1)}[name]

    def explain(connection: Connection) -> str:
        compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": name == "due"})
        given = ["NULL" for _ in compiled.params]
        if connection.dialect.name == "sqlite":
            values = tuple(1 for _ in compiled.positiontup or ())
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
            return "\n".join(str(row) for row in rows)
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        connection.exec_driver_sql(f"PREPARE look AS {compiled}")
        call = f"look({', '.join(given)})" if given else "look"
        rows = connection.exec_driver_sql(f"EXPLAIN EXECUTE {call}").all()
        connection.exec_driver_sql("DEALLOCATE look")
        return "\n".join(row[0] for row in rows)

    return await database.write(explain)


@pytest.mark.parametrize("name", ["tests", "attempts"])
async def test_the_look_for_absents_reads_nothing_of_what_has_ended(
    database: Database, journal: Journal, name: str
) -> None:
    owner, claims = Owner(), Claims(database)
    assert journal.submit(owner.made())
    await owner.heard()

    def fill(connection: Connection) -> None:
        connection.exec_driver_sql(_FILL[connection.dialect.name])
        if connection.dialect.name == "postgresql":
            # As autovacuum does.
            connection.exec_driver_sql("ANALYZE test_attempts")

    await database.write(fill)
    assert await claims.tests_not_begun() == [(ORG, TEST)]
    assert await claims.claim_not_begun(ORG, TEST, NOW) == [owner.id]
    found = await plan(database, name)
    # By status alone it finds the tests as well: either index has nothing of what has ended where it is looked at.
    assert "ix_test_attempts_open" in found or (name == "tests" and "ix_test_attempts_status" in found), found


async def test_the_look_for_what_is_due_reads_nobody_who_sits(database: Database) -> None:
    def fill(connection: Connection) -> None:
        connection.exec_driver_sql(_FILL[connection.dialect.name].replace("completed", "in_progress"))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE test_attempts")

    await database.write(fill)
    assert "ix_test_attempts_wake" in await plan(database, "due")
