"""Where what becomes of an attempt is told."""

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest
from redis.crc import key_slot

from server.ids import new_id
from server.relay.frames import (
    RECORDS_CHANNELS,
    Executed,
    Frame,
    ask_channel,
    decode_executed,
    encode,
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
    assert channel("school", "algebra-1").endswith(":school:algebra-1"), "as nodes of the version before name it"


class FormerExecuted(Frame, frozen=True, tag="executed"):
    """As nodes know it that are not upgraded yet."""

    attempt_id: str
    records: list[tuple[int, bytes, bytes]]


def test_nodes_from_before_traces_read_what_is_told_and_are_read() -> None:
    records = [(7, b"data", b"hash")]
    traced = encode(Executed("node", "attempt", records, ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",)))
    former = FormerExecuted("node", "attempt", records)
    assert msgspec.msgpack.decode(traced, type=FormerExecuted) == former
    assert decode_executed.decode(encode(former)) == Executed("node", "attempt", records)
    assert encode(Executed("node", "attempt", records)) == encode(former), "untraced, it is what it was"
