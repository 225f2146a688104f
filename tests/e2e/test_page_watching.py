"""What the monitor says of people whom it can't see: how far an act of staff has come, and who ended what."""

from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.content import Rules
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link


async def test_time_for_somebody_offline_does_not_look_delivered(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1, Rules(duration_ms=3_600_000)))
        ada = await seat(service, "exam", "ada")
        bob = (await seat(service, "exam", "bob")).attempt_id
        await service.start(ada.attempt_id)
        await service.start(bob)
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.page.emulate_media(reduced_motion="reduce")
        await expect(watch.part("average-progress")).to_have_text("0 % answered on average")
        await expect(watch.part("urgent")).to_have_text("2 candidates need somebody")
        await expect(watch.page).to_have_title("(2) Short texts")
        await watch.part(f"row-menu-{ada.attempt_id}").click()
        await watch.part("action-extend").click()
        await watch.part("preset-10").click()
        await expect(watch.part("dialog-minutes")).to_have_value("10")
        await expect(watch.part("dialog-preview")).to_contain_text("New end: ")
        assert await violations(watch.page) == []
        await watch.part("dialog-confirm").click()
        row = watch.row(ada.attempt_id)
        await expect(row.get_by_test_id("act")).to_have_text("+10 min: not heard")
        await expect(watch.part("count-unheard")).to_have_text("1")
        await watch.part("filter-unheard").click()
        await expect(watch.row(bob)).to_have_count(0)
        await watch.part("filter-unheard").click()
        sit = await Sit.open(chromium, sit_link(node.url, ada))
        await sit.connection("live")
        await watch.row_has(ada.attempt_id, connection="online", heard="true")
        await _is_heard(watch, bob, service)
        await _keeps_still(watch, ada.attempt_id, bob, service)
        # Staff end one before the time.
        await watch.act(bob, "end", reason="left the room")
        await watch.row_has(bob, status="completed")
        await expect(watch.row(bob).locator(".status")).to_have_text("Ended by staff, marked")
        assert watch.errors == sit.errors == []


async def _keeps_still(watch: Watch, ada: str, bob: str, service: Rest) -> None:
    """Who has the focus of her keys in the list finds it as it was; a click sorts it."""
    await watch.part("sort-status").click()
    first = watch.page.locator(".all > [role=row]").first
    await expect(first).to_have_attribute("data-testid", f"row-{ada}")
    await watch.part(f"choose-{ada}").focus()
    await watch.page.keyboard.press("Tab")
    await service.pause(ada)
    await watch.row_has(ada, status="paused")
    await expect(watch.part("order-held")).to_be_visible()
    await expect(first).to_have_attribute("data-testid", f"row-{ada}")
    assert await violations(watch.page) == []
    await watch.part("order-held").get_by_role("button").click()
    await expect(first).to_have_attribute("data-testid", f"row-{bob}")
    await service.resume(ada)
    await watch.row_has(ada, status="in_progress")
    await watch.part("sort-name").click()


async def _is_heard(watch: Watch, bob: str, service: Rest) -> None:
    """Where sound is wanted, it sounds when one more candidate needs somebody, and not when fewer do."""
    await watch.page.evaluate(
        """() => {
            let tones = 0;
            const start = OscillatorNode.prototype.start;
            OscillatorNode.prototype.start = function (at) {
                document.body.dataset.tones = String((tones += 1));
                return start.call(this, at);
            };
        }"""
    )
    await watch.part("sound").click()
    await expect(watch.page.locator("body")).to_have_attribute("data-tones", "2")
    await service.pause(bob)
    await watch.row_has(bob, status="paused")
    await service.resume(bob)
    await expect(watch.page.locator("body")).to_have_attribute("data-tones", "4")
    await watch.part("sound").click()
    await expect(watch.part("sound")).to_have_attribute("aria-pressed", "false")
