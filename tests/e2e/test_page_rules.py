"""Rules that change under an open page: before the start it follows the test, afterwards staff move its clock."""

import msgspec
from playwright.async_api import Browser, expect

from protocol.content import Rules
from protocol.messages.state import ClockState
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.waiting import until

_MINUTE_MS = 60_000
_CLOSE_MS = 5_000
"""How far a countdown may be from where it should be, on a busy machine."""


async def test_new_rules_reach_the_open_start_page(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(duration_ms=30 * _MINUTE_MS)))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await expect(sit.part("start-facts")).to_have_text("2 questions · 30 minutes")
        await service.put_test("exam", short_texts(3, Rules(duration_ms=45 * _MINUTE_MS)))
        await expect(sit.part("start-facts")).to_have_text("3 questions · 45 minutes")

        # Extra time for her alone, before she starts.
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.act(one.attempt_id, "accommodate", minutes="15", reason="agreed before")
        await expect(sit.part("start-facts")).to_contain_text("3 questions · 1 hour")
        await sit.start()
        assert abs(await sit.left_ms() - 60 * _MINUTE_MS) < _CLOSE_MS
        assert sit.errors == watch.errors == []


async def test_extra_time_and_new_rules_move_a_running_clock_at_once(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(duration_ms=30 * _MINUTE_MS)))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        before_ms = await sit.deadline_ms()
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.act(one.attempt_id, "accommodate", minutes="10", reason="a broken pencil")
        await expect(sit.part("extension-notice")).to_contain_text("You have been given 10 minutes more.")
        assert abs(await sit.deadline_ms() - before_ms - 10 * _MINUTE_MS) < _CLOSE_MS

        # Who sits keeps her rules until staff put the new ones in force.
        await service.put_test("exam", short_texts(5, Rules(duration_ms=40 * _MINUTE_MS)))
        await watch.act(one.attempt_id, "apply_rules", reason="the hall was cold")
        await expect(sit.part("nav-item-2")).to_have_count(0)
        await expect(sit.part("countdown")).to_be_visible()
        await expect(sit.part("extension-notice")).to_contain_text("You have been given 10 minutes more.")

        async def moved() -> ClockState | None:
            state = (await service.status(one.attempt_id)).state
            assert state.started_at_ms is not None
            clock = state.test_clock
            return clock if clock.deadline_ms == state.started_at_ms + 50 * _MINUTE_MS else None

        clock = await until(moved)

        # What would shorten her time is refused, with words.
        await watch.act(one.attempt_id, "accommodate", minutes="0", reason="a mistake")
        await expect(watch.page.get_by_text("was refused")).to_be_visible()
        assert (await service.status(one.attempt_id)).state.test_clock == clock
        assert sit.errors == watch.errors == []


async def test_the_monitor_says_whose_time_does_not_fit_into_the_window(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(duration_ms=30 * _MINUTE_MS, opens_at_ms=0, closes_at_ms=40 * _MINUTE_MS)
        await service.put_test("later", short_texts(2, msgspec.structs.replace(rules, closes_at_ms=10**13)))
        one = await seat(service, "later", "ada")
        assert one.attempt_id
        watch = await Watch.open(chromium, monitor_link(tenant, node, "later"))
        await expect(watch.part("schedule-warnings")).to_have_count(0)
        await service.put_test("later", short_texts(2, msgspec.structs.replace(rules, closes_at_ms=20 * _MINUTE_MS)))
        again = await Watch.open(chromium, monitor_link(tenant, node, "later"))
        await expect(again.part("schedule-warnings")).to_contain_text("The schedule has one problem")
        await again.part("schedule-warnings").locator("summary").click()
        await expect(again.part("schedule-warnings")).to_contain_text("Everybody: The window is 10 min too short")
        await again.part("schedule-warnings").get_by_role("button", name="Hide").click()
        await expect(again.part("schedule-warnings")).to_have_count(0)
        assert watch.errors == again.errors == []
