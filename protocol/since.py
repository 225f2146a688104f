"""Versions of the fleet: what a release knows, and what may be written while older nodes still serve.

A fleet is all nodes on one database. Its version is the greatest that each of them speaks; the database keeps it, and
it never falls. A kind of fact says by `Kind.since`, a field by `Annotated[…, since(n)]`, with which version it came.
Until the fleet speaks that version it is written nowhere: an older node could not read it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import msgspec

from protocol import limits

SPEAKS: Final = limits.PROTOCOL_VERSION
"""The version that this release speaks. Whoever adds a kind of fact, a field to what is kept, or a feature of the wire
raises it by one, once for a release."""
OLDEST: Final = limits.OLDEST_PROTOCOL_VERSION
"""The oldest version of the wire that this release still speaks with clients."""
CAPABILITIES: Final[Mapping[str, int]] = {}
"""What a client may offer in its `hello` to do or to understand beyond its version → the version of the fleet that
knows it."""


def agree(oldest: int, newest: int, fleet: int) -> int | None:
    """The version to speak with a client that speaks `oldest` to `newest`: never more than the fleet does, since the
    client may come back to any node. None: there is none."""
    version = min(newest, fleet, SPEAKS)
    return version if version >= max(oldest, OLDEST) else None


def in_force(offered: Iterable[str], fleet: int) -> list[str]:
    """The capabilities that may be used with a client that offers these."""
    return sorted({name for name in offered if CAPABILITIES.get(name, fleet + 1) <= fleet})


def since(version: int) -> msgspec.Meta:
    """Marks a field that came with this version of the fleet. It has a default, which says what its absence means, and
    its struct omits defaults: until it is used the bytes are those of before."""
    return msgspec.Meta(extra={"since": version})


def needs(value: object) -> int:
    """The version that a node must speak to read `value`: the greatest of the fields that are not at their default,
    however deep they lie."""
    if isinstance(value, msgspec.Struct):
        plan = _plan(type(value))
        came = [one.since for one in plan.marked if getattr(value, one.name) != one.default]
        return max(came + [needs(getattr(value, name)) for name in plan.deeper], default=1)
    if isinstance(value, list | tuple):
        return max(map(needs, value), default=1)
    if isinstance(value, dict):
        return max(map(needs, value.values()), default=1)
    return 1


def newest_in(kind: type[msgspec.Struct]) -> int:
    """The greatest version that a field of this type, or of one inside it, came with."""
    return max(_marks(kind, set()), default=1)


class _Mark(NamedTuple):
    name: str
    default: object
    since: int


class _Plan(NamedTuple):
    """Of one type: its marked fields, and the names of those that may hold marked fields further inside."""

    marked: tuple[_Mark, ...]
    deeper: tuple[str, ...]


@cache
def _plan(kind: type[msgspec.Struct]) -> _Plan:
    marked: list[_Mark] = []
    deeper: list[str] = []
    hints = get_type_hints(kind, include_extras=True)
    for field in msgspec.structs.fields(kind):
        version = _since(hints[field.name])
        if version is not None:
            factory = field.default_factory
            marked.append(_Mark(field.name, field.default if factory is msgspec.NODEFAULT else factory(), version))
        if any(_marks(one, {kind}) for one in _structs(hints[field.name])):
            deeper.append(field.name)
    return _Plan(tuple(marked), tuple(deeper))


def _marks(kind: type[msgspec.Struct], seen: set[type]) -> list[int]:
    if kind in seen:
        return []
    seen.add(kind)
    hints = get_type_hints(kind, include_extras=True).values()
    own = [version for hint in hints if (version := _since(hint)) is not None]
    return own + [version for hint in hints for one in _structs(hint) for version in _marks(one, seen)]


def _since(hint: Any) -> int | None:
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.extra and "since" in meta.extra:
            return int(meta.extra["since"])
    return None


def _structs(hint: Any) -> list[type[msgspec.Struct]]:
    """The types of structs that a type names."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return [hint]
    return [found for one in get_args(hint) for found in _structs(one)]
