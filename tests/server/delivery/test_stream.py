"""Events in streams of a real Redis, read in a group as docs/webhooks.md says."""

import asyncio
from typing import Any

from redis.asyncio import Redis

from protocol.events.streams import stream_of
from server.delivery.stream import Streams
from tests.server.conftest import StartServer
from tests.services.patience import PATIENCE_S
from tests.services.redis import RedisServer


async def test_a_group_reads_every_event_in_order(start_server: StartServer, redis_url: str) -> None:
    server = await start_server(events_redis_url=redis_url)
    await server.make_test()
    wanted = {"kind": "stream", "target": "exams", "topics": ["attempt.*"]}
    made = (await server.call("POST", "/subscriptions", server.service, wanted)).ok()
    assert made["secret"] is None
    subscription = made["subscription"]
    key = stream_of("school", "exams")
    async with Redis.from_url(redis_url, decode_responses=True) as redis:
        await redis.xgroup_create(key, "gradebook", id="0", mkstream=True)
        attempt_id = await server.started()
        got: list[dict[str, str]] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(got) < 2:
                await server.node.courier.take_over()
                await server.node.courier.look()
                read: Any = await redis.xreadgroup("gradebook", "one", {key: ">"}, count=10, block=50)
                got += [fields for _, entries in read for _, fields in entries]
    assert [one["id"] for one in got] == [f"{attempt_id}:1", f"{attempt_id}:2"]
    assert [one["type"] for one in got] == ["attempt.created", "attempt.started"]
    detail = f"/subscriptions/{subscription['subscription_id']}/deliveries/{attempt_id}:1"
    shown = (await server.call("GET", detail, server.service)).ok()["event"]
    assert f'"timestamp":"{shown["timestamp"]}"' in got[0]["event"]
    for name in ("", "a b", "../x", "a:b", "x" * 65):
        wrong = {**wanted, "target": name or "\t"}
        assert (await server.call("POST", "/subscriptions", server.service, wrong)).code == "invalid_subscription"


async def test_a_redis_that_is_away_is_no_harm(redis_server: RedisServer, redis_url: str) -> None:
    streams = Streams(redis_url)
    try:
        assert (await streams.send("school", "exams", "a:1", "attempt.created", b"{}")).arrived
        redis_server.stop()
        told = await streams.send("school", "exams", "a:2", "attempt.created", b"{}")
        assert (told.status, told.arrived) == (None, False)
        assert told.error is not None
        assert told.error.startswith("Redis: ")
        redis_server.start()
        assert (await streams.send("school", "exams", "a:2", "attempt.created", b"{}")).arrived
    finally:
        redis_server.start()
        await streams.close()
