"""TLS to the database, verified: a real PostgreSQL with a certificate of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.errors import StorageUnavailable, UnsupportedDatabase
from storage.migrate import migrate
from storage.revision import check_schema
from storage.url import parse_url
from tests.services.certificate import make_certificate
from tests.services.postgres import PostgresServer

_ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


class TlsServer(PostgresServer):
    """It has a certificate for its address, and lets nobody in without TLS."""

    def __init__(self) -> None:
        super().__init__()
        make_certificate(self.folder, [self.host])
        for name in ("pem", "key"):
            (self.folder / name).chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(self.folder / name, "postgres", "postgres")
        # Who connects over the loopback comes in by TLS alone.
        (self._data / "pg_hba.conf").write_text(f"hostssl all all {self.host}/32 trust\n")

    @property
    def certificate(self) -> Path:
        return self.folder / "pem"

    def _argv(self) -> list[str | os.PathLike[str]]:
        files = ("-c", f"ssl_cert_file={self.folder / 'pem'}", "-c", f"ssl_key_file={self.folder / 'key'}")
        return [*super()._argv(), "-c", "ssl=on", *files]


@pytest.fixture(scope="module")
def tls_server() -> Iterator[TlsServer]:
    with TlsServer() as server:
        server.start()
        yield server


@pytest.fixture
def other_authority(tmp_path: Path) -> Path:
    make_certificate(tmp_path, ["127.0.0.1"])
    return tmp_path / "pem"


async def encrypted(url: str) -> bool:
    database = await Database.open(url)
    try:
        return bool(await database.read(lambda connection: connection.exec_driver_sql(_ENCRYPTED).scalar_one()))
    finally:
        await database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["prefer", "require", "verify-ca", "verify-full"])
async def test_each_mode_is_encrypted(tls_server: TlsServer, mode: str) -> None:
    root = f"&sslrootcert={tls_server.certificate}" if mode.startswith("verify") else ""
    assert await encrypted(tls_server.url(f"postgres?sslmode={mode}{root}"))


@pytest.mark.postgres
async def test_tables_are_made_and_read_over_it(tls_server: TlsServer) -> None:
    database_name = tls_server.create_database()
    url = tls_server.url(f"{database_name}?sslmode=verify-full&sslrootcert={tls_server.certificate}")
    await migrate(url)
    database = await Database.open(url)
    await check_schema(database)
    await database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
async def test_a_server_of_another_authority_is_refused(
    tls_server: TlsServer, other_authority: Path, mode: str
) -> None:
    with pytest.raises(StorageUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await Database.open(tls_server.url(f"postgres?sslmode={mode}&sslrootcert={other_authority}"))


@pytest.mark.postgres
async def test_the_name_is_verified_where_it_is_asked_for(tls_server: TlsServer) -> None:
    elsewhere = tls_server.url(f"postgres?sslrootcert={tls_server.certificate}").replace("127.0.0.1", "localhost")
    assert await encrypted(f"{elsewhere}&sslmode=verify-ca")
    with pytest.raises(StorageUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await Database.open(f"{elsewhere}&sslmode=verify-full")


@pytest.mark.postgres
async def test_a_server_without_tls_is_refused(postgres_server: PostgresServer) -> None:
    postgres_server.start()
    with pytest.raises(StorageUnavailable, match="PostgreSQL"):
        await Database.open(postgres_server.url("postgres?sslmode=require"))


async def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("nothing")
    for file, why in ((tmp_path / "gone", "No such file"), (empty, "holds no certificate")):
        with pytest.raises(StorageUnavailable, match=f"sslrootcert={file} cannot be used: .*{why}"):
            await Database.open(f"postgresql://host/x?sslmode=verify-full&sslrootcert={file}")
        with pytest.raises(StorageUnavailable, match=f"sslcert={file} cannot be used: .*{why}"):
            await migrate(f"postgresql://host/x?sslmode=require&sslcert={file}")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sslmode=on", "sslmode must be one of"),
        ("sslmode=verify-full", "needs sslrootcert"),
        ("sslmode=verify-ca", "needs sslrootcert"),
        ("sslmode=require&sslrootcert=x", "sslrootcert is used with"),
        ("sslrootcert=x", "sslrootcert is used with"),
        ("sslmode=require&sslkey=x", "sslkey needs sslcert"),
        ("sslcert=x", "sslcert needs sslmode"),
        ("sslmode=require&sslmode=disable", "given twice"),
        ("sslcrl=x", "sslcrl of the URL is not supported; these are: host, port, sslmode"),
    ],
)
def test_what_does_not_go_together_is_named(query: str, words: str) -> None:
    with pytest.raises(UnsupportedDatabase, match=words):
        parse_url(f"postgresql://ann:secret@host/exams?{query}")
