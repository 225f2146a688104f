"""Database URLs."""

import pytest

from storage.errors import UnsupportedDatabase
from storage.url import parse_url, sqlite_path


@pytest.mark.parametrize("url", ["sqlite:///x.db", "sqlite+aiosqlite:///x.db", "sqlite+pysqlite:///x.db"])
def test_sqlite(url: str) -> None:
    parsed = parse_url(url)
    assert parsed.drivername == "sqlite"
    assert sqlite_path(parsed).is_absolute()
    assert sqlite_path(parsed).name == "x.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_postgresql(scheme: str) -> None:
    parsed = parse_url(f"{scheme}://ann:secret@host:5433/exams")
    assert parsed.drivername == "postgresql+asyncpg"
    assert (parsed.host, parsed.port, parsed.database, parsed.password) == ("host", 5433, "exams", "secret")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data",
        "mysql://ann:secret@host/exams",
        "postgresql+psycopg2://ann:secret@host/exams",
        "postgresql://ann:secret@host:port/exams",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_others_are_refused_and_no_password_repeated(url: str) -> None:
    with pytest.raises(UnsupportedDatabase) as refused:
        parse_url(url)
    assert "secret" not in str(refused.value)
