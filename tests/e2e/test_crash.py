"""The server dies in the middle of an exam. Everything that was acknowledged is there, once; the exam goes on."""

import asyncio
from contextlib import AsyncExitStack

from tests.e2e.candidates import Writer, answers_in
from tests.e2e.deployment import Deployment
from tests.e2e.exams import seat, short_texts
from tests.services.patience import SCENARIO_S

QUESTIONS = 10
ROUNDS = 6
CANDIDATES = 5


async def test_kill_9_loses_nothing_that_was_acknowledged(deployment: Deployment) -> None:
    node = deployment.node()
    await node.start()
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(deployment.service(node))
        await service.put_test("exam", short_texts(QUESTIONS))
        seats = [await seat(service, "exam", f"user-{number}") for number in range(CANDIDATES)]
        writers = [Writer(node.url, one, QUESTIONS, ROUNDS) for one in seats]
        for writer in writers:
            await stack.enter_async_context(writer.client)
        async with asyncio.timeout(SCENARIO_S), asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.write())
            for number, writer in enumerate(writers):
                await writer.has_acked(5 + number)
            await node.kill()
            deadlines = [writer.deadline_ms for writer in writers]

            # Whatever was still on its way to a client has arrived now or never will.
            in_the_middle = [list(writer.acked) for writer in writers]
            assert all(len(acked) < QUESTIONS * ROUNDS for acked in in_the_middle), "it was killed too late"
            for writer, acked in zip(writers, in_the_middle, strict=True):
                records, _ = await deployment.log(writer.seat.attempt_id)
                kept = answers_in(records)
                assert kept[: len(acked)] == acked, "an acknowledged answer is not in the log"

            await node.start()

        for writer, deadline_ms in zip(writers, deadlines, strict=True):
            assert writer.client.connections >= 2, "it came back by itself"
            assert writer.deadline_ms == deadline_ms is not None
            records, _ = await deployment.log(writer.seat.attempt_id)
            assert answers_in(records) == writer.asked, "each answer is there once, in its order"
            reply = await service.answers(writer.seat.attempt_id)
            stored = {answer.question_id: answer.value for answer in reply.answers}
            assert stored == dict(writer.asked), "the last answer to each question counts"
            state = await writer.client.submit()
            assert state.status in ("submitted", "completed")
    assert await deployment.verify() == CANDIDATES
