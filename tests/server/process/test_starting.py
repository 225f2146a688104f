"""What an operator can do wrong before a start ends in one or two lines that name it, and never in a traceback."""

import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loadtest.ports import LOOPBACK, free_port
from storage.migrate import migrate
from tests.server.conftest import SECRET
from tests.services.postgres import PostgresServer
from tests.services.processes import ChildProcess, Processes
from tests.services.redis import RedisServer

_COMMAND = Path(sys.executable).with_name("pencilsdown")
_SERVING = "Serving at"

Start = Callable[..., ChildProcess]


@pytest.fixture
def start(processes: Processes, tmp_path: Path) -> Start:
    """Starts a command with the settings given, by their names without the prefix."""

    def started(command: str = "serve", **given: object) -> ChildProcess:
        values = {"data": tmp_path / "data", "port": free_port(), "token_secret": SECRET, "drain_ms": 0} | given
        env = {f"PENCILSDOWN_{name.upper()}": str(value) for name, value in values.items()}
        return processes.start([_COMMAND, *command.split()], env=env, cwd=tmp_path)

    return started


def refused(child: ChildProcess, *names: str, status: int = 1) -> None:
    """It has ended with this status, and in one or two lines that hold all these words."""
    assert child.wait() == status, child.output
    lines = child.output.splitlines()
    assert 1 <= len(lines) <= 2, child.output
    assert "Traceback" not in child.output
    assert SECRET not in child.output
    for name in names:
        assert name in child.output, child.output


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as taken:
        yield taken.getsockname()[1]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use(start: Start, command: str) -> None:
    with listening() as port:
        refused(start(command, port=port), f"{LOOPBACK}:{port}: Address already in use", "PENCILSDOWN_PORT")


def test_an_address_of_another_machine(start: Start) -> None:
    refused(start(host="192.0.2.1"), "192.0.2.1", "Cannot assign requested address", "PENCILSDOWN_HOST")


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_data_folder_that_cannot_be_made(start: Start, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("")
    refused(start(command, data=tmp_path / "file" / "data"), "file/data", "Not a directory", "PENCILSDOWN_DATA")


def test_a_data_folder_that_cannot_be_made_for_the_secret(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(start(data=tmp_path / "file", token_secret=""), "token-secret", "File exists", status=2)


def test_a_placeholder_is_no_secret(start: Start) -> None:
    child = start(token_secret="change-me-to-32-random-bytes-or-more")
    refused(child, "PENCILSDOWN_TOKEN_SECRET", "placeholder CHANGE-ME", status=2)


def test_a_second_server_on_one_file(start: Start) -> None:
    first = start()
    first.wait_for_line(_SERVING)
    refused(start(), "another server is running on", "PostgreSQL")
    assert first.terminate() == 0


def test_a_file_that_is_no_database(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pencilsdown.sqlite3").write_bytes(b"this is no database at all" * 100)
    refused(start(), "not a database", "PENCILSDOWN_DATA")


@pytest.mark.postgres
async def test_postgresql_that_is_not_there(start: Start) -> None:
    url = f"postgresql://ann:{SECRET}@{LOOPBACK}:{free_port()}/exams"
    refused(start(database_url=url), "PostgreSQL", "PENCILSDOWN_DATABASE_URL")
    refused(start("migrate", database_url=url), "PostgreSQL", "PENCILSDOWN_DATABASE_URL")
    refused(start(database_url="postgresql://ann@no-such-host.invalid/exams"), "PostgreSQL", "PENCILSDOWN_DATABASE_URL")


def test_postgresql_and_a_wrong_password(start: Start, postgres_server: PostgresServer, postgres_url: str) -> None:
    postgres_server.execute("CREATE ROLE locked LOGIN PASSWORD 'right' CONNECTION LIMIT 0")
    try:
        url = postgres_url.replace("plain@", f"locked:{SECRET}@")
        refused(start(database_url=url), "PostgreSQL: ", "locked", "PENCILSDOWN_DATABASE_URL")
    finally:
        postgres_server.execute("DROP ROLE locked")
    with postgres_server.asking_for_passwords():
        refused(start(database_url=postgres_url), "password authentication failed", "PENCILSDOWN_DATABASE_URL")


def test_postgresql_without_the_database(start: Start, postgres_server: PostgresServer) -> None:
    url = postgres_server.url("no_such_database")
    refused(start(database_url=url), 'database "no_such_database" does not exist', "PENCILSDOWN_DATABASE_URL")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sslmode=yes", "sslmode must be one of disable"),
        ("sslmode=verify-full", "needs sslrootcert=FILE"),
        ("channel_binding=require", "the parameter channel_binding of the URL is not supported"),
    ],
)
def test_a_database_url_that_asks_for_what_there_is_not(start: Start, query: str, words: str) -> None:
    url = f"postgresql://ann:{SECRET}@{LOOPBACK}/exams?{query}"
    refused(start(database_url=url), "PENCILSDOWN_DATABASE_URL: ", words, status=2)


async def test_a_schema_that_is_older_or_newer(
    start: Start, postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    refused(start(database_url=postgres_url), "the database has no tables yet", "run `pencilsdown migrate`")
    await migrate(postgres_url)
    postgres_server.execute(
        "UPDATE schema_version SET version_num = 'of-tomorrow'", database=postgres_url.rpartition("/")[2]
    )
    newer = ("of-tomorrow", "install the version that made it")
    refused(start(database_url=postgres_url), *newer)
    refused(start("migrate", database_url=postgres_url), *newer)
    assert not (tmp_path / "data").exists(), "nothing of a shared database is kept there"


async def test_workers_whose_own_ports_are_in_use(start: Start, migrated_postgres_url: str, redis_url: str) -> None:
    with listening() as port:
        child = start("serve --workers 2", database_url=migrated_postgres_url, redis_url=redis_url, ops_port=port)
        refused(child, f"{LOOPBACK}:{port}: Address already in use")


@pytest.mark.parametrize("password", ["", ":wrong-password-of-redis"])
def test_redis_that_is_away_or_refuses_us_is_named_and_stops_nobody(
    start: Start, redis_server: RedisServer, password: str
) -> None:
    """Redis only makes it fast."""
    port = redis_server.port if password else free_port()
    redis_server.start()
    child = start(redis_url=f"redis://somebody{password}@{LOOPBACK}:{port}/0")
    child.wait_for_line(_SERVING)
    child.wait_for_line("The relay cannot use")
    assert child.terminate() == 0
    assert "Traceback" not in child.output
    assert "wrong-password" not in child.output


def test_what_is_made_is_for_nobody_else(start: Start, tmp_path: Path) -> None:
    child = start(token_secret="")
    child.wait_for_line(_SERVING)
    data = tmp_path / "data"
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in data.iterdir()}
    assert {"pencilsdown.sqlite3", "pencilsdown.sqlite3-wal", "pencilsdown.sqlite3-shm", "token-secret"} <= set(modes)
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert child.terminate() == 0


def test_a_database_that_everybody_could_read_is_taken_back(start: Start, tmp_path: Path) -> None:
    assert start("migrate").wait() == 0
    file = tmp_path / "data" / "pencilsdown.sqlite3"
    file.chmod(0o644)
    assert start("migrate").wait() == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
