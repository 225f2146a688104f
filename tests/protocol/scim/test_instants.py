"""Instants are compared as Python's calendar does."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.scim.instants import microseconds

OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001


@given(INSTANTS, INSTANTS)
def test_they_lie_as_far_apart(one: datetime, other: datetime) -> None:
    first, second = (microseconds(at.isoformat()) for at in (one, other))
    assert first is not None
    assert second is not None
    assert second - first == (other - one) // timedelta(microseconds=1)


def test_an_instant_of_greenwich_may_say_so() -> None:
    assert microseconds("2026-11-27T09:00:00Z") == microseconds(datetime(2026, 11, 27, 9, tzinfo=UTC).isoformat())
    assert microseconds("2024-02-29T00:00:00.5Z") is not None


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2026-11-27", "2026-11-27T09:00:00", "2026-11-27 09:00:00Z", "2026-13-01T00:00:00Z"),
        *("2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-31T00:00:00Z"),
        *("2026-11-27T24:00:00Z", "2026-11-27T09:60:00Z", "2026-11-27T09:00:61Z", "\u0662026-11-27T09:00:00Z"),
    ],
)
def test_what_is_no_instant(text: str) -> None:
    assert microseconds(text) is None
