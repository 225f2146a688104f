"""One log with every kind of fact and every field. The rules would not allow all of it: it is for those who read."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from protocol.attempt.chain import seal, seed
from protocol.attempt.facts import Created, Erased, Fact, Record
from protocol.attempt.kinds import KIND_OF, KINDS
from protocol.attempt.layout import LaidOrder, LaidQuestion, LaidSection
from protocol.attempt.model import Actor
from protocol.messages.page_settings import PageSettings

START_MS: Final = 1_800_000_000_000
KEY: Final = bytes(range(32))
NEW_KEY: Final = bytes(range(32, 64))
ATTEMPT: Final = "0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47"

_VALUES: Final[dict[str, Any]] = {
    "attempt_id": ATTEMPT,
    "org_id": "school",
    "branch_id": "north",
    "test_id": "geometry",
    "form_id": "a",
    "user_id": "ada",
    "connect_n": 3,
    "question_id": "q1",
    "section_id": "s2",
    "sections": (
        LaidSection(
            "s1",
            (LaidQuestion("q1", (LaidOrder("answer", ("b", "a")),), 60_000), LaidQuestion("q2", (), None, True)),
            600_000,
            "p",
        ),
        LaidSection("s2", (LaidQuestion("q3", (), 90_000),), None),
    ),
    "value": ["a", "Ünïcødé 𝄞"],
    "question_index": 1,
    "position": 1,
    "message_id": "order-message",
    "warnings_ms": (300_000, 60_000),
    "duration_ms": 3_600_000,
    "window_opens_at_ms": START_MS - 1,
    "window_closes_at_ms": START_MS + 90_000_000,
    "grace_ms": 2_000,
    "left_ms": 300_000,
    "add_ms": 60_000,
    "client_at_ms": START_MS + 7,
    "alias": "erased-5eed",
    "gaps": "refuse",
    "signal": "page_hidden",
    "exempt": ("focus_lost",),
    "source": "screen",
    "says": "agreed",
    "asks": "required",
    "every_ms": 30_000,
    "keep_days": 30,
    "page": PageSettings("de", "contrast", 150, True, False, True),
}
"""Values by the name of a field; all others are made from the type."""


def records() -> list[Record]:
    """The log: each kind in the order of the table, but for `erased`. A kind with fields that may be left out comes a
    second time without them."""
    log: list[Record] = []
    for kind in KINDS:
        if kind.fact is Erased:
            continue
        for bare in (False, True) if _has_defaults(kind.fact) else (False,):
            number = len(log)
            roles = sorted(kind.by)
            role = roles[number % len(roles)]
            head = log[-1].hash if log else seed(ATTEMPT)
            fact = _example(kind.fact, number, bare=bare)
            log.append(seal(head, KEY, number + 1, START_MS + 1_000 * number, Actor(role, f"{role.value}-1"), fact))
    return log


def _has_defaults(kind: type[Fact]) -> bool:
    return any(not field.required for field in msgspec.structs.fields(kind))


def erased(log: list[Record]) -> Record:
    """What follows the log when its candidate is erased, under a new key."""
    by = Actor(min(KIND_OF[Erased].by), "platform")
    return seal(log[-1].hash, NEW_KEY, len(log) + 1, START_MS + 1_000 * len(log), by, _example(Erased, len(log)))


def _example(kind: type[Fact], number: int, *, bare: bool = False) -> Fact:
    fact = make(kind, number, bare=bare)
    assert isinstance(fact, Fact)
    return fact


def make(kind: type[msgspec.Struct], number: int, *, bare: bool = False) -> msgspec.Struct:
    """An example of any type, the same each time; `bare`: without what may be left out."""
    hints = get_type_hints(kind)
    names = [field.name for field in msgspec.structs.fields(kind) if field.required or not bare]
    return kind(**{name: _value(name, hints[name], kind, number) for name in names})


def _value(name: str, hint: Any, kind: type, number: int) -> Any:
    if name in _VALUES:
        return _VALUES[name]
    if name in ("n", "seen_seq"):
        return number + 1
    if name == "command_id":
        return f"order-{kind.__struct_config__.tag}"  # type: ignore[attr-defined]
    if name == "message_id":
        return "order-messaged"
    if name.endswith("at_ms") or name in ("last_contact_ms", "deadline_ms"):
        return START_MS + 1_000 * number + 3
    return next(_of_type(name, hint, kind, number))


def _of_type(name: str, hint: Any, kind: type, number: int) -> Iterator[Any]:
    if get_origin(hint) is tuple:
        yield tuple(_of_type(name, get_args(hint)[0], kind, number))
    elif get_args(hint) and get_origin(hint) is not list:
        yield from _of_type(name, next(one for one in get_args(hint) if one is not type(None)), kind, number)
    elif isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield make(hint, number)
    elif hint is bool:
        yield True
    elif hint is int:
        yield 500 + len(name)
    elif isinstance(hint, type) and issubclass(hint, str):
        # Of an enumeration the last: the first may be a default.
        yield [*hint.__members__.values()][-1] if issubclass(hint, Enum) else f"{name} of {kind.__name__.lower()}"
    else:
        raise AssertionError(f"say in _VALUES what {name} is like")


assert Created is KINDS[0].fact
