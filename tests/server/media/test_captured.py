"""Pictures from cameras and of screens: which are taken, and whether there is room for more."""

import asyncio

import pytest

from server.media.captured import CapturedRoom, look_at
from server.media.faults import MediaFault
from tests.server.harness.clock import StillClock
from tests.server.media.files import webp

MINUTE_MS = 60_000


def test_a_picture_stands_still() -> None:
    still = webp(b"VP8X", 320, 240)
    assert look_at("camera", still) == "image/webp"
    with pytest.raises(MediaFault, match="stands still"):
        look_at("camera", still[:20] + b"\x02" + still[21:])


class Kept:
    """Pictures that are kept, and how often they were added up."""

    def __init__(self) -> None:
        self.bytes = 0
        self.counts = 0

    async def total(self, org_id: str) -> int:
        self.counts += 1
        await asyncio.sleep(0)
        return self.bytes


async def test_of_many_at_once_no_more_are_taken_than_there_is_room_for() -> None:
    kept = Kept()
    room = CapturedRoom(kept.total, 100, StillClock())
    taken = await asyncio.gather(*(room.takes("school", 30) for _ in range(20)))
    assert (taken.count(True), kept.counts) == (3, 1)


async def test_they_are_added_up_again_after_a_minute_and_where_the_clock_has_gone_back() -> None:
    kept, clock = Kept(), StillClock()
    room = CapturedRoom(kept.total, 100, clock)
    kept.bytes = 100
    assert not await room.takes("school", 1)
    kept.bytes = 0
    assert not await room.takes("school", 1)
    clock.advance(MINUTE_MS)
    assert await room.takes("school", 100)
    clock.advance(-10 * MINUTE_MS)
    assert await room.takes("school", 100)
