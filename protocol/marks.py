"""Marks at rare branches, so that a test can say that it was there.

A branch that needs three things to go wrong at once is easily never run: nobody notices when a change of the
simulation no longer leads there. So it has a mark, and a test names the marks that it has to reach. Outside of tests a
mark is a call that finds nothing to do; hot paths have none.
"""

from collections.abc import Iterator
from contextlib import contextmanager

_reached: set[str] | None = None


def mark(name: str) -> None:
    """This branch was reached. `name` is a literal, used in one place only."""
    if _reached is not None:
        _reached.add(name)


@contextmanager
def marks() -> Iterator[set[str]]:
    """The marks that are reached within; those of a nested one count outside, too."""
    global _reached  # noqa: PLW0603 (a test watches the whole process)
    outer, _reached = _reached, set()
    try:
        yield _reached
    finally:
        if outer is not None:
            outer |= _reached
        _reached = outer
