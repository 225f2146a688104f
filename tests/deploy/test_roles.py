"""Nodes serve whole exams with a role that can't change the log."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.codes import Code
from protocol.media import Medium
from storage.archives.choosing import Choosing
from storage.archives.dropping import Dropper
from storage.archives.moving import Mover, prune_logs
from storage.archives.restoring import restore_logs
from storage.audit import BY_OPERATOR, BY_RULE
from storage.audit_ages import OldEntries
from storage.database import Database
from storage.errors import NotAllowed
from storage.grants import ERASER, RUNTIME
from storage.media import InFolder, Media
from storage.migrate import migrate
from storage.schema import metadata
from storage.unused_media import UnusedMedia
from tests.deploy.files import DEPLOY
from tests.deploy.test_partitions import broken_chains, sit
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.exam import CANDIDATE, ORG
from tests.services.patience import PATIENCE_S
from tests.services.postgres import PostgresServer
from tests.services.processes import Processes
from tests.services.server import find_binary
from tests.storage.archives.making import nothing

_ROLES = ("pencilsdown_migration", "pencilsdown_runtime", "pencilsdown_eraser")


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a database after `roles.sql`. Roles belong to the whole server."""
    postgres_server.start()
    name = postgres_server.create_database()
    address = ("--host", postgres_server.host, "--port", str(postgres_server.port), "--username", "pencilsdown")
    subprocess.run(
        [find_binary("psql"), "--no-psqlrc", *address, "--dbname", name, "--file", DEPLOY / "roles.sql"],
        env=os.environ | {"MIGRATION_PASSWORD": "one'password", "RUNTIME_PASSWORD": "another"},
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    yield name
    postgres_server.start()
    postgres_server.drop_database(name)
    for role in _ROLES:
        postgres_server.execute(f"DROP ROLE {role}")


def url_as(role: str, server: PostgresServer, database: str) -> str:
    return server.url(database, role)


async def moved_by(server: PostgresServer, node: str, eraser: str, folder: Path) -> None:
    """The eraser moves logs into an archive, brings them back and deletes an archive, empties what an audit log says,
    and deletes files that the node has found unused; the nodes' role can't."""
    name = node.rpartition("/")[2].partition("?")[0]
    server.execute("ALTER ROLE pencilsdown_eraser LOGIN; DELETE FROM outbox", database=name)
    for url, allowed in ((node, False), (eraser, True)):
        one = await Database.open(url)
        try:
            stored = Media(one, InFolder(folder / "media"))
            unused = UnusedMedia(one, stored)
            mover = Mover(one, folder, BY_OPERATOR, "lines")
            work = prune_logs(mover, Choosing(one), nothing, org_id=ORG, before_ms=2**41, now_ms=2**41)
            if not allowed:
                with pytest.raises(NotAllowed):
                    await work
                with pytest.raises(NotAllowed):
                    await OldEntries(one).drop(one, ORG, BY_RULE, 2**43, 2**43)
                for _ in range(2):
                    await stored.put(ORG, Medium("a" * 64, "image/png", 3, 1, 1), b"abc", 2**41)
                await unused.mark(ORG, 2**41)
                with pytest.raises(NotAllowed):
                    await unused.drop(one, ORG, BY_RULE, 2**42, 2**42)
                continue
            assert await unused.drop(one, ORG, BY_RULE, 2**42, 2**42) == 1
            assert await OldEntries(one).drop(one, ORG, BY_RULE, 2**43, 2**43)
            moved, *_ = await work
            assert moved.attempts
            assert moved.archive is not None
            back = await restore_logs(one, folder / moved.archive, BY_OPERATOR, 2**41)
            assert (back.attempts, back.left) == (moved.attempts, moved.left)
            moved, *_ = await prune_logs(mover, Choosing(one), nothing, org_id=ORG, before_ms=2**42, now_ms=2**42)
            assert await Dropper(one, folder, BY_OPERATOR).drop(ORG, 2**43, 2**43, 1) == [moved.archive]
        finally:
            await one.close()


async def test_a_whole_exam_with_rights_that_cannot_change_the_log(
    database: str, postgres_server: PostgresServer, start_server: StartServer, tmp_path: Path
) -> None:
    owner = url_as("pencilsdown_migration", postgres_server, database)
    node = url_as("pencilsdown_runtime", postgres_server, database)
    await migrate(owner, "pencilsdown_runtime", "pencilsdown_eraser")
    await migrate(owner, "pencilsdown_runtime", "pencilsdown_eraser")
    attempt_ids = await sit(node, start_server)
    records, broken = await broken_chains(node)
    assert (records > 60, broken) == (True, [])
    for statement in (
        "UPDATE attempt_log SET seq = seq + 1",
        "DELETE FROM attempt_log",
        "TRUNCATE attempt_log",
        "DROP TABLE attempt_log",
        "ALTER TABLE attempt_log DISABLE TRIGGER ALL",
        "CREATE TABLE mine (n int)",
        "DELETE FROM revocations",
        "UPDATE schema_version SET version_num = ''",
    ):
        with pytest.raises(RuntimeError, match=r"permission denied|must be owner"):
            postgres_server.execute(f"SET ROLE pencilsdown_runtime; {statement}", database=database)
    assert (await broken_chains(node))[0] == records
    erased = f"DELETE FROM attempt_log WHERE attempt_id = '{attempt_ids[0]}'"  # noqa: S608
    as_eraser = "SET ROLE pencilsdown_eraser; SET pencilsdown.sees = 'all';"
    postgres_server.execute(f"{as_eraser} {erased}", database=database)
    assert (await broken_chains(node))[0] < records
    with pytest.raises(RuntimeError, match="permission denied"):
        postgres_server.execute("SET ROLE pencilsdown_eraser; UPDATE attempt_log SET seq = 0", database=database)
    await moved_by(postgres_server, node, url_as("pencilsdown_eraser", postgres_server, database), tmp_path)


async def test_a_role_of_its_own_erases_and_the_nodes_role_cannot(
    database: str, postgres_server: PostgresServer, start_server: StartServer, processes: Processes
) -> None:
    postgres_server.execute("ALTER ROLE pencilsdown_eraser LOGIN")
    node, eraser = (url_as(f"pencilsdown_{role}", postgres_server, database) for role in ("runtime", "eraser"))
    await migrate(
        url_as("pencilsdown_migration", postgres_server, database), "pencilsdown_runtime", "pencilsdown_eraser"
    )
    bound, free = (
        await start_server(database_url=node),
        await start_server(database_url=node, eraser_database_url=eraser),
    )
    await bound.make_test()
    attempt_id = await bound.make_attempt()
    reply = await bound.call("DELETE", f"/users/{CANDIDATE}", bound.service)
    assert reply.code == Code.FORBIDDEN
    assert "PENCILSDOWN_ERASER_DATABASE_URL" in reply.body["detail"]
    assert (await bound.status(attempt_id))["status"] == "initiated"
    program = Path(sys.executable).with_name("pencilsdown")
    child = processes.start(
        [program, "erase", "--org", ORG, "--user", CANDIDATE],
        env={"PENCILSDOWN_DATABASE_URL": node, "PENCILSDOWN_TOKEN_SECRET": SECRET},
    )
    assert child.wait() == 1
    assert "PENCILSDOWN_ERASER_DATABASE_URL" in child.output
    assert (await free.call("DELETE", f"/users/{CANDIDATE}", free.service)).ok() == {"attempts": 1}
    assert (await free.call("GET", f"/test-attempts/{attempt_id}/status", free.service)).code == Code.ERASED
    for change in ("seq = 9", "hash = ''", "digest = ''", "at_ms = 0", "kind = ''", "role = ''"):
        sql = f"SET ROLE pencilsdown_eraser; UPDATE attempt_log SET {change}"  # noqa: S608 (constants)
        with pytest.raises(RuntimeError, match="permission denied"):
            postgres_server.execute(sql, database=database)


@pytest.mark.parametrize(
    ("command", "role", "words"),
    [
        ("migrate", "pencilsdown_runtime", "permission denied for schema public"),
        ("migrate --runtime-role nobody", "pencilsdown_migration", "there is no role nobody"),
        ("serve", "pencilsdown_eraser", "permission denied for table"),
        ("verify-log", "pencilsdown_eraser", "permission denied for table"),
    ],
)
async def test_a_role_without_the_right_is_told_in_two_lines(
    database: str, postgres_server: PostgresServer, processes: Processes, command: str, role: str, words: str
) -> None:
    postgres_server.execute("ALTER ROLE pencilsdown_eraser LOGIN")
    if not command.startswith("migrate"):
        await migrate(url_as("pencilsdown_migration", postgres_server, database))
    env = {"PENCILSDOWN_DATABASE_URL": url_as(role, postgres_server, database), "PENCILSDOWN_TOKEN_SECRET": SECRET}
    child = processes.start([Path(sys.executable).with_name("pencilsdown"), *command.split()], env=env)
    assert child.wait() == 1
    first, second = child.output.splitlines()
    assert (words in first, "pencilsdown migrate --runtime-role" in second) == (True, True), child.output


def test_every_table_has_its_rights() -> None:
    assert set(RUNTIME) == set(metadata.tables) | {"schema_version"}
    assert set(ERASER) <= set(RUNTIME)
    assert "UPDATE" not in RUNTIME["attempt_log"]
    assert "DELETE" not in RUNTIME["attempt_log"]
