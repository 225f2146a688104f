"""Time runs out, whoever is there to see it: the attempt expires at its deadline, and is marked."""

import asyncio

from clients.python.client import Client
from clients.python.monitor import Monitor
from protocol.attempt.facts import Expired
from protocol.content import Rules
from protocol.messages.monitor import Row
from tests.e2e.deployment import Deployment, Organisation, Server, Tenant
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.waiting import until_ms
from tests.services.patience import SCENARIO_S

RULES = Rules(duration_ms=6_000, grace_ms=300, warnings_ms=[1_000])
"""Time enough for a busy machine to carry two answers, and to kill a server."""


async def test_the_deadline_passes_while_the_server_is_down(deployment: Deployment) -> None:
    node = deployment.node()
    await node.start()
    one, deadline_ms = await _sit(deployment, node)
    await node.kill()
    _, attempt = await deployment.log(one.attempt_id)
    assert attempt.status == "in_progress"
    await until_ms(deadline_ms + 1_000)

    await node.start()
    row = await _completed(deployment, node, one)
    assert row.ended_at_ms == deadline_ms, "it ended at its deadline, not when the server came back"
    records, _ = await deployment.log(one.attempt_id)
    assert [record.entry.at_ms - deadline_ms >= 1_000 for record in records if _is_end(record.entry.fact)] == [True]
    await _check_result(deployment, node, one)
    assert await deployment.verify() == 1


async def test_the_deadline_passes_while_the_candidate_is_away(tenant: Tenant) -> None:
    node = tenant.node
    one, deadline_ms = await _sit(tenant, node)
    row = await _completed(tenant, node, one)
    assert row.ended_at_ms == deadline_ms
    await _check_result(tenant, node, one)


async def _sit(org: Organisation, node: Server) -> tuple[Seat, int]:
    """A candidate starts, gives a right answer and a wrong one, and is gone."""
    async with org.service(node) as service:
        await service.put_test("exam", short_texts(2, RULES))
        one = await seat(service, "exam", "ada")
    async with asyncio.timeout(SCENARIO_S), Client(node.url, one.attempt_id, one.token) as client:
        await client.start()
        await client.answer("q1", "right")
        await client.answer("q2", "wrong")
        assert client.state is not None
        assert client.state.test_clock.deadline_ms is not None
        return one, client.state.test_clock.deadline_ms


async def _completed(org: Organisation, node: Server, one: Seat) -> Row:
    """The attempt's row, once an instructor sees that its result is there."""
    token = org.token("instructor", "grace")
    async with asyncio.timeout(SCENARIO_S), Monitor(node.url, "exam", token) as monitor:
        rows = await monitor.until(lambda rows: rows[one.attempt_id].status == "completed")
        return rows[one.attempt_id]


async def _check_result(org: Organisation, node: Server, one: Seat) -> None:
    records, _ = await org.log(one.attempt_id)
    ends = [record.entry.fact for record in records if _is_end(record.entry.fact)]
    assert [type(end) for end in ends] == [Expired]
    async with org.service(node) as service:
        result = await service.result(one.attempt_id)
    assert (result.status, result.complete, result.score_mpt, result.max_mpt) == ("completed", True, 1_000, 2_000)


def _is_end(fact: object) -> bool:
    return isinstance(fact, Expired)
