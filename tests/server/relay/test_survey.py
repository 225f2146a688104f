"""Finding out who has the slots, where servers do not know the same."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from redis.exceptions import RedisError

from loadtest.ports import free_port
from server.relay.layout import Slots
from server.relay.servers import Servers
from server.relay.survey import Survey, parse_view
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import connected, listen, node
from tests.services.redis_cluster import LoneMember

INFO = b"cluster_state:ok\r\ncluster_current_epoch:7\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[LoneMember, LoneMember]]:
    """Two that each believe to have all the slots."""
    with ExitStack() as stack:
        one, two = stack.enter_context(LoneMember()), stack.enter_context(LoneMember())
        one.start()
        two.start()
        two.command("CLUSTER", "SET-CONFIG-EPOCH", "2")
        yield one, two


@pytest.mark.redis
async def test_the_newest_view_counts(pair: tuple[LoneMember, LoneMember]) -> None:
    one, two = pair
    seen: list[Slots] = []
    url = f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{one.port},127.0.0.1:{two.port}"
    survey = Survey(Servers(url), seen.append, lambda: True)
    survey.start()
    try:
        await eventually(lambda: seen)
        assert seen[0] == Slots.of([(0, 16_383, ("127.0.0.1", two.port))])
        one.command("CLUSTER", "SET-CONFIG-EPOCH", "3")
        survey.look()
        await eventually(lambda: seen[-1] == Slots.of([(0, 16_383, ("127.0.0.1", one.port))]))
    finally:
        await survey.close()


@pytest.mark.redis
async def test_after_a_look_follows_another_since_not_everybody_knows_at_once(
    pair: tuple[LoneMember, LoneMember],
) -> None:
    seen: list[Slots] = []
    survey = Survey(Servers(f"redis+cluster://127.0.0.1:{pair[0].port}"), seen.append, lambda: True)
    survey.start()
    try:
        await eventually(lambda: len(seen) == 2)
    finally:
        await survey.close()


@pytest.mark.redis
async def test_what_waits_for_a_server_goes_to_the_one_that_has_its_channels_now(
    pair: tuple[LoneMember, LoneMember],
) -> None:
    one, two = pair
    url = f"redis+cluster://127.0.0.1:{one.port}"
    async with node(f"{url},127.0.0.1:{two.port}", "sender") as sender, node(url, "receiver") as receiver:
        heard = listen(receiver)
        await eventually(lambda: sender.healthy and receiver.healthy)
        two.kill()
        for number in range(1_000):
            sender.publish("c", b"%d" % number)
        await eventually(lambda: b"999" in heard)
        assert heard == [b"%d" % number for number in range(1_000 - len(heard), 1_000)]
        assert len(heard) >= 800, "only what was on its way is lost"


@pytest.mark.redis
async def test_a_cluster_over_tls(pair: tuple[LoneMember, LoneMember]) -> None:
    member, _ = pair
    url = f"rediss+cluster://127.0.0.1:{member.tls_port}?ssl_ca_certs={member.certificate}"
    async with node(url, "one") as one, node(url, "two") as two:
        await connected(one, two)
        await eventually(lambda: one.healthy)


def test_a_view_names_primaries_and_replicas() -> None:
    ranges = [
        [0, 5_000, [b"10.0.0.1", 7000, b"id", []], [b"10.0.0.2", 7001, b"id", []]],
        [5_001, 16_383, [None, 7002, b"id", []], [b"", 7003, b"id"]],
    ]
    view = parse_view(INFO, ranges, "10.0.0.9")
    assert view.epoch == 7
    assert view.slots == Slots.of([(0, 5_000, ("10.0.0.1", 7000)), (5_001, 16_383, ("10.0.0.9", 7002))])
    assert view.members == {("10.0.0.1", 7000), ("10.0.0.2", 7001), ("10.0.0.9", 7002), ("10.0.0.9", 7003)}


@pytest.mark.parametrize(
    ("info", "ranges"),
    [
        (b"", []),
        (b"cluster_current_epoch:seven", []),
        (INFO, [[0, 5]]),
        (INFO, [[0, 5, []]]),
        (INFO, [[0, 5, [b"10.0.0.1", b"port"]]]),
        (INFO, [b"0-5"]),
    ],
)
def test_a_view_that_makes_no_sense_is_refused(info: bytes, ranges: list[object]) -> None:
    with pytest.raises(RedisError):
        parse_view(info, ranges, "10.0.0.9")
