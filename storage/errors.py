"""The errors of the database layer."""


class StorageError(Exception):
    """Base of the errors that this package raises for its callers."""


class StorageUnavailable(StorageError):
    """The database cannot be reached, or did not answer in time. Trying again later may help."""


class AlreadyServed(StorageError):
    """Another server is at work on this embedded database, which can have one only."""


class SchemaOutdated(StorageError):
    """The tables are not those of this version: older (`pencilsdown migrate` has to be run first), or newer."""


class NotAllowed(StorageError):
    """The database refuses something to the role that we connect as, or there is no such role."""


class NoWall(StorageError):
    """A wall between organisations does not stand as it should."""


class SharedSessions(StorageError):
    """A pooler between us and PostgreSQL gives one session to several connections."""


class UnsupportedDatabase(StorageError):
    """The URL names a database that is neither SQLite nor PostgreSQL, or cannot be read as a URL."""
