"""The bodies of the REST API, in the order in which the documents show them."""

from collections.abc import Iterator
from types import ModuleType
from typing import Final

import msgspec

from clients.structs import defined_in
from protocol.rest import (
    admission,
    alerts,
    analytics,
    api_keys,
    attempts,
    bulk,
    camera_pictures,
    commands,
    confirmations,
    connection,
    enrolments,
    events,
    expected,
    files,
    gradebook,
    groups,
    imports,
    incidents,
    late,
    lint,
    logs,
    marking,
    media,
    oneroster,
    operations,
    overrides,
    papers,
    people,
    personal,
    preview,
    problems,
    readiness,
    removed,
    results,
    retention,
    rooms,
    rosters,
    schedules,
    sign_in,
    skills,
    statistics,
    subscriptions,
    tests,
    tokens,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    problems,
    tests,
    files,
    camera_pictures,
    media,
    imports,
    attempts,
    admission,
    operations,
    late,
    connection,
    commands,
    bulk,
    incidents,
    alerts,
    tokens,
    sign_in,
    api_keys,
    retention,
    skills,
    results,
    confirmations,
    logs,
    personal,
    readiness,
    rooms,
    people,
    groups,
    enrolments,
    expected,
    removed,
    overrides,
    rosters,
    oneroster,
    schedules,
    papers,
    preview,
    lint,
    gradebook,
    statistics,
    analytics,
    marking,
    subscriptions,
    events,
)
"""Those that have bodies."""


def bodies() -> Iterator[type[msgspec.Struct]]:
    """Each body that a module defines, in the order of the modules and of their lines."""
    for module in MODULES:
        yield from defined_in(module)
