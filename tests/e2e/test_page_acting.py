"""Two invigilators with the same candidate before them: the second one is asked again."""

from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Watch, monitor_link


async def test_two_invigilators_grant_the_same_request(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1, Rules(duration_ms=3_600_000)))
        ada = (await seat(service, "exam", "ada")).attempt_id
        await service.start(ada)
        grace = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        hana = await Watch.open(chromium, monitor_link(tenant, node, "exam", "hana"))
        # Both have the dialog before them; then one after the other grants what she was asked for.
        for watch in (grace, hana):
            await watch.row_has(ada, status="in_progress")
            await watch.part(f"row-menu-{ada}").click()
            await watch.part("action-extend").click()
            await watch.part("dialog-minutes").fill("10")
        await grace.part("dialog-confirm").click()
        await expect(grace.part("toast")).to_contain_text("more time given")
        await hana.part("dialog-confirm").click()
        held = hana.part("held-command")
        await expect(held).to_have_attribute("data-overtaken", "true")
        await expect(held).to_contain_text("Meanwhile grace (instructor) gave more time (10 min).")
        await hana.part("held-discard").click()
        await expect(held).to_have_count(0)
        # What she wants all the same, she gets.
        await hana.act(ada, "pause")
        await hana.row_has(ada, status="paused")
        await grace.act(ada, "resume")
        await grace.row_has(ada, status="in_progress")
        _, attempt = await tenant.log(ada)
        assert [act.by.id for act in attempt.acts] == ["hana", "grace"]
        assert attempt.started_at_ms is not None
        await _looks_back(grace, ada)
        assert grace.errors == hana.errors == []


async def _looks_back(watch: Watch, attempt_id: str) -> None:
    """What both have done stands in the attempt's record, and can be moved through."""
    await watch.part(f"row-menu-{attempt_id}").click()
    await watch.part("open-timeline").click()
    records = watch.part("timeline-list").get_by_role("button")
    await expect(records.filter(has_text="Was given 10 minutes more")).to_contain_text("by Instructor grace")
    await expect(records.last).to_contain_text("Went on")
    await expect(records.last).to_have_attribute("aria-current", "step")
    await expect(watch.part("timeline-standing")).to_contain_text("runs")
    await watch.part("timeline-at").press("ArrowLeft")
    await expect(watch.part("timeline-standing")).to_contain_text("stands")
    assert await violations(watch.page) == []
    await watch.part("timeline-topic").select_option("work")
    await expect(records).to_have_count(1)
    await records.click()
    await expect(watch.part("timeline-standing")).to_contain_text("runs")
    await watch.part("timeline-close").click()
    await expect(watch.part(f"row-menu-{attempt_id}")).to_be_focused()
