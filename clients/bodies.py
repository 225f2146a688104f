"""The bodies of the REST API, in the order in which the documents show them."""

from collections.abc import Iterator
from types import ModuleType
from typing import Final

from protocol.rest import (
    admission,
    attempts,
    body,
    commands,
    connection,
    enrolments,
    groups,
    logs,
    operations,
    overrides,
    people,
    personal,
    problems,
    readiness,
    removed,
    results,
    rosters,
    schedules,
    tests,
    tokens,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    problems,
    tests,
    attempts,
    admission,
    operations,
    connection,
    commands,
    tokens,
    results,
    logs,
    personal,
    readiness,
    people,
    groups,
    enrolments,
    removed,
    overrides,
    rosters,
    schedules,
)
"""Those that have bodies."""


def bodies() -> Iterator[type[body.Body]]:
    """Each body that a module defines, in the order of the modules and of their lines."""
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, body.Body) and value.__module__ == module.__name__:
                yield value
