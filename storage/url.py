"""Database URLs, as people write them."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import UnsupportedDatabase

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def parse_url(url: str) -> URL:
    """The URL with our own driver in it. Raises `UnsupportedDatabase`, which never repeats a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UnsupportedDatabase("this is not a database URL; sqlite:///FILE and postgresql://… are") from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise UnsupportedDatabase(
            f"{parsed.drivername!r} is not supported; the URL has to begin with sqlite:// or postgresql://"
        )
    if driver == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise UnsupportedDatabase("the SQLite database has to be a file: sqlite:///FILE")
    return parsed.set(drivername=driver)


def sqlite_path(url: URL) -> Path:
    """The file of a SQLite URL, absolute."""
    return Path(url.database or "").absolute()
