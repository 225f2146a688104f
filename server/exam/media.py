"""Files that lie beside an exam file: its texts name them by their paths."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from server.writing.markdown import Find, no_media

_FIND: Final[ContextVar[Find]] = ContextVar("find", default=no_media)


@contextmanager
def files_beside(find: Find) -> Iterator[None]:
    """While an exam file is read: where its files are."""
    token = _FIND.set(find)
    try:
        yield
    finally:
        _FIND.reset(token)


def beside() -> Find:
    """Looks up a file by the name that the exam file has for it."""
    return _FIND.get()
