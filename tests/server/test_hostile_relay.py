"""The relay says that something happened, the database says what: even a node that lies changes nothing."""

from redis.asyncio import Redis
from sqlalchemy import delete

from protocol.attempt.chain import seal as record_seal
from protocol.attempt.facts import Extended
from protocol.attempt.model import Actor, Role
from protocol.codes import Close
from protocol.messages.monitor import Row
from server.relay import Measured
from server.relay.frames import Batch, Executed, encode, records_channel, rows_channel
from server.relay.seal import Seal, relay_key
from storage.schema import attempt_log
from tests.server.conftest import SECRET, Pair
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.server.monitor.rows import row
from tests.server.sockets.test_instructor import row_of
from tests.services.redis import RedisServer


class Liar:
    """A node of ours, taken over: it has the secret."""

    def __init__(self, client: Redis, one: RunningServer) -> None:
        self._client = client
        self._seal = Seal(relay_key(SECRET), "liar", one.node.clock.now_ms)

    async def tells(self, attempt_id: str, seq: int, head: bytes) -> None:
        channel = "pencilsdown:" + records_channel(attempt_id)
        message = self._seal.close(channel, encode(Executed("liar", attempt_id, seq, head)))
        await self._client.publish(channel, message)

    async def shows(self, number: int, *rows: Row) -> None:
        channel = "pencilsdown:" + rows_channel(ORG, TEST)
        message = self._seal.close(channel, encode(Batch("liar", number, False, list(rows))))
        await self._client.publish(channel, message)


async def test_a_record_that_only_the_relay_has_gives_nobody_a_minute(pair: Pair, redis_url: str) -> None:
    """A forged extension that fits the chain let an answer in after the closing."""
    one, _ = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as socket, Redis.from_url(redis_url) as client:
        liar = Liar(client, one)
        live = one.node.registry.at_hand(attempt_id)
        assert live is not None
        before = live.committed
        fact = Extended(600_000, "forged", "")
        forged = record_seal(
            before.head, before.key, before.seq + 1, one.clock.now_ms(), Actor(Role.INSTRUCTOR, "mallory"), fact
        )
        reloads = one.node.tally.reloads
        await liar.tells(attempt_id, forged.entry.seq, forged.hash)
        await eventually(lambda: one.node.tally.reloads > reloads)
        await live.settle()
        assert live.committed == before
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await socket.until("ack", n=1)


async def test_a_word_far_ahead_of_the_log_wedges_nothing(pair: Pair, redis_url: str) -> None:
    one, two = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as socket, Redis.from_url(redis_url) as client:
        liar = Liar(client, one)
        reloads = one.node.tally.reloads
        for ahead in range(50):
            await liar.tells(attempt_id, 1_000_000 + ahead, bytes(32))
        for n in range(1, 11):
            await socket.send("answer", n=n, question_id="word", value=f"{n}", client_at_ms=0)
            await socket.until("ack", n=n)
        path = f"/test-attempts/{attempt_id}/extend"
        (await two.call("POST", path, two.service, {"add_ms": 60_000, "reason": ""})).ok()
        await one.node.registry.find_moved()
        state = (await socket.until("state"))["state"]
        assert state["clocks"][0]["deadline_ms"] - state["started_at_ms"] == 660_000
        assert one.node.tally.reloads <= reloads + 3, "one look for the lies, the rest for the truth"


async def test_who_sits_when_an_older_database_takes_over_comes_back_to_what_it_has(pair: Pair) -> None:
    one, _ = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as socket:
        for n in (1, 2):
            await socket.send("answer", n=n, question_id="word", value=f"{n}", client_at_ms=0)
            await socket.until("ack", n=n)
        live = one.node.registry.at_hand(attempt_id)
        assert live is not None
        newest = (attempt_log.c.attempt_id == attempt_id) & (attempt_log.c.seq == live.committed.seq)
        await one.node.database.write(lambda connection: connection.execute(delete(attempt_log).where(newest)))
        await one.node.registry.find_moved()
        assert (await socket.end())[1] == Close.TRY_AGAIN
    async with await one.sit(attempt_id) as socket:
        await socket.send("answer", n=2, question_id="word", value="again", client_at_ms=0)
        await socket.until("ack", n=2)
        answers = (await one.call("GET", f"/test-attempts/{attempt_id}/answers", one.service)).ok()["answers"]
        assert [(saved["n"], saved["value"]) for saved in answers] == [(2, "again")]


async def test_false_rows_go_at_the_next_look_at_the_log(pair: Pair, redis_url: str) -> None:
    one, two = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id), await two.watch() as watcher, Redis.from_url(redis_url) as client:
        await row_of(watcher, attempt_id, connection="online")
        liar = Liar(client, one)
        await liar.shows(1, row(attempt_id, seq=1_000, tick=10**15, status="completed", answered=5), row("ghost"))
        await row_of(watcher, attempt_id, status="completed")
        await two.node.rooms.catch_up()
        roster = await watcher.until("roster")
        assert roster["rows"] == [], "what was false has gone"
        await row_of(watcher, attempt_id, status="in_progress", answered=0)


async def test_messages_that_are_dropped_are_counted(pair: Pair, redis_server: RedisServer) -> None:
    one, _ = pair
    await eventually(lambda: one.node.relay.healthy)
    redis_server.command("PUBLISH", "pencilsdown:revocations", "forged")
    redis_server.command("PUBLISH", "pencilsdown:records:07", "forged")

    relay = one.node.relay
    assert isinstance(relay, Measured)
    await eventually(lambda: relay.dropped["forged"] == 2)
    metrics = (await one.ops("/metrics")).raw.decode().splitlines()
    assert 'pencilsdown_relay_dropped_total{reason="forged"} 2.0' in metrics
    assert 'pencilsdown_relay_dropped_total{reason="replayed"} 0.0' in metrics
