"""What can be wrong with an archive."""

from storage.errors import StorageError


class BadArchive(StorageError):
    """A file that is no archive of ours, or not the whole of one, or was changed."""


class Unsealed(Exception):
    """The bodies of a log can't be read."""


class ArchivedLog(Exception):
    """The log of an attempt is in an archive."""

    def __init__(self, attempt_id: str) -> None:
        super().__init__(f"attempt {attempt_id}: its log is in an archive")
        self.attempt_id = attempt_id
