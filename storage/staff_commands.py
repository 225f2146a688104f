"""Which attempt a staff command's id belongs to: one id, one attempt, in a whole organisation."""

from functools import partial

from sqlalchemy import Connection, bindparam, select, text

from storage.columns import AttemptId
from storage.database import Database
from storage.schema import staff_commands

_MINE = text(
    "INSERT INTO staff_commands (org_id, command_id, attempt_id) VALUES (:org_id, :command_id, :attempt_id)"
    " ON CONFLICT DO NOTHING"
).bindparams(bindparam("attempt_id", type_=AttemptId))
_WHOSE = select(staff_commands.c.attempt_id).where(
    staff_commands.c.org_id == bindparam("org"), staff_commands.c.command_id == bindparam("command")
)


class StaffCommands:
    """Claims ids. A claim stays, also of a command that is refused afterwards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, org_id: str, command_id: str, attempt_id: str) -> str:
        """Makes the id this attempt's, unless it is another's already. Returns whose it is, when that is durable."""
        return await self._database.write(partial(_claim, org_id=org_id, command_id=command_id, attempt_id=attempt_id))


def _claim(connection: Connection, org_id: str, command_id: str, attempt_id: str) -> str:
    row = {"org_id": org_id, "command_id": command_id, "attempt_id": attempt_id}
    connection.execute(_MINE, row)
    owner: str = connection.execute(_WHOSE, {"org": org_id, "command": command_id}).scalar_one()
    return owner
