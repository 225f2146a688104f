"""Database URLs, as people write them."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import UnsupportedDatabase
from storage.tls import PARAMETERS, check_tls

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_QUERY: Final = {"sqlite": (), "postgresql+asyncpg": ("host", "port", *PARAMETERS)}
"""What may follow the `?`. `host` may be the folder of a Unix socket."""


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
    known = _QUERY[driver]
    for name, value in parsed.query.items():
        if name not in known:
            raise UnsupportedDatabase(
                f"the parameter {name} of the URL is not supported; "
                + (f"these are: {', '.join(known)}" if known else "a SQLite URL has none")
            )
        if not isinstance(value, str):
            raise UnsupportedDatabase(f"the parameter {name} of the URL is given twice")
    check_tls(parsed.query)
    return parsed.set(drivername=driver)


def sqlite_path(url: URL) -> Path:
    """The file of a SQLite URL, absolute."""
    return Path(url.database or "").absolute()
