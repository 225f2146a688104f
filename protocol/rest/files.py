"""Bodies about files that candidates hand in."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class FileHandedIn(Body, frozen=True, kw_only=True):
    """A file is kept. The answer to its question names it by its `hash`; `type` is its media type."""

    hash: str
    type: str
    size: Int


class FileList(Body, frozen=True, kw_only=True):
    """The files of one attempt, in the order of their coming. An answer may name another one by now."""

    files: list[FileHandedIn]
