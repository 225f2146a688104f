"""A candidate whose network lets no WebSocket through sits the whole sample exam by REST alone."""

import pytest

from clients.python.errors import Refused
from clients.python.rest import Rest
from protocol.codes import Code
from protocol.rest.attempts import NewAttempt
from protocol.rest.operations import NumberedAnswer
from protocol.rest.results import Result
from tests.e2e.deployment import Deployment
from tests.e2e.rest_seat import RestSeat
from tests.e2e.sample import ESSAY, RIGHT, TEST_ID, links
from tests.e2e.waiting import until


async def test_the_sample_exam_by_rest_alone(embedded: Deployment) -> None:
    node = embedded.node("demo")
    await node.start()
    found = await links(node)
    async with node.rest(found.candidate_token) as rest:
        made = await rest.make_attempt(NewAttempt(test_id=TEST_ID))
        attempt_id = made.attempt_id
        assert (made.created, made.token) == (True, None)
        with pytest.raises(Refused, match=Code.NOT_STARTED):
            await rest.paper(attempt_id)
        seat = await RestSeat.open(rest, attempt_id)
        state = (await seat.start()).state
        assert state.test_clock.deadline_ms is not None

        paper = await rest.paper(attempt_id)
        assert [question.question_id for question in paper.questions] == [*RIGHT, ESSAY]
        last_n = (await seat.come_back()).last_n
        answers = [
            NumberedAnswer(n=last_n + number, question_id=question_id, value=value, client_at_ms=0)
            for number, (question_id, value) in enumerate(RIGHT.items(), start=1)
        ]
        reply = await seat.answer(answers)
        assert (reply.acked, reply.refused) == ([answer.n for answer in answers], [])
        n = answers[-1].n
        await seat.progress(n + 1, 11)
        await seat.flag(n + 2, ESSAY)
        essay = NumberedAnswer(
            n=n + 3, question_id=ESSAY, value="<p>A coin has <em>no</em> memory.</p>", client_at_ms=0
        )
        await seat.answer([essay])
        # What got lost on the way is sent again, and changes nothing.
        again = await seat.answer([*answers[-2:], essay])
        assert (again.acked, again.state.seq) == ([n - 1, n, n + 3], again.seq)

        here = await seat.come_back()
        assert {answer.question_id: answer.value for answer in here.answers} == RIGHT | {ESSAY: essay.value}
        assert (here.question_index, here.flagged, here.last_n) == (11, [ESSAY], n + 3)
        assert (await seat.heartbeat()).state.test_clock.deadline_ms == state.test_clock.deadline_ms

        ended = (await seat.complete(n + 4)).state
        assert (ended.status, ended.reference is not None) == ("submitted", True)
        assert (await seat.complete(n + 4)).state.reference == ended.reference

        async def marked(by: Rest) -> Result | None:
            try:
                return await by.result(attempt_id)
            except Refused as refused:
                if refused.code != Code.NOT_READY:
                    raise
                return None

        async with node.rest(found.service_token) as service:

            async def machine_marked() -> Result | None:
                return await marked(service)

            by_machine = await until(machine_marked)
            assert (by_machine.score_mpt, by_machine.awaiting_marks, by_machine.complete) == (20_000, 1, False)
            with pytest.raises(Refused, match=Code.NOT_READY):
                await rest.result(attempt_id)
            await service.mark(attempt_id, ESSAY, score_mpt=2_500)

        async def shown() -> Result | None:
            return await marked(rest)

        result = await until(shown)
        assert (result.score_mpt, result.max_mpt, result.awaiting_marks, result.complete) == (22_500, 23_000, 0, True)
