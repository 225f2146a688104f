"""Which attempt a staff command's id belongs to: one id, one attempt, in a whole organisation.

A claim is kept for 30 days. A command that was executed is known to the log of its attempt for good: repeated after 30
days, it is told the same as before. Only another attempt may use the id then.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text

from storage.columns import AttemptId
from storage.database import Database
from storage.schema import staff_commands

KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""Far longer than anybody repeats a command whose answer was lost."""
_MINE = text(
    "INSERT INTO staff_commands (org_id, command_id, attempt_id, claimed_at_ms)"
    " VALUES (:org_id, :command_id, :attempt_id, :claimed_at_ms) ON CONFLICT DO NOTHING"
).bindparams(bindparam("attempt_id", type_=AttemptId))
_WHOSE = select(staff_commands.c.attempt_id).where(
    staff_commands.c.org_id == bindparam("org"), staff_commands.c.command_id == bindparam("command")
)
_OLD = delete(staff_commands).where(staff_commands.c.claimed_at_ms < bindparam("before"))


class StaffCommands:
    """Claims ids, also for commands that are refused afterwards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, org_id: str, command_id: str, attempt_id: str, now_ms: int) -> str:
        """Makes the id this attempt's, unless it is another's already. Returns whose it is, when that is durable."""
        row = {"org_id": org_id, "command_id": command_id, "attempt_id": attempt_id, "claimed_at_ms": now_ms}
        return await self._database.write(partial(_claim, row=row))

    async def prune(self, now_ms: int) -> None:
        """Deletes the claims that are older than `KEPT_MS`."""
        await self._database.write(lambda connection: connection.execute(_OLD, {"before": now_ms - KEPT_MS}))


def _claim(connection: Connection, row: Mapping[str, object]) -> str:
    connection.execute(_MINE, row)
    owner: str = connection.execute(_WHOSE, {"org": row["org_id"], "command": row["command_id"]}).scalar_one()
    return owner
