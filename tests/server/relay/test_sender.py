"""Messages on their way to one server."""

import pytest
from redis.crc import key_slot

from tests.server.harness.waiting import eventually
from tests.server.relay.ears import Told
from tests.services.redis import RedisServer
from tests.services.redis_cluster import RedisCluster

pytestmark = pytest.mark.redis


async def test_all_is_sent_in_order_and_what_waits_is_bounded(redis_server: RedisServer, redis_url: str) -> None:
    told = Told(redis_server, redis_url)
    told.hearer.want("one")
    told.hearer.start()
    await eventually(lambda: told.hearer.hears_all)
    for number in range(12_000):
        told.sender.put(("one", b"%d" % number))
    assert len(told.sender) == 10_000
    told.sender.start()
    await eventually(lambda: len(told.messages) == 10_000)
    assert told.messages == [("one", b"%d" % number) for number in range(2_000, 12_000)]
    assert (len(told.sender), told.sender.up) == (0, True)
    await told.sender.close()
    await told.hearer.close()


async def test_what_waits_can_be_taken_for_another(redis_server: RedisServer, redis_url: str) -> None:
    told = Told(redis_server, redis_url)
    told.sender.put(("one", b"1"))
    told.sender.put(("two", b"2"))
    assert told.sender.take_all() == [("one", b"1"), ("two", b"2")]
    assert len(told.sender) == 0


async def test_what_a_server_has_no_more_is_lost_and_told_and_the_rest_goes_on(
    redis_cluster: RedisCluster, redis_cluster_url: str
) -> None:
    here = redis_cluster.members[0]
    slots = here.slots()
    names = [f"c{number}" for number in range(400)]
    kept = [name for name in names if key_slot(name.encode()) in slots]
    assert 0 < len(kept) < len(names)
    told = Told(here, redis_cluster_url)
    told.hearer.want_only(set(kept))
    told.hearer.start()
    await eventually(lambda: told.hearer.hears_all)
    told.sender.start()
    for name in names:
        told.sender.put((name, b"word"))
    await eventually(lambda: len(told.messages) == len(kept))
    assert told.messages == [(name, b"word") for name in kept]
    await eventually(lambda: told.moves == 2)  # once for each batch
    assert told.sender.up
    await told.sender.close()
    await told.hearer.close()


async def test_a_server_that_takes_too_long_is_given_up(
    redis_server: RedisServer, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.relay.sender._STALLED_S", 0.1)
    told = Told(redis_server, redis_url)
    told.sender.start()
    told.sender.put(("one", b"1"))
    await eventually(lambda: told.sender.up)
    with redis_server.frozen():
        told.sender.put(("one", b"2"))
        await eventually(lambda: "TimeoutError" in told.changes)
        assert not told.sender.up
    told.sender.put(("one", b"3"))
    await eventually(lambda: told.sender.up)
    await told.sender.close()
