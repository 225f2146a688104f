"""Minimum times, the time for handing in, and soft limits, as the page shows them."""

from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import ends_in, seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link

_HOUR_MS = 3_600_000


async def test_handing_in_waits_for_the_minimum_and_then_for_her(tenant: Tenant, chromium: Browser) -> None:
    """Too early at first; after the deadline handing in alone is left, and nothing happens by itself."""
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(
            duration_ms=_HOUR_MS, grace_ms=500, min_time_ms=_HOUR_MS - 1_000, at_end="hand_in", hand_in_ms=60_000
        )
        await service.put_test("exam", short_texts(2, rules))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.give("right")
        await sit.save_state("saved")
        await sit.part("review-button").click()
        await expect(sit.part("too-early")).to_be_visible()
        await expect(sit.part("submit-button")).to_be_disabled()
        await ends_in(service, "exam", one, 2_000, min_time_ms=1_000)
        await expect(sit.part("hand-in-until")).to_be_visible()
        await expect(sit.part("too-early")).to_have_count(0)
        await sit.part("submit-button").click()
        await sit.part("confirm-submit").click()
        await sit.outcome("completed")
        await sit.score(1_000)
        assert sit.errors == []


async def test_what_is_not_handed_in_waits_for_staff(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1, Rules(duration_ms=_HOUR_MS, grace_ms=500, at_end="abandon")))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await sit.start()
        await ends_in(service, "exam", one, 1_000)
        await sit.outcome("abandoned")
        await watch.act(one.attempt_id, "accept", reason="the page hung")
        await sit.outcome("completed")
        assert sit.errors == []


async def test_over_time_is_said_and_nothing_closes(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1, Rules(duration_ms=3_000, grace_ms=0, limit="soft")))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await sit.start()
        await expect(sit.part("over-time")).to_be_visible()
        await expect(watch.row(one.attempt_id)).to_contain_text("Over time")
        await expect(sit.part("countdown")).to_contain_text("+0:")
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.outcome("completed")
        assert sit.errors == []
