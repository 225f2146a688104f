"""A node that stores a test tells the others: whoever looks at a start page there need not wait for their next look."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from protocol.content import TestContent
from server.attempts.live import LiveAttempt
from server.relay.frames import TestStored, encode
from storage.enrolments import Enrolment
from storage.migrate import migrate
from tests.server.conftest import StartServer
from tests.server.harness.exam import ORG, TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually

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


async def test_versions_that_are_stored_while_one_is_followed_are_followed_together(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who is enrolled is asked once for all who look at a start page."""
    await server.make_test(access_code="harbour")
    attempts = [await server.make_attempt(user) for user in ("ada", "bob", "cy")]
    gate, looks = asyncio.Event(), []
    enrolments = server.node.enrolments
    inner, follow = enrolments.enrolled_among, LiveAttempt.follow_test
    followed: list[str] = []

    async def count(live: LiveAttempt) -> None:
        followed.append(live.committed.identity.user_id)
        await follow(live)

    async def look(org_id: str, test_id: str, course_id: str | None, user_ids: Sequence[str]) -> dict[str, Enrolment]:
        looks.append(sorted(user_ids))
        await gate.wait()
        return await inner(org_id, test_id, course_id, user_ids)

    async with (
        await server.sit(attempts[0]) as socket,
        await server.sit(attempts[1], user="bob"),
        await server.sit(attempts[2], user="cy"),
    ):
        monkeypatch.setattr(enrolments, "enrolled_among", look)
        monkeypatch.setattr(LiveAttempt, "follow_test", count)
        for more in range(5):
            await server.make_test(access_code="harbour", duration_ms=MENDED_MS + more)
            # On a busy machine the first one would be followed only when the last one is there.
            await eventually(lambda: looks)
        gate.set()
        while (await socket.until("offer"))["duration_ms"] != MENDED_MS + 4:
            pass
    assert sorted(followed) == ["ada", "ada", "bob", "bob", "cy", "cy"], "for the first version, and for the last one"
    assert 1 < len(looks) < len(followed)
