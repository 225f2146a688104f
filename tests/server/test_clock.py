"""The server's clock: one reading of the wall clock, then only forward."""

import time

import pytest

from server.clock import Clock


class Hands:
    """A host's two clocks, in seconds."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.running = 50.0

    def tick(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.running)


def test_it_starts_from_the_wall_clock_and_runs_on() -> None:
    hands = Hands()
    clock = hands.clock()
    assert clock.now_ms() == 1_800_000_000_000
    hands.tick(1.5)
    assert clock.now_ms() == 1_800_000_001_500


def test_it_tells_more_finely_what_is_only_shown() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.tick(0.000_25)
    assert clock.now_ns() == pytest.approx(1_800_000_000_000_250_000, abs=1_000)


@pytest.mark.parametrize("jump_s", [-86_400, 86_400])
def test_a_jump_of_the_hosts_clock_moves_nothing(jump_s: float) -> None:
    hands = Hands()
    clock = hands.clock()
    hands.wall += jump_s
    assert clock.now_ms() == 1_800_000_000_000


async def test_the_first_measurement_is_taken_over_at_once() -> None:
    hands = Hands()
    clock = hands.clock()
    trips = iter([0.5, 0.001, 0.3, 0.2, 0.1])

    async def theirs() -> int:
        trip = next(trips)
        hands.tick(trip / 2)
        now_ms = int(hands.wall * 1000) + 90_000
        hands.tick(trip / 2)
        return now_ms

    assert await clock.follow(theirs, first=True) == pytest.approx(90_000, abs=2), "by the fastest round trip"
    assert clock.now_ms() == pytest.approx(hands.wall * 1000 + 90_000, abs=2)


@pytest.mark.parametrize(("good_after", "asked", "off_ms"), [(2, 5, 0), (8, 8, 0), (1_000, 25, 205)])
async def test_whoever_starts_while_the_database_is_slow_waits_for_a_good_round_trip(
    good_after: int, asked: int, off_ms: int
) -> None:
    """A slow one says nothing of where on the way the time went."""
    hands = Hands()
    clock = hands.clock()
    trips = 0

    async def theirs() -> int:
        nonlocal trips
        trips += 1
        now_ms = int(hands.wall * 1000)
        hands.tick(0.002 if trips == good_after else 0.41)
        return now_ms

    await clock.follow(theirs, first=True)
    assert trips == asked
    assert clock.now_ms() == pytest.approx(hands.wall * 1000 - off_ms, abs=2)


async def test_a_node_that_serves_does_not_wait_for_a_good_round_trip() -> None:
    hands = Hands()
    trips = 0

    async def theirs() -> int:
        nonlocal trips
        trips += 1
        hands.tick(0.4)
        return int(hands.wall * 1000)

    await hands.clock().follow(theirs, first=False)
    assert trips == 5


@pytest.mark.parametrize(("offset_ms", "moved_ms"), [(5, 5), (-5, -5), (90_000, 20), (-90_000, -20)])
async def test_later_ones_are_crept_up_to(offset_ms: int, moved_ms: int) -> None:
    hands = Hands()
    clock = hands.clock()

    async def theirs() -> int:
        return int(hands.wall * 1000) + offset_ms

    before = clock.now_ms()
    await clock.follow(theirs, first=False)
    hands.tick(1)
    assert clock.now_ms() == pytest.approx(before + 1_000 + moved_ms, abs=1)


async def test_it_never_goes_back() -> None:
    hands = Hands()
    clock = hands.clock()
    before = clock.now_ms()

    async def theirs() -> int:
        return before - 60_000

    await clock.follow(theirs, first=False)
    assert clock.now_ms() == before
    hands.tick(0.019)
    assert clock.now_ms() == before
    hands.tick(0.002)
    assert clock.now_ms() == before + 1


async def test_it_does_not_stand_still_where_it_was_read_before_the_first_measurement() -> None:
    hands = Hands()
    clock = hands.clock()
    clock.now_ms()

    async def theirs() -> int:
        return int(hands.wall * 1000) - 3_600_000

    await clock.follow(theirs, first=True)
    assert clock.now_ms() == hands.wall * 1000 - 3_600_000
    hands.tick(1)
    assert clock.now_ms() == hands.wall * 1000 - 3_600_000


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system has no clock that runs on in its sleep")
def test_a_host_that_sleeps_sleeps_through_the_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    slept_s = 0.0
    clock_gettime = time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: clock_gettime(which) + slept_s)
    clock = Clock()
    before = clock.now_ms()
    slept_s = 3_600.0
    assert 3_600_000 <= clock.now_ms() - before < 3_660_000


async def test_it_says_how_far_off_it_is_beyond_doubt() -> None:
    hands = Hands()
    clock = hands.clock()

    async def theirs() -> int:
        hands.tick(0.1)
        return int(hands.wall * 1000) + 5_000 - 50

    await clock.follow(theirs, first=False)
    assert clock.off_ms == pytest.approx(4_950, abs=2)
    await clock.follow(theirs, first=True)
    await clock.follow(theirs, first=False)
    assert clock.off_ms == 0
