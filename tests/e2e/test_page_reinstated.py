"""An attempt that was cancelled by mistake and made valid again, with a clock that stands until the candidate is back:
what she and staff read at each step, wherever she was meanwhile."""

import pytest
from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.attempt.facts import Connected, Reinstated
from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.proxy import Proxy
from tests.e2e.waiting import until_ms

_HOUR_MS = 3_600_000
_WRONG_ROW = "the wrong row"
_AWAY_MS = 3_000
"""For so long the clock visibly stands; one that ran would be this much further."""


async def _exam(service: Rest) -> Seat:
    await service.put_test("exam", short_texts(2, Rules(duration_ms=_HOUR_MS)))
    return await seat(service, "exam", "ada")


async def _cancelled(watch: Watch, one: Seat) -> None:
    await watch.act(one.attempt_id, "cancel", reason="two names alike", said=_WRONG_ROW)
    await watch.row_has(one.attempt_id, status="cancelled")


async def _reinstated(watch: Watch, one: Seat) -> None:
    """With the clock standing until she is there."""
    await watch.part(f"row-menu-{one.attempt_id}").click()
    await watch.part("action-reinstate").click()
    await expect(watch.part("command-dialog")).to_contain_text("The clock stands until the candidate is there")
    await watch.part("dialog-reason").fill("it was the row below")
    await watch.part("dialog-tick").check()
    await watch.part("dialog-confirm").click()


async def _reads_that_it_is_void(sit: Sit) -> None:
    await sit.outcome("cancelled")
    await expect(sit.part("outcome")).to_contain_text("Your test was cancelled")
    await expect(sit.part("outcome")).to_contain_text(_WRONG_ROW)
    await expect(sit.part("outcome")).to_contain_text("When the test is made valid again, this page goes on by itself")


async def _stands(tenant: Tenant, watch: Watch, one: Seat) -> int:
    """Staff read that the clock waits for her. Returns what is left on it, after a while in which it has not moved."""
    await watch.row_has(one.attempt_id, status="paused", pause="return")
    await expect(watch.row(one.attempt_id)).to_contain_text("Paused, away")
    _, attempt = await tenant.log(one.attempt_id)
    left_ms = attempt.test_clock.left_ms
    assert left_ms is not None
    await until_ms(tenant.now_ms() + _AWAY_MS)
    assert (await tenant.log(one.attempt_id))[1].test_clock.left_ms == left_ms
    return left_ms


async def _went_on_when_she_came(tenant: Tenant, watch: Watch, one: Seat, left_ms: int) -> None:
    """From her connect on she has exactly what was left."""
    await watch.row_has(one.attempt_id, status="in_progress", connection="online")
    records, attempt = await tenant.log(one.attempt_id)
    (again,) = (record.entry for record in records if isinstance(record.entry.fact, Reinstated))
    came_ms = next(
        record.entry.at_ms
        for record in records
        if isinstance(record.entry.fact, Connected) and record.entry.at_ms >= again.at_ms
    )
    assert came_ms >= again.at_ms + _AWAY_MS
    assert attempt.test_clock.deadline_ms == came_ms + left_ms


async def test_whoever_is_there_goes_on_at_once(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        one = await _exam(service)
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.give("right")
        await sit.save_state("saved")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await _cancelled(watch, one)
        await _reads_that_it_is_void(sit)
        await _reinstated(watch, one)
        await expect(sit.part("question")).to_be_visible()
        await expect(sit.part("reopened-notice")).to_have_text("Your test is open again: you can go on. Dismiss")
        await sit.is_given("right")
        await watch.row_has(one.attempt_id, status="in_progress")
        await sit.hand_in()
        assert sit.errors == watch.errors == []


@pytest.mark.parametrize("hears", [pytest.param(False, marks=pytest.mark.long), True])
async def test_what_she_wrote_without_a_connection_counts(tenant: Tenant, chromium: Browser, hears: bool) -> None:
    """Her page comes back to an attempt that is valid again, and hears of nothing; or (`hears`) before that, so that
    her answer is refused first."""
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        one = await _exam(service)
        sit = await Sit.open(chromium, sit_link(proxy.url, one), PHONE)
        await sit.start()
        await sit.connection("live")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await proxy.cut()
        await watch.row_has(one.attempt_id, connection="offline")
        await sit.give("on the train")
        await sit.save_state("kept")
        await _cancelled(watch, one)
        if hears:
            proxy.heal()
            await _reads_that_it_is_void(sit)
            await expect(sit.part("lost-answers")).to_contain_text("on the train")
            await _reinstated(watch, one)
            await expect(sit.part("question")).to_be_visible()
            await expect(sit.part("reopened-notice")).to_be_visible()
        else:
            await _reinstated(watch, one)
            left_ms = await _stands(tenant, watch, one)
            proxy.heal()
            await _went_on_when_she_came(tenant, watch, one, left_ms)
            await expect(sit.part("reopened-notice")).to_have_count(0)
            assert abs(await sit.deadline_ms() - tenant.now_ms() - left_ms) < 60_000
        await sit.is_given("on the train")
        await sit.save_state("saved")
        await sit.hand_in()
        assert (await tenant.log(one.attempt_id))[1].answers["q1"].value == "on the train"
        assert sit.errors == watch.errors == []


@pytest.mark.long
async def test_a_tab_that_was_closed_meanwhile_opens_at_the_same_question(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        one = await _exam(service)
        context = await chromium.new_context(viewport=PHONE)
        sit = await Sit.open(context, sit_link(node.url, one))
        await sit.start()
        await sit.give("right")
        await sit.save_state("saved")
        await sit.part("question-next").click()
        await sit.shows("q2")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, question=2)
        await sit.page.close()
        await watch.row_has(one.attempt_id, connection="offline")
        await _cancelled(watch, one)
        # She looks in between: her link tells her.
        between = await Sit.open(context, sit_link(node.url, one))
        await _reads_that_it_is_void(between)
        await between.page.close()
        await watch.row_has(one.attempt_id, connection="offline")
        await _reinstated(watch, one)
        left_ms = await _stands(tenant, watch, one)
        again = await Sit.open(context, sit_link(node.url, one))
        await again.shows("q2")
        await _went_on_when_she_came(tenant, watch, one, left_ms)
        await again.go_to(0)
        await again.is_given("right")
        await again.hand_in()
        assert sit.errors == between.errors == again.errors == watch.errors == []
        await context.close()
