"""For how long logs are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from protocol.attempt.model import Status
from protocol.rules.retention import DAY_MS, DELIVERY_DAYS, Bounds, Retention, may_leave
from tests.protocol.attempt.scene import scene_in


def rules() -> st.SearchStrategy[Retention]:
    days = st.none() | st.integers(1, 60)
    return st.builds(Retention, days, days, days, days)


def test_where_nobody_has_said_anything_everything_is_kept() -> None:
    assert (Retention().archive_before_ms(0), Retention().drop_before_ms(0)) == (None, None)
    rule = Retention(30, 365)
    assert rule.archive_before_ms(400 * DAY_MS) == 370 * DAY_MS
    assert rule.drop_before_ms(400 * DAY_MS) == 35 * DAY_MS


def test_an_entry_says_what_it_says_until_the_end_of_a_day() -> None:
    rule = Retention(audit_days=30)
    assert Retention().audit_before_ms(40 * DAY_MS) is None
    assert rule.audit_before_ms(41 * DAY_MS - 1) == rule.audit_before_ms(40 * DAY_MS) == 10 * DAY_MS
    assert Retention().delivered_before_ms(40 * DAY_MS) == 37 * DAY_MS
    assert Retention(delivery_days=9).delivered_before_ms(40 * DAY_MS) == 31 * DAY_MS


@given(rules(), rules(), rules())
def test_what_an_operator_allows_is_in_force_whatever_else_is_said(
    rule: Retention, one: Retention, other: Retention
) -> None:
    pairs = [*zip(astuple(one), astuple(other), strict=True)]
    in_order = [pair if None in pair else sorted(pair) for pair in pairs]
    least, most = (Retention(*days) for days in zip(*in_order, strict=True))
    bounds = Bounds(most, least)
    in_force = bounds.apply(rule)
    said = replace(rule, delivery_days=rule.delivery_days or most.delivery_days or DELIVERY_DAYS)
    for own, days, low, high in zip(*map(astuple, (said, in_force, least, most)), strict=True):
        assert (days is None) == (own is None and high is None)
        assert days is None or (low or 1) <= days <= (high or days)
        assert own is None or days == own or days in (low, high)
    assert bounds.apply(in_force) == in_force
    assert bounds.beyond(in_force) is None
    assert (bounds.beyond(rule) is None) == all(
        own in (None, days) for own, days in zip(astuple(rule), astuple(in_force), strict=True)
    )


def test_the_first_that_is_beyond_is_named_with_its_bounds() -> None:
    bounds = Bounds(Retention(audit_days=730), Retention(drop_after_days=100, audit_days=365))
    assert bounds.beyond(Retention(drop_after_days=100, audit_days=731)) == ("audit_days", 365, 730)
    assert bounds.beyond(Retention(drop_after_days=99)) == ("drop_after_days", 100, None)
    assert bounds.apply(Retention()) == Retention(audit_days=730, delivery_days=DELIVERY_DAYS)
    longer = Bounds(least=Retention(delivery_days=10))
    assert longer.apply(Retention()).delivery_days == 10, "deliveries are forgotten where nobody has said so, too"


@pytest.mark.parametrize("status", Status)
def test_what_runs_or_waits_to_be_marked_stays(status: Status) -> None:
    attempt = replace(scene_in(Status.SUBMITTED).attempt, status=status)
    settled = status in (Status.CANCELLED, Status.COMPLETED, Status.ABSENT, Status.ABANDONED)
    assert may_leave(attempt, 9, 10) == settled
    assert not may_leave(attempt, 10, 10)
