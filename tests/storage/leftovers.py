"""Looks for words in everything that a database keeps: in the bytes of its files, or in a dump."""

import asyncio
import os
from pathlib import Path

from sqlalchemy import make_url

from storage.database import Database
from storage.walls import ALL, SETTING
from tests.services.server import find_binary


async def found_in(database: Database, url: str, words: set[str]) -> set[str]:
    """The words that are kept: of SQLite in any file of its folder, of PostgreSQL in what `pg_dump` writes."""
    parsed = make_url(url)
    if database.dialect == "sqlite":
        assert parsed.database is not None
        files = [file for file in Path(parsed.database).parent.iterdir() if file.is_file()]
        kept = b"".join(file.read_bytes() for file in files)
        return {word for word in words if word.encode() in kept}
    address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    dump = await asyncio.create_subprocess_exec(
        find_binary("pg_dump"),
        *("--enable-row-security", "--dbname", address),
        env=os.environ | {"PGOPTIONS": f"-c {SETTING}={ALL}"},
        stdout=asyncio.subprocess.PIPE,
    )
    text, _ = await dump.communicate()
    assert dump.returncode == 0
    # `bytea` is written in hexadecimal.
    return {word for word in words if word.encode() in text or word.encode().hex().encode() in text}
