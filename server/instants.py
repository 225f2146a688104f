"""Instants as people write them."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_moment(text: str) -> datetime:
    """An instant in ISO 8601 with its zone. Raises `ValueError` with the rest of a sentence that begins with the
    field's name."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError('must be an instant with its zone, like "2027-03-01T09:00:00+01:00"')
    return instant


def ms_of(instant: datetime) -> int:
    """Milliseconds since the Unix epoch."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def read_instant(text: str) -> int:
    """The same of what people write. Raises `ValueError`, as `read_moment` does."""
    return ms_of(read_moment(text))
