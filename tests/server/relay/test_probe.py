"""What the relay over Redis says of itself: how long a word takes."""

from server.relay import Measured
from server.relay.local import LocalRelay
from server.relay.redis import RedisRelay
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import seal
from tests.services.redis import RedisServer


def test_in_one_process_there_is_nothing_to_measure() -> None:
    assert not isinstance(LocalRelay(), Measured)


async def test_the_lag_grows_while_a_probe_is_away_and_stands_when_it_is_back(
    redis_url: str, redis_server: RedisServer
) -> None:
    relay = RedisRelay(redis_url, seal("node"))

    def stands() -> bool:
        first = relay.lag_s
        return first > 0 and relay.lag_s == first

    await relay.start()
    try:
        await eventually(stands)
        redis_server.kill()
        await eventually(lambda: not relay.healthy)
        await eventually(lambda: not stands())
        redis_server.start()
        await eventually(stands)
        assert relay.waiting == 0
    finally:
        await relay.close()
