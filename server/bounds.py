"""For how long an operator lets organisations keep things."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import asdict

from protocol import limits
from protocol.rest.retention import RetentionBody
from protocol.rules.retention import Bounds, Retention

if TYPE_CHECKING:
    from server.settings import Settings

_CAPTURED: Final = "captured_days"


def bounds_of(settings: "Settings") -> Bounds:
    """What the settings say."""
    most, captured_days = read_most(settings.keep_at_most)
    return Bounds(most=most, least=read_least(settings.keep_at_least), captured_days=captured_days)


def read_most(texts: Iterable[str]) -> tuple[Retention, int | None]:
    """Of texts such as `audit_days=730`, and for how many days a picture of a candidate is kept. Raises
    `ValueError`."""
    given = _read(texts, (*Retention.__struct_fields__, _CAPTURED))
    captured_days = given.pop(_CAPTURED, None)
    if captured_days is not None and not 1 <= captured_days <= limits.MAX_CAPTURED_DAYS:
        raise ValueError(f"{_CAPTURED} must be from 1 to {limits.MAX_CAPTURED_DAYS}")
    return _rule(given), captured_days


def read_least(texts: Iterable[str]) -> Retention:
    """The same, but for pictures: nobody makes a test keep them for longer. Raises `ValueError`."""
    return _rule(_read(texts, Retention.__struct_fields__))


def crossing(most: Iterable[str], least: Iterable[str]) -> str | None:
    """What is to be kept for longer than it may be, as it is written; None: nothing."""
    longest = asdict(read_most(most)[0])
    for name, days in asdict(read_least(least)).items():
        if None not in (days, longest[name]) and days > longest[name]:
            return f"{name}={days} and {name}={longest[name]}"
    return None


def _read(texts: Iterable[str], names: tuple[str, ...]) -> dict[str, int]:
    given: dict[str, int] = {}
    for text in texts:
        name, _, days = text.partition("=")
        if name not in names or not (days.isascii() and days.isdigit()):
            raise ValueError(f"must be {' or '.join(f'{one}=DAYS' for one in names)}, not {text}")
        if name in given:
            raise ValueError(f"says {name} twice")
        given[name] = int(days)
    return given


def _rule(given: dict[str, int]) -> Retention:
    try:
        return rule_of(msgspec.convert(given, RetentionBody))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def rule_of(body: RetentionBody) -> Retention:
    """What a body says."""
    return Retention(**asdict(body))
