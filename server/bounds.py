"""For how long an operator lets organisations keep things."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from protocol.rest.retention import RetentionBody
from protocol.rules.retention import Bounds, Retention

if TYPE_CHECKING:
    from server.settings import Settings


def bounds_of(settings: "Settings") -> Bounds:
    """What the settings say."""
    return Bounds(most=read_days(settings.keep_at_most), least=read_days(settings.keep_at_least))


def read_days(texts: Iterable[str]) -> Retention:
    """Of texts such as `audit_days=730`. Raises `ValueError`."""
    given: dict[str, int] = {}
    for text in texts:
        name, _, days = text.partition("=")
        if name not in Retention.__struct_fields__ or not (days.isascii() and days.isdigit()):
            raise ValueError(f"must be {' or '.join(f'{one}=DAYS' for one in Retention.__struct_fields__)}, not {text}")
        given[name] = int(days)
    try:
        return rule_of(msgspec.convert(given, RetentionBody))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def rule_of(body: RetentionBody) -> Retention:
    """What a body says."""
    return Retention(**msgspec.structs.asdict(body))
