"""Two nodes on one PostgreSQL and one Redis: nobody needs to know who sits where, nor that Redis or a node is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from clients.python.client import Callbacks, Client
from clients.python.monitor import Monitor
from clients.python.rest import Rest
from protocol.attempt.facts import Connected, Disconnected
from protocol.codes import Close, Code
from protocol.content import Rules
from protocol.messages.candidate import Ack, StaffMessage, StatePush
from protocol.messages.connection import Goodbye, RefusedOp
from protocol.messages.monitor import Row
from protocol.messages.operations import Answer, Start, Submit
from tests.e2e.candidates import Writer, answers_in
from tests.e2e.deployment import Deployment, ServerNode
from tests.e2e.exams import seat, short_texts
from tests.e2e.proxy import Proxy
from tests.e2e.raw import RawSocket
from tests.services.patience import SCENARIO_S
from tests.services.redis import RedisServer

MINUTES = 60_000


class Pushes:
    """What the server tells a candidate by itself, to be waited for."""

    def __init__(self) -> None:
        self.states: asyncio.Queue[StatePush] = asyncio.Queue()
        self.messages: asyncio.Queue[StaffMessage] = asyncio.Queue()
        self.callbacks = Callbacks(state=self.states.put_nowait, message=self.messages.put_nowait)

    async def status(self, status: str) -> StatePush:
        """The next state with this status."""
        while (push := await self.states.get()).state.status != status:
            pass
        return push

    async def deadline(self, deadline_ms: int) -> None:
        """Returns when the deadline is told to be this one."""
        while (await self.states.get()).state.test_clock.deadline_ms != deadline_ms:
            pass


@asynccontextmanager
async def _two_nodes(cluster: Deployment) -> AsyncIterator[tuple[ServerNode, ServerNode, Rest]]:
    first, second = cluster.node(), cluster.node()
    await asyncio.gather(first.start(), second.start())
    async with cluster.service(second) as service:
        await service.put_test("exam", short_texts(6))
        yield first, second, service


async def test_an_instructor_on_another_node_sees_and_steers(either_cluster: Deployment) -> None:
    cluster = either_cluster
    async with _two_nodes(cluster) as (first, second, service), AsyncExitStack() as stack:
        one = await seat(service, "exam", "ada")
        pushes = Pushes()
        client = Client(first.url, one.attempt_id, one.token, callbacks=pushes.callbacks)
        monitor = Monitor(second.url, "exam", cluster.token("instructor", "grace"))
        await stack.enter_async_context(asyncio.timeout(SCENARIO_S))
        await stack.enter_async_context(monitor)
        await stack.enter_async_context(client)
        await client.start()
        started = (await pushes.status("in_progress")).state
        await client.answer("q1", "right")
        await client.answer("q2", "wrong")
        await client.flag("q3", True)
        await client.progress(2)
        rows = await monitor.until(
            lambda rows: one.attempt_id in rows and _shown(rows[one.attempt_id]) == ("in_progress", "online", 2, 1, 2)
        )
        assert rows[one.attempt_id].deadline_ms == started.test_clock.deadline_ms

        assert started.test_clock.deadline_ms is not None
        await monitor.extend(one.attempt_id, add_ms=5 * MINUTES, reason="fire alarm")
        await pushes.deadline(started.test_clock.deadline_ms + 5 * MINUTES)

        await monitor.pause(one.attempt_id)
        standing = (await pushes.status("paused")).state
        assert (standing.test_clock.deadline_ms, standing.test_clock.left_ms is not None) == (None, True)
        await monitor.resume(one.attempt_id)
        again = (await pushes.status("in_progress")).state
        assert again.test_clock.deadline_ms is not None
        assert again.test_clock.deadline_ms >= started.test_clock.deadline_ms + 5 * MINUTES

        await monitor.message(one.attempt_id, "Ten minutes more for everybody.")
        message = await pushes.messages.get()
        assert message.text == "Ten minutes more for everybody."
        await monitor.until(lambda rows: rows[one.attempt_id].message == "delivered")
        await client.receipt(message.message_id, seen=True)
        await monitor.until(lambda rows: rows[one.attempt_id].message == "seen")

        await client.submit()
        rows = await monitor.until(lambda rows: rows[one.attempt_id].status == "completed")
        assert (rows[one.attempt_id].score_mpt, rows[one.attempt_id].max_mpt) == (1_000, 6_000)
    assert await cluster.verify() == 1


async def test_a_candidate_who_moves_to_another_node_leaves_nobody_behind(cluster: Deployment) -> None:
    async with _two_nodes(cluster) as (first, second, service), asyncio.timeout(SCENARIO_S):
        one = await seat(service, "exam", "ada")
        async with RawSocket(first.url, one) as old:
            await old.welcome()
            async with Client(second.url, one.attempt_id, one.token) as client:
                await client.start()
                # The old socket is still being closed, or is closed already: it says whatever it likes in vain.
                await old.send(Answer(2, "q1", "from the old tab", None, 0))
                await client.answer("q1", "from the new one")
                messages, code = await old.rest()
                assert code == Close.SUPERSEDED
                assert not [message for message in messages if isinstance(message, Ack)]
                assert [one.after_ms for one in messages if isinstance(one, Goodbye)] == [None]
                assert client.connections == 1
        records, attempt = await cluster.log(one.attempt_id)
        assert answers_in(records) == [("q1", "from the new one")]
        # Only the connection in force can end; the other one had ended when this one began.
        kinds = [type(record.entry.fact) for record in records]
        assert (kinds.count(Connected), kinds.count(Disconnected)) == (2, 1)
        assert attempt.connection_id is None


async def test_without_redis_nothing_is_wrong_and_with_it_again_everything_is_shown(
    cluster: Deployment, redis_server: RedisServer
) -> None:
    async with _two_nodes(cluster) as (first, second, service), AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(SCENARIO_S))
        monitor = Monitor(second.url, "exam", cluster.token("instructor", "grace"))
        await stack.enter_async_context(monitor)
        writers = [Writer(first.url, await seat(service, "exam", f"user-{number}"), 6, 4) for number in range(3)]
        for writer in writers:
            await stack.enter_async_context(writer.client)
            await writer.client.start()
        moved = await seat(service, "exam", "moved")
        old = await stack.enter_async_context(RawSocket(first.url, moved))
        await old.welcome()
        await old.send(Start(1, None, 0))
        while not isinstance(await old.next(), Ack):
            pass
        ids = [writer.seat.attempt_id for writer in writers]
        await monitor.until(lambda rows: all(one in rows and rows[one].connection == "online" for one in ids))

        await asyncio.to_thread(redis_server.kill)

        # Answers go on.
        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.write_all())
        # A command from the other node is durable at once, and reaches the candidate all the same.
        extended, paused, _ = writers
        before = extended.deadline_ms
        assert before is not None
        await monitor.extend(extended.seat.attempt_id, add_ms=5 * MINUTES)
        await monitor.pause(paused.seat.attempt_id)
        _, attempt = await cluster.log(extended.seat.attempt_id)
        assert attempt.test_clock.deadline_ms == before + 5 * MINUTES
        assert (
            await extended.told(lambda state: state.test_clock.deadline_ms != before)
        ).test_clock.deadline_ms == before + 5 * MINUTES
        assert (await paused.told(lambda state: state.status == "paused")).test_clock.left_ms is not None
        # Nobody has told the first node that she has moved to the second: the log does.
        async with Client(second.url, moved.attempt_id, moved.token) as client:
            await client.welcomed()
            await old.send(Answer(2, "q1", "from the old tab", None, 0))
            await old.send(Submit(3, 0))
            messages, code = await old.rest()
            assert code == Close.SUPERSEDED
            assert not [message for message in messages if isinstance(message, Ack)]
            refusals = {message.code for message in messages if isinstance(message, RefusedOp)}
            assert refusals <= {Code.SUPERSEDED}
            assert (await service.status(moved.attempt_id)).state.status == "in_progress"
            await client.answer("q1", "from the new one")
        records, _ = await cluster.log(moved.attempt_id)
        assert answers_in(records) == [("q1", "from the new one")]

        await asyncio.to_thread(redis_server.start)

        # What was missed is made up for: the rows are what the log says.
        logs = [(await cluster.log(one))[1] for one in ids]
        expected = {
            attempt.identity.attempt_id: (
                attempt.seq,
                attempt.status,
                len(attempt.answers),
                attempt.test_clock.deadline_ms,
            )
            for attempt in logs
        }
        await monitor.until(
            lambda rows: (
                {one: (rows[one].seq, rows[one].status, rows[one].answered, rows[one].deadline_ms) for one in ids}
                == expected
            )
        )
    assert await cluster.verify() == 4


async def test_a_node_that_is_killed_is_not_shown_as_fine_and_its_candidates_go_on_elsewhere(
    cluster: Deployment,
) -> None:
    async with _two_nodes(cluster) as (first, second, service), AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(SCENARIO_S))
        await service.put_test("short", short_texts(2, Rules(duration_ms=6_000, grace_ms=500)))
        monitor = Monitor(second.url, "exam", cluster.token("instructor", "grace"))
        watcher = Monitor(second.url, "short", cluster.token("instructor", "grace"))
        await stack.enter_async_context(monitor)
        await stack.enter_async_context(watcher)
        balancer = await stack.enter_async_context(Proxy(first.port))

        stays, moves = [await seat(service, "exam", user_id) for user_id in ("stays", "moves")]
        due = await seat(service, "short", "due")
        lost = await stack.enter_async_context(Client(first.url, stays.attempt_id, stays.token))
        late = await stack.enter_async_context(Client(first.url, due.attempt_id, due.token))
        client = await stack.enter_async_context(Client(balancer.url, moves.attempt_id, moves.token))
        for each in (lost, late, client):
            await each.start()
        await client.answer("q1", "before")
        await late.answer("q1", "right")
        both = [stays.attempt_id, moves.attempt_id]
        await monitor.until(lambda rows: all(one in rows and rows[one].connection == "online" for one in both))

        balancer.target = second.port
        await first.kill()

        # The one goes on where she was, on the other node; the other is nowhere, and nobody says that she is fine.
        await client.answer("q2", "after")
        assert client.connections == 2
        rows = await monitor.until(lambda rows: rows[stays.attempt_id].connection != "online")
        assert rows[stays.attempt_id].connection == "unknown"
        rows = await monitor.until(lambda rows: rows[moves.attempt_id].answered == 2)
        assert rows[moves.attempt_id].connection == "online"
        _, attempt = await cluster.log(moves.attempt_id)
        assert [(answer.value) for _, answer in attempt.answers.items()] == ["before", "after"]

        # What is due is closed by who is left.
        rows = await watcher.until(lambda rows: rows[due.attempt_id].status == "completed")
        _, attempt = await cluster.log(due.attempt_id)
        assert attempt.started_at_ms is not None
        assert attempt.ended_at_ms == attempt.started_at_ms + 6_000
        assert (rows[due.attempt_id].score_mpt, rows[due.attempt_id].connection != "online") == (1_000, True)
    assert await cluster.verify() == 3


def _shown(row: Row) -> tuple[str, str, int, int, int]:
    return row.status, row.connection, row.answered, row.flagged, row.question_index
