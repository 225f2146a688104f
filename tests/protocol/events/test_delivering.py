"""When a delivery is tried again, and when it is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.events.delivering import (
    DEAD,
    DELIVERED,
    GIVE_UP_MS,
    GONE,
    JITTER,
    MOST_RETRY_AFTER_MS,
    WAITING,
    WAITS_MS,
    Tried,
    after_try,
    wait_ms,
)

NOW = 1_800_000_000_000


def test_what_arrived_is_over() -> None:
    for status in (200, 204, 299):
        assert after_try(Tried(status), 1, NOW, NOW + GIVE_UP_MS, 0.5).state == DELIVERED


@pytest.mark.parametrize("status", [100, 199, 300, 302, 400, 404, 500, 503])
def test_everything_else_is_tried_again(status: int) -> None:
    after = after_try(Tried(status), 1, NOW, NOW + GIVE_UP_MS, 0.5)
    assert (after.state, after.due_ms, after.error) == (WAITING, NOW + WAITS_MS[0], f"answered {status}")


def test_a_receiver_that_is_gone_is_given_up_at_once() -> None:
    assert after_try(Tried(GONE), 1, NOW, NOW + GIVE_UP_MS, 0.5).state == DEAD


@given(st.integers(1, 100), st.floats(0, 1))
def test_waits_grow_up_to_the_longest_and_are_spread(tries: int, chance: float) -> None:
    middle = WAITS_MS[min(tries, len(WAITS_MS)) - 1]
    assert middle * (1 - JITTER) - 1 <= wait_ms(tries, chance) <= middle * (1 + JITTER) + 1
    assert wait_ms(tries, chance) <= wait_ms(tries + 1, chance)


@given(st.floats(0, 1), st.integers(0, 10**18))
def test_a_receiver_may_ask_for_a_pause_and_not_for_ever(chance: float, asked_ms: int) -> None:
    after = after_try(Tried(503, None, asked_ms), 1, NOW, NOW + GIVE_UP_MS, chance)
    assert after.due_ms is not None
    assert min(asked_ms, MOST_RETRY_AFTER_MS) <= after.due_ms - NOW <= max(MOST_RETRY_AFTER_MS, 2 * WAITS_MS[0])


@given(st.floats(0, 1))
def test_it_is_tried_for_days_and_then_given_up(chance: float) -> None:
    now, tries, give_up = NOW, 0, NOW + GIVE_UP_MS
    while True:
        tries += 1
        after = after_try(Tried(None, "x" * 10_000), tries, now, give_up, chance)
        if after.due_ms is None:
            break
        assert after.due_ms > now
        now = after.due_ms
    assert (after.state, now >= give_up, 10 < tries < 30) == (DEAD, True, True)
    assert after.error is not None
    assert len(after.error) <= 300
