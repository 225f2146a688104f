"""What keeps a server from starting, in the words of whoever has to mend it: one or two lines, no traceback."""

from typing import Final

from protocol.errors import Refused
from server.heads import BadHeads
from server.listening import CannotListen
from server.settings import PREFIX, InvalidSettings
from storage.errors import StorageError, StorageUnavailable

WRONG_SETTINGS: Final = 2
"""Exit status: the settings, or the command's own words, are wrong."""
NOT_STARTED: Final = 1
"""Exit status: the settings are fine, and something outside of us is not."""


EXPECTED: Final = (InvalidSettings, StorageError, CannotListen, Refused, BadHeads)
"""Errors that an operator can bring about, and end."""


def in_words(error: Exception) -> str:
    """What happened, and what to look at."""
    if isinstance(error, Refused):
        return error.refusal.detail
    if isinstance(error, StorageUnavailable):
        return f"{error}\n{_where_to_look(str(error))}"
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
