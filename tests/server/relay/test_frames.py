"""Where what becomes of an attempt is told."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.msgpack import encode
from redis.crc import key_slot

from server.ids import new_id
from server.relay.frames import (
    RECORDS_CHANNELS,
    Ask,
    Batch,
    Executed,
    Frame,
    ask_channel,
    read_ask,
    read_batch,
    read_executed,
    records_channel,
    rows_channel,
)
from tests.server.monitor.rows import row


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


FRAMES: list[tuple[Callable[[bytes], Frame | None], Frame]] = [
    (read_ask, Ask("one", True)),
    (read_batch, Batch("one", 1, False, [row("a")])),
    (read_executed, Executed("one", "a", 7, bytes(32))),
]


@pytest.mark.parametrize(("read", "frame"), FRAMES)
def test_what_a_newer_node_says_beside_what_is_known_is_passed_over(
    read: Callable[[bytes], Frame | None], frame: Frame
) -> None:
    said: dict[str, Any] = msgspec.to_builtins(frame, builtin_types=(bytes,))
    assert read(encode(said)) == frame
    assert read(encode({**said, "mood": "new"})) == frame
    if "rows" in said:
        assert read(encode({**said, "rows": [{**one, "mood": "new"} for one in said["rows"]]})) == frame
    assert read(encode({"t": "of_tomorrow", "node": "one"})) is None


@pytest.mark.parametrize(("read", "frame"), FRAMES)
def test_what_no_version_says_is_a_fault(read: Callable[[bytes], Frame | None], frame: Frame) -> None:
    said: dict[str, Any] = msgspec.to_builtins(frame, builtin_types=(bytes,))
    wrongs: list[Any] = [{**said, "node": 7}, {"t": said["t"]}, {"node": "one"}, []]
    for wrong in wrongs:
        with pytest.raises(msgspec.ValidationError):
            read(encode(wrong))
