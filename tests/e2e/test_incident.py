"""The only server is killed and started again: it knows of its own outage, proposes who lost how much, and staff give
it back."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

import pytest
from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.attempt.facts import Connected
from protocol.content import Rules
from protocol.orders import COMMANDS
from protocol.rest.bulk import BulkBody
from protocol.rest.incidents import IncidentPage
from tests.e2e.candidates import Writer
from tests.e2e.deployment import Deployment
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.pages import Watch, monitor_link
from tests.e2e.rest_seat import RestSeat
from tests.e2e.waiting import until
from tests.services.patience import SCENARIO_S

HOUR_MS = 3_600_000
OUTAGE_S = 12
"""Longer than the least that counts as an outage."""
(EXTEND,) = (order for order, command in COMMANDS.items() if command.__struct_config__.tag == "extend")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_killed_server_proposes_who_lost_how_much_and_staff_give_it_back(
    embedded: Deployment, chromium: Browser
) -> None:
    node = embedded.node()
    await node.start()
    async with AsyncExitStack() as stack, asyncio.timeout(2 * SCENARIO_S):
        service = await stack.enter_async_context(embedded.service(node))
        await service.put_test("exam", short_texts(2, Rules(duration_ms=HOUR_MS)))
        socket, caller, stands, _ = [await seat(service, "exam", f"user-{number}") for number in range(4)]
        writer = Writer(node.url, socket, 2, 1)
        await stack.enter_async_context(writer.client)
        await writer.client.start()
        phone = await RestSeat.open(await stack.enter_async_context(node.rest(caller.token)), caller.attempt_id)
        await phone.start()
        await service.start(stands.attempt_id)
        await service.pause(stands.attempt_id)
        before = [await deadline_ms(embedded, one) for one in (socket, caller)]

        await node.kill()
        await asyncio.sleep(OUTAGE_S)
        await node.start()
        # That the node of before is dead is known 20 s after its last sign of life.
        page = await until(partial(known, service))

        (incident,) = page.incidents
        outage_ms = incident.until_ms - incident.from_ms
        assert not incident.server_died
        assert outage_ms >= OUTAGE_S * 1000
        lost = {one.attempt_id: one for one in page.lost}
        # Whose clock stood, or who had not begun, lost nothing.
        assert lost.keys() == {socket.attempt_id, caller.attempt_id}
        for one in lost.values():
            records, attempt = await embedded.log(one.attempt_id)
            # Whoever had a socket lost the time until she was back.
            returns = [
                record.entry.at_ms
                for record in records
                if isinstance(record.entry.fact, Connected)
                and record.entry.fact.node is not None
                and record.entry.at_ms > incident.until_ms
            ]
            until_ms = min(returns, default=incident.until_ms)
            # The last sign of life may have been given before she began.
            assert one.lost_ms == until_ms - max(incident.from_ms, attempt.started_at_ms or 0)
            assert one.given_ms == 0
        mine, others = (lost[one.attempt_id].lost_ms for one in (socket, caller))
        assert [await deadline_ms(embedded, one) for one in (socket, caller)] == before, "nothing is given by itself"

        # One of them is given what she lost from the page of the monitor, the other one by a call.
        watch = await Watch.open(chromium, monitor_link(embedded, node, "exam"))
        second = await Watch.open(chromium, monitor_link(embedded, node, "exam", "ian"))
        for monitor in (watch, second):
            notice = monitor.part("incidents")
            await expect(notice.locator("summary")).to_contain_text("2")
            await notice.locator("summary").click()
            other = notice.get_by_test_id(f"incident-{caller.attempt_id}")
            await other.get_by_role("checkbox").uncheck()
        # What the other one gives meanwhile is not shown to this one in time.
        await second.page.route("**/incidents*", lambda route: route.abort())
        notice = watch.part("incidents")
        own = notice.get_by_test_id(f"incident-{socket.attempt_id}")
        minutes = float(await own.get_by_role("spinbutton").input_value())
        assert minutes * 60_000 >= mine
        await notice.get_by_test_id("incidents-give").click()
        await expect(notice).to_be_hidden()
        assert await until(partial(moved, embedded, socket, before[0])) == minutes * 60_000
        await second.part("incidents-give").click()
        await expect(second.part("bulk-act").first).to_have_attribute("data-refused", "1")
        assert await moved(embedded, socket, before[0]) == minutes * 60_000, "not twice"
        order = EXTEND(add_ms=others, reason="The server was away.")
        await service.bulk("exam", BulkBody(bulk_id="b", order=order, attempt_ids=[caller.attempt_id]))
        assert await until(partial(moved, embedded, caller, before[1])) == others
        again = {one.attempt_id: one.given_ms for one in (await service.incidents("exam")).lost}
        assert again == {socket.attempt_id: minutes * 60_000, caller.attempt_id: others}, "nobody gives it twice"
        assert watch.errors == []
    assert await embedded.verify() == 4


async def deadline_ms(deployment: Deployment, one: Seat) -> int:
    _, attempt = await deployment.log(one.attempt_id)
    assert attempt.test_clock.deadline_ms is not None
    return attempt.test_clock.deadline_ms


async def moved(deployment: Deployment, one: Seat, before_ms: int) -> int | None:
    """By how much the deadline has moved; None: not yet."""
    return await deadline_ms(deployment, one) - before_ms or None


async def known(service: Rest) -> IncidentPage | None:
    page = await service.incidents("exam")
    return page if page.incidents else None
