"""Why a server or command does not start, told to an operator in one or two lines and without a traceback."""

from typing import Final

from protocol.attempt.chain import NewerLog
from protocol.errors import Refused
from server.heads.signed import BadHeads
from server.process.listening import CannotListen
from server.settings import PREFIX, InvalidSettings
from storage.errors import NotAllowed, StorageError, StorageUnavailable

WRONG_SETTINGS: Final = 2
"""Exit status: the settings or the command line are wrong."""
NOT_STARTED: Final = 1
"""Exit status: the settings are fine; the cause is outside of this program."""


EXPECTED: Final = (InvalidSettings, StorageError, CannotListen, Refused, BadHeads, NewerLog)
"""Errors that an operator can cause and fix."""


def in_words(error: Exception) -> str:
    """Says what happened and where to look."""
    if isinstance(error, Refused):
        return error.refusal.detail
    if isinstance(error, StorageUnavailable):
        return f"{error}\n{_where_to_look(str(error))}"
    if isinstance(error, NotAllowed):
        return (
            f"{error}\nRun `pencilsdown migrate --runtime-role ROLE` as the role that owns the tables; ROLE is the "
            f"nodes' role. deploy/roles.sql makes both."
        )
    return str(error)


def exit_status(error: Exception) -> int:
    return WRONG_SETTINGS if isinstance(error, InvalidSettings) else NOT_STARTED


def _where_to_look(said: str) -> str:
    if said.startswith("PostgreSQL"):
        return (
            f"Check that PostgreSQL runs and lets this machine in, and that host, port, user, password and database in "
            f"{PREFIX}DATABASE_URL are right."
        )
    return f"Check the database in the folder {PREFIX}DATA: is it ours, may this user write to it, is there room?"
