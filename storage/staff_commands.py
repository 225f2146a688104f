"""Which attempt a staff command's id belongs to: one id, one attempt, in a whole organisation.

A claim is kept for 30 days. A command that was executed is known to the log of its attempt for good: repeated after 30
days, it is told the same as before. Only another attempt may use the id then.
"""

from functools import partial
from typing import Final, NamedTuple

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


class Claim(NamedTuple):
    """The id of a command that is for this attempt."""

    command_id: str
    attempt_id: str


class StaffCommands:
    """Claims ids, also for commands that are refused afterwards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, org_id: str, command_id: str, attempt_id: str, now_ms: int) -> str:
        """Makes the id this attempt's, unless it is another's already. Returns whose it is, when that is durable."""
        mine = Claim(command_id, attempt_id)
        owner, _ = await self._database.for_org(org_id).write(
            partial(claim_now, org_id=org_id, claim=mine, now_ms=now_ms)
        )
        return owner

    async def prune(self, now_ms: int) -> None:
        """Deletes the claims that are older than `KEPT_MS`."""
        await self._database.write(lambda connection: connection.execute(_OLD, {"before": now_ms - KEPT_MS}))


def claim_now(connection: Connection, org_id: str, claim: Claim, now_ms: int) -> tuple[str, bool]:
    """The same in the caller's transaction: whose the id is, and whether it is so only now."""
    row = {"org_id": org_id, "claimed_at_ms": now_ms, **claim._asdict()}
    is_new = connection.execute(_MINE, row).rowcount > 0
    owner: str = connection.execute(_WHOSE, {"org": org_id, "command": claim.command_id}).scalar_one()
    return owner, is_new
