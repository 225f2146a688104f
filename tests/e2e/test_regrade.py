"""A regrade outlives the server that began it: every attempt has it once, and its new marks."""

import asyncio
from functools import partial

import msgspec
import pytest

from clients.python.errors import Refused
from clients.python.rest import Rest
from protocol.attempt.facts import Record, Regraded
from protocol.codes import Code
from protocol.rest.gradebook import RegradeBody, RegradeProgress
from tests.e2e.deployment import Deployment, Server
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.waiting import until
from tests.services.patience import SCENARIO_S
from tests.worth import worth

ATTEMPTS = 45
"""More than two pages of a regrade."""


# The other combinations only in the long run.
@pytest.mark.parametrize(
    ("deployment", "transaction"),
    [
        pytest.param("sqlite", "before.commit:2", marks=pytest.mark.long),
        pytest.param("postgres", "after.commit:3", marks=pytest.mark.postgres),
        pytest.param("sqlite", "after.commit:3", marks=pytest.mark.long),
        pytest.param("postgres", "before.commit:2", marks=[pytest.mark.long, pytest.mark.postgres]),
    ],
    indirect=["deployment"],
)
async def test_a_regrade_is_carried_on_when_the_server_has_died_in_it(deployment: Deployment, transaction: str) -> None:
    node = deployment.node()
    await node.start()
    content = short_texts(1)
    async with asyncio.timeout(SCENARIO_S), deployment.service(node) as service:
        await service.put_test("exam", content)
        seats = [await seat(service, "exam", f"user-{number:02}") for number in range(ATTEMPTS)]
        for one in seats:
            await service.start(one.attempt_id)
            await service.complete(one.attempt_id)
        question = worth(content.questions[0], 3_000)
        keys = await service.put_test("exam", msgspec.structs.replace(content, questions=[question]))
        await _until_marked(service, 1)
        await node.kill()

        dying = deployment.node(port=node.port, failpoints=transaction)
        await dying.start()
        body = RegradeBody(key_version=keys.version, reason="It is worth more.")
        regrade_id = (await service.regrade("exam", body)).regrade_id
        assert regrade_id is not None
        assert dying.process is not None
        await dying.process.exit()
        ids = [one.attempt_id for one in seats]
        have_it = sum(_regrades(records) for records, _ in await deployment.logs(ids))
        assert have_it < ATTEMPTS, "it died half way"

        await node.start()
        progress = await until(partial(_ended, service, regrade_id))
        assert (progress.done, progress.refused) == (ATTEMPTS, 0)
        await _until_marked(service, 2)

        async def in_the_log() -> bool | None:
            # A result is there before the record that says so.
            of_all = {attempt.max_mpt for _, attempt in await deployment.logs(ids)}
            return True if of_all == {3_000} else None

        await until(in_the_log)
        for records, attempt in await deployment.logs(ids):
            assert _regrades(records) == 1
            assert attempt.key_version == keys.version
    assert await deployment.verify() == ATTEMPTS


@pytest.mark.long
@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
async def test_nobody_sees_old_marks_while_a_regrade_waits_for_a_server(deployment: Deployment) -> None:
    """The results are released between the death of a server in the regrade and its end. Each candidate looks again and
    again: what she sees is by the new keys, or that marks are being made."""
    node = deployment.node()
    await node.start()
    content = short_texts(1)
    async with asyncio.timeout(SCENARIO_S), deployment.service(node) as service:
        await service.put_test("exam", content)
        seats = [await seat(service, "exam", f"user-{number:02}") for number in range(ATTEMPTS)]
        for one in seats:
            await service.start(one.attempt_id)
            await service.complete(one.attempt_id)
        held = msgspec.structs.replace(content.rules, release="by_staff")
        question = worth(content.questions[0], 3_000)
        keys = await service.put_test("exam", msgspec.structs.replace(content, rules=held, questions=[question]))
        await _until_marked(service, 1)
        await node.kill()

        dying = deployment.node(port=node.port, failpoints="after.commit:3")
        await dying.start()
        body = RegradeBody(key_version=keys.version, reason="It is worth more.")
        regrade_id = (await service.regrade("exam", body)).regrade_id
        assert dying.process is not None
        await dying.process.exit()
        await node.start()
        await service.release_results("exam", reason="The board has met.")
        seen = await asyncio.gather(*(_until_shown(node, one) for one in seats))
        assert set.union(*seen) <= {3_000, Code.NOT_READY, Code.NOT_RELEASED}
        assert all(3_000 in one for one in seen)
        assert regrade_id is not None
        await until(partial(_ended, service, regrade_id))


async def _until_shown(node: Server, one: Seat) -> set[int | str]:
    """All that a candidate saw of her result until it was there: the most that it could be, or why there was none."""
    seen: set[int | str] = set()
    async with node.rest(one.token) as rest:
        while not any(isinstance(what, int) for what in seen):
            try:
                seen.add((await rest.result(one.attempt_id)).max_mpt)
            except Refused as error:
                seen.add(error.code)
                await asyncio.sleep(0.05)
    return seen


def _regrades(records: list[Record]) -> int:
    return sum(isinstance(record.entry.fact, Regraded) for record in records)


async def _until_marked(service: Rest, version: int) -> None:
    """Until every attempt has this version of its result."""

    async def probe() -> bool | None:
        listed = (await service.test_results("exam")).candidates
        marked = [one for one in listed if one.attempts[0].version == version]
        return True if len(marked) == ATTEMPTS else None

    await until(probe)


async def _ended(service: Rest, regrade_id: str) -> RegradeProgress | None:
    progress = await service.regrade_progress("exam", regrade_id)
    return progress if progress.status == "done" else None
