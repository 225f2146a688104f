"""A node that stores a test tells the others: whoever looks at a start page there need not wait for their next look."""

import msgspec
import pytest

from protocol.content import TestContent
from server.relay.frames import TestStored, encode
from storage.migrate import migrate
from tests.server.conftest import StartServer
from tests.server.harness.exam import ORG, TEST, exam
from tests.server.harness.running import RunningServer

MENDED_MS = 777_000


@pytest.fixture(autouse=True)
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its start no node looks by itself whether a test has changed."""
    monkeypatch.setattr("server.housekeeping._TESTS_EVERY_S", 3_600.0)


async def test_the_word_goes_from_node_to_node(start_server: StartServer, postgres_url: str, redis_url: str) -> None:
    await migrate(postgres_url)
    given = {"database_url": postgres_url, "redis_url": redis_url}
    one, two = await start_server(**given), await start_server(**given)
    await one.make_test()
    attempt_id = await one.make_attempt()
    async with await two.sit(attempt_id) as socket:
        await one.make_test(duration_ms=MENDED_MS)
        assert (await socket.until("offer"))["duration_ms"] == MENDED_MS
    # Before the database goes.
    await one.stop()
    await two.stop()


async def test_a_word_of_another_node_leads_to_a_look_and_nothing_else_does(server: RunningServer) -> None:
    following, node = server.node.following, server.node
    attempt_id = await server.make_attempt()
    async with await server.sit(attempt_id) as socket:
        # As the command line does: no node has stored it.
        await stored(server, 1)
        for word in (encode(TestStored(node.name, ORG, TEST)), encode(TestStored("other", ORG, "b"))):
            following.hear(word)
            assert not node._tasks
        following.hear(encode(TestStored("other", ORG, TEST)))
        assert (await socket.until("offer"))["duration_ms"] == MENDED_MS + 1
        assert [message["t"] for message in socket.skipped] == []


async def stored(server: RunningServer, more_ms: int) -> None:
    content = msgspec.convert(exam(duration_ms=MENDED_MS + more_ms), TestContent)
    await server.node.tests.put(ORG, TEST, content, server.clock.now_ms())
