"""Where what becomes of an attempt is told."""

from collections import Counter
from collections.abc import Callable

import pytest
from redis.crc import key_slot

from server.ids import new_id
from server.relay.frames import (
    RECORDS_CHANNELS,
    ask_channel,
    records_channel,
    rows_channel,
)


def test_every_node_finds_the_same_channel_for_an_attempt() -> None:
    # Fixed: nodes of different builds must agree.
    assert records_channel("01890a5d-ac96-774b-bcce-b302099a8057") == "records:53"


def test_attempts_spread_over_all_channels() -> None:
    told = Counter(records_channel(new_id()) for _ in range(6_400))
    assert set(told) == set(RECORDS_CHANNELS)
    assert max(told.values()) < 200


def test_the_channels_spread_over_the_slots_of_a_cluster() -> None:
    for shards in (3, 6):
        held = Counter(key_slot(f"pencilsdown:{name}".encode()) * shards // 16_384 for name in RECORDS_CHANNELS)
        assert set(held) == set(range(shards))
        assert max(held.values()) <= 2 * len(RECORDS_CHANNELS) // shards


@pytest.mark.parametrize("channel", [rows_channel, ask_channel])
def test_no_two_rooms_have_one_channel(channel: Callable[[str, str], str]) -> None:
    rooms = [("a", "b:c"), ("a:b", "c"), ("a%3Ab", "c"), ("a", "b%3Ac")]
    assert len({channel(org_id, test_id) for org_id, test_id in rooms}) == len(rooms)
