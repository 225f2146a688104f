"""SIGTERM in the middle of an exam: everybody is told when to come back, and nothing is lost."""

import asyncio
from contextlib import AsyncExitStack

from protocol.codes import Close
from tests.e2e.candidates import Writer, answers_in
from tests.e2e.deployment import Deployment
from tests.e2e.exams import seat, short_texts
from tests.services.patience import SCENARIO_S

QUESTIONS = 10
ROUNDS = 6
CANDIDATES = 5


async def test_sigterm_under_load_loses_nothing_and_says_when_to_come_back(embedded: Deployment) -> None:
    node = embedded.node()
    await node.start()
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(embedded.service(node))
        await service.put_test("exam", short_texts(QUESTIONS))
        writers = [
            Writer(node.url, await seat(service, "exam", f"user-{number}"), QUESTIONS, ROUNDS)
            for number in range(CANDIDATES)
        ]
        for writer in writers:
            await stack.enter_async_context(writer.client)
        async with asyncio.timeout(SCENARIO_S), asyncio.TaskGroup() as group:
            for writer in writers:
                writer.may_finish.clear()
                group.create_task(writer.write())
            for writer in writers:
                await writer.has_acked(5)
            assert await node.terminate() == 0, node.output
            for writer in writers:
                farewell = await writer.farewell
                assert farewell.code == Close.TRY_AGAIN
                assert farewell.after_ms is not None
                acked = list(writer.acked)
                records, _ = await embedded.log(writer.seat.attempt_id)
                assert answers_in(records)[: len(acked)] == acked, "an acknowledged answer is not in the log"
                writer.may_finish.set()
            await node.start()
        for writer in writers:
            assert writer.client.connections >= 2, "it came back by itself"
            records, _ = await embedded.log(writer.seat.attempt_id)
            assert answers_in(records) == writer.asked, "each answer is there once, in its order"
    assert " 0 broken" in await embedded.run("verify-log")
