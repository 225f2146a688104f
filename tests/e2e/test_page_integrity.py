"""What is noticed, from the candidate's page to the monitor: announced, warned of, alerted, a pause that staff end."""

from typing import Final

from playwright.async_api import Browser, expect

from protocol.attempt.facts import tag_of
from protocol.content import Rules
from protocol.integrity.watches import Watch
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.pages import Sit, monitor_link, sit_link
from tests.e2e.pages import Watch as Monitor

RULES: Final = Rules(
    full_screen=True,
    integrity=[
        Watch("full_screen_left", warn_from=1),
        Watch("copied"),
        Watch("pasted", warn_from=1),
        Watch("context_menu", alert_from=1),
        Watch("printed", pause_from=1),
    ],
)
WATCHES: Final = "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('Watcher'))"
"""Whether the code for it was fetched."""


async def _mark_as_seen(watch: Monitor, other: Monitor, one: Seat) -> None:
    """One of the staff has seen it: so says the other's monitor, and there she takes it back."""
    await watch.part(f"row-menu-{one.attempt_id}").click()
    await expect(watch.part("alerts-seen")).to_have_attribute("data-seen", "false")
    await watch.part("mark-alerts").click()
    await expect(watch.part("alerts-seen")).to_contain_text("Seen by grace")
    assert await violations(watch.page) == []
    await other.page.reload()
    await other.part(f"row-menu-{one.attempt_id}").click()
    await expect(other.part("alerts-seen")).to_contain_text("Seen by grace")
    await expect(other.part("count-alerted")).to_have_count(0)
    await other.part("mark-alerts").click()
    await expect(other.part("alerts-seen")).to_have_attribute("data-seen", "false")
    await expect(other.part("count-alerted")).to_have_text("1")


async def test_what_is_noticed_is_announced_shown_to_both_and_stops_the_clock(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("watched", short_texts(2, RULES))
        one = await seat(service, "watched", "ada")
        watch = await Monitor.open(chromium, monitor_link(tenant, node, "watched"))
        sit = await Sit.open(chromium, sit_link(node.url, one))
        announced = sit.part("announced")
        await expect(announced.locator("li")).to_have_count(6)
        await expect(announced).to_contain_text("Something is pasted into an answer")
        await expect(announced).to_contain_text("Your clock stops until an invigilator lets you go on.")
        await sit.start()
        field = sit.part("question").get_by_role("textbox")
        await field.fill("not to be read")
        await field.press("Control+A")
        await field.press("Control+C")
        await field.press("Control+V")
        warning = sit.part("signal-warning")
        await expect(warning).to_have_attribute("data-signal", "pasted")
        assert await field.evaluate("field => document.activeElement === field")
        await sit.part("dismiss-signal-warning").click()
        await expect(warning).to_have_count(0)
        assert await field.evaluate("field => document.activeElement === field")
        await sit.page.evaluate("document.exitFullscreen()")
        await expect(warning).to_have_attribute("data-signal", "full_screen_left")
        await sit.part("back-to-full-screen").click()
        await expect(sit.part("back-to-full-screen")).to_have_count(0)
        await field.click(button="right")
        await expect(watch.row(one.attempt_id).get_by_test_id("noticed")).to_have_text("Context menu")
        await expect(watch.part("count-alerted")).to_have_text("1")
        await sit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        await expect(sit.part("paused-overlay")).to_contain_text("Printing is asked for.")
        await watch.row_has(one.attempt_id, status="paused", pause="integrity")
        await watch.act(one.attempt_id, "resume")
        await expect(sit.part("paused-overlay")).to_have_count(0)
        await _mark_as_seen(watch, await Monitor.open(chromium, monitor_link(tenant, node, "watched", "hana")), one)
        records, _ = await tenant.log(one.attempt_id)
        kinds = [tag_of(record.entry.fact) for record in records]
        assert [kind for kind in kinds if kind in ("alerted", "paused", "resumed")] == [
            "alerted",
            "alerted",
            "paused",
            "resumed",
        ]
        observed = {getattr(record.entry.fact, "signal", "") for record in records}
        assert {"copied", "pasted", "context_menu", "printed", "full_screen_left"} < observed
        said = b"".join(record.body for record in records if tag_of(record.entry.fact) in ("observed", "alerted"))
        assert b"not to be read" not in said


async def test_where_nothing_is_watched_no_code_for_it_is_fetched(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("unwatched", short_texts(1))
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "unwatched", "bob")))
        await sit.start()
        await expect(sit.part("announced")).to_have_count(0)
        assert not await sit.page.evaluate(WATCHES)
