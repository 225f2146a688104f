"""The server dies in the middle of an exam. Everything that was acknowledged is there, once; the exam goes on."""

import asyncio
from contextlib import AsyncExitStack

from protocol.attempt.facts import Expired, Paused
from protocol.content import Rules
from tests.e2e.candidates import Writer, answers_in
from tests.e2e.deployment import Deployment
from tests.e2e.exams import seat, short_texts
from tests.e2e.rest_seat import RestSeat
from tests.services.patience import SCENARIO_S

QUESTIONS = 10
ROUNDS = 6
CANDIDATES = 5
SHORT_MS = 6_000


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
                # Under load one of them may have all its answers saved before another one has five.
                writer.may_finish.clear()
                group.create_task(writer.write())
            for number, writer in enumerate(writers):
                await writer.has_acked(5 + number)
            await node.kill()
            deadlines = [writer.deadline_ms for writer in writers]
            for writer in writers:
                writer.may_finish.set()

            # Whatever was still on its way to a client has arrived now or never will.
            in_the_middle = [list(writer.acked) for writer in writers]
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


async def test_a_deadline_that_passes_while_the_server_is_dead_expires_nobody_whose_clock_stands_then(
    deployment: Deployment,
) -> None:
    node = deployment.node()
    await node.start()
    rules = Rules(duration_ms=SHORT_MS, warnings_ms=[], on_disconnect="pause", pause_budget_ms=600_000)
    async with AsyncExitStack() as stack, asyncio.timeout(SCENARIO_S):
        service = await stack.enter_async_context(deployment.service(node))
        await service.put_test("exam", short_texts(QUESTIONS, rules))
        writer = Writer(node.url, await seat(service, "exam", "over-a-socket"), QUESTIONS, 1)
        await stack.enter_async_context(writer.client)
        caller = await seat(service, "exam", "over-rest")
        phone = await RestSeat.open(await stack.enter_async_context(node.rest(caller.token)), caller.attempt_id)
        await writer.client.start()
        await phone.start()
        before_ms = writer.deadline_ms
        await node.kill()
        assert before_ms is not None
        await asyncio.sleep((before_ms - deployment.now_ms()) / 1000 + 3)
        await node.start()

        # Whoever closes what is overdue has looked before the candidates come back.
        await writer.told(
            lambda state: state.test_clock.deadline_ms is not None and state.test_clock.deadline_ms > before_ms
        )
        await writer.write_all()
        state = (await phone.come_back()).state
        assert state.status == "in_progress"
        assert state.test_clock.deadline_ms is not None
        assert state.test_clock.deadline_ms > deployment.now_ms()
    for attempt_id in (writer.seat.attempt_id, caller.attempt_id):
        records, _ = await deployment.log(attempt_id)
        facts = [record.entry.fact for record in records]
        first = next(fact for fact in facts if isinstance(fact, Paused))
        assert first.at_ms < before_ms
        assert Expired not in map(type, facts)
    assert answers_in((await deployment.log(writer.seat.attempt_id))[0]) == writer.asked
