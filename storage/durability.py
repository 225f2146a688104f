"""What PostgreSQL is set to that an acknowledged answer might be lost by."""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection


class Risk(StrEnum):
    """In a word for each; the worst first."""

    NO_SYNC = "no_sync"
    """It does not wait for its disk: a power cut loses what was acknowledged last, or the whole database."""
    NOBODY_CONFIRMS = "nobody_confirms"
    """Commits wait for a standby, and there is none."""
    NOT_CONFIRMED = "not_confirmed"
    """There are standbys, and commits wait for none: a failover loses what was acknowledged last."""
    CONFIRMED_FROM_MEMORY = "confirmed_from_memory"
    """A standby confirms what is not on its disk yet."""


_LOOK: Final = (
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),"
    " current_setting('synchronous_standby_names'), (SELECT count(*) FROM pg_stat_replication)"
)
"""The standbys can be counted by any role; what they have confirmed not everyone may see."""


def risks(connection: Connection) -> list[Risk]:
    """What holds of the server at the other end. A `synchronous_commit` that is too weak for a single server is no
    risk: our connections set it right (`storage.sessions`)."""
    row: Any = connection.exec_driver_sql(_LOOK).one()
    fsync, full_pages, commit, names, standbys = row
    found = {
        Risk.NO_SYNC: "off" in (fsync, full_pages),
        Risk.NOBODY_CONFIRMS: names != "" and not standbys,
        Risk.NOT_CONFIRMED: names == "" and standbys > 0,
        Risk.CONFIRMED_FROM_MEMORY: names != "" and commit == "remote_write",
    }
    return [risk for risk, holds in found.items() if holds]
