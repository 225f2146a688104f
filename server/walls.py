"""Says at the start whether the database itself holds organisations apart."""

import logging

from storage.database import Database
from storage.walls import check_walls

log = logging.getLogger(__name__)


async def watch_walls(database: Database) -> None:
    """Warns where the node's role passes over row-level security. Raises `NoWall`, `SharedSessions` and
    `StorageUnavailable`."""
    await database.check_sessions()
    if not await database.read(check_walls):
        log.warning(
            "The database role of this node is a superuser or has BYPASSRLS: PostgreSQL does not hold organisations"
            " apart for it. Give nodes a plain role (deploy/roles.sql)"
        )
