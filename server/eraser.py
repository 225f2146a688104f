"""The role that may take something away, where nodes have one of their own that may not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from server.settings import Settings
from storage.database import Database

MAY_NOT: Final = "nodes may take nothing away (PENCILSDOWN_ERASER_DATABASE_URL, docs/privacy.md)"


@asynccontextmanager
async def eraser_of(settings: Settings, database: Database) -> AsyncIterator[Database]:
    """The database in the name of that role, for as long as it is needed; else `database`."""
    if not settings.eraser_database_url:
        yield database
        return
    eraser = await Database.open(settings.eraser_database_url)
    try:
        yield eraser
    finally:
        await eraser.close()
