"""One server as the relay uses it."""

import pytest

from server.relay.link import Link
from server.relay.servers import Servers
from server.relay.words import Events
from tests.server.harness.waiting import eventually
from tests.services.redis import RedisServer


async def test_it_comes_back_is_told_once_and_asks_where_its_channels_are(
    redis_server: RedisServer, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "server.relay")
    heard: list[tuple[str, bytes]] = []
    gaps: list[int] = []
    moves: list[int] = []
    servers = Servers(redis_url)

    def hear(channel: str, data: bytes) -> bool:
        heard.append((channel, data))
        return True

    events = Events(hear, lambda: gaps.append(1), lambda: moves.append(1))
    link = Link(servers, servers.seeds[0], events, "probe")
    link.want_only({"probe", "one"})
    link.start()
    try:
        link.send(("one", b"0"))
        await eventually(lambda: link.healthy)
        assert (moves, caplog.messages) == ([], [])
        gaps.clear()
        redis_server.kill()
        await eventually(lambda: not link.healthy)
        await eventually(lambda: moves)
        assert gaps == []
        redis_server.start()
        # As somebody does who hears of the gap: that the old connection is dead must not cost it.
        await eventually(lambda: gaps)
        link.send(("one", b"1"))
        await eventually(lambda: link.healthy and ("one", b"1") in heard)
    finally:
        await link.close()
    name = f"127.0.0.1:{redis_server.port}"
    assert caplog.messages[-1] == f"The relay can use Redis at {name} again"
    start = f"The relay cannot use Redis at {name} ("
    lost = [message for message in caplog.messages[:-1] if message.startswith(start)]
    assert len(lost) == len(moves) == len(set(lost)), "each reason once"
