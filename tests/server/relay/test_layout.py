"""Which server carries which channel."""

from redis.crc import key_slot

from server.relay.layout import OneServer, Slots, channel_at

ONE, TWO = ("one", 7000), ("two", 7001)


def test_a_single_redis_carries_all() -> None:
    layout = OneServer(ONE)
    assert layout.servers == {ONE}
    assert {layout.home(f"c{number}") for number in range(100)} == {ONE}


def test_a_cluster_carries_each_channel_where_its_slot_is() -> None:
    layout = Slots.of([(0, 99, ONE), (101, 9_000, ONE), (9_001, 16_383, TWO)])
    assert layout.servers == {ONE, TWO}
    assert (layout.primaries[99], layout.primaries[100], layout.primaries[101]) == (ONE, None, ONE)
    for number in range(1_000):
        slot = key_slot(f"c{number}".encode())
        assert layout.home(f"c{number}") == (None if slot == 100 else ONE if slot <= 9_000 else TWO)


def test_before_anything_is_known_nobody_carries_anything() -> None:
    assert Slots().servers == frozenset()
    assert Slots().home("c") is None


def test_layouts_are_the_same_when_the_slots_are() -> None:
    assert Slots.of([(0, 16_383, ONE)]) == Slots.of([(10, 16_383, ONE), (0, 9, ONE)]) != Slots.of([(0, 9, ONE)])


def test_every_server_has_a_channel_of_any_prefix_even_with_a_single_slot() -> None:
    layout = Slots.of([(0, 16_382, ONE), (16_383, 16_383, TWO)])
    for server in (ONE, TWO):
        channel = channel_at(layout, server, "probe:")
        assert channel.startswith("probe:")
        assert layout.home(channel) == server
        assert channel_at(layout, server, "probe:") == channel
