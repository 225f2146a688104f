"""An act on many attempts outlives the server that carried it out: nobody is left out, and nobody gets it twice."""

import asyncio
import signal
from functools import partial

import pytest

from clients.python.rest import Rest
from protocol.attempt.facts import Extended, Record
from protocol.content import Rules
from protocol.orders import COMMANDS, Filter
from protocol.rest.bulk import BulkBody, BulkTargets
from tests.e2e.deployment import Deployment
from tests.e2e.exams import seat, short_texts
from tests.e2e.waiting import until
from tests.services.patience import SCENARIO_S

ATTEMPTS = 35
MINUTES_MS = 600_000
(EXTEND,) = (order for order, command in COMMANDS.items() if command.__struct_config__.tag == "extend")


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("transaction", ["before.commit:2", pytest.param("after.commit:2", marks=pytest.mark.long)])
async def test_an_act_is_carried_on_by_the_other_node(cluster: Deployment, transaction: str) -> None:
    other = cluster.node()
    await other.start()
    dying = cluster.node(failpoints=transaction)
    async with asyncio.timeout(SCENARIO_S), cluster.service(other) as service:
        await service.put_test("exam", short_texts(1, Rules(duration_ms=3_600_000)))
        seats = [await seat(service, "exam", f"user-{number:02}") for number in range(ATTEMPTS)]
        for one in seats:
            await service.start(one.attempt_id)
        ids = [one.attempt_id for one in seats]
        before = [attempt.test_clock.deadline_ms for _, attempt in await cluster.logs(ids)]
        await dying.start()
        # It can't take the act before the other one has died with it.
        assert other.process is not None
        other.process.signal(signal.SIGSTOP)
        order = EXTEND(add_ms=MINUTES_MS, reason="fire alarm")
        body = BulkBody(bulk_id="b", order=order, filter=Filter(statuses=["in_progress"]))
        async with cluster.service(dying) as at_dying:
            await at_dying.bulk("exam", body)
        assert dying.process is not None
        await dying.process.exit()
        have_it = sum(_extensions(records) for records, _ in await cluster.logs(ids))
        assert have_it < ATTEMPTS, "it died half way"

        other.process.signal(signal.SIGCONT)
        report = await until(partial(_ended, service))
        assert (report.act.done, report.act.refused, report.act.total) == (ATTEMPTS, 0, ATTEMPTS)
        for (records, attempt), deadline_ms in zip(await cluster.logs(ids), before, strict=True):
            assert _extensions(records) == 1
            assert deadline_ms is not None
            assert attempt.test_clock.deadline_ms == deadline_ms + MINUTES_MS
    assert await cluster.verify() == ATTEMPTS


def _extensions(records: list[Record]) -> int:
    return sum(isinstance(record.entry.fact, Extended) for record in records)


async def _ended(service: Rest) -> BulkTargets | None:
    page = await service.bulk_targets("b")
    return page if page.act.status == "ended" else None
