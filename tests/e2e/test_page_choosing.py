"""The bar for acts on several candidates: one line at any width, with every action in reach of thumb and keyboard."""

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from clients.python.rest import Rest
from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Watch, monitor_link

TABLET, WIDE = ViewportSize(width=820, height=1180), ViewportSize(width=1440, height=900)
_LINE_PX = 60
"""A line of buttons that a thumb can hit, and some space around it."""

_NOTHING_IS_CUT = """bar => [bar, ...bar.querySelectorAll("*:not(.unseen)")].every(
    ({scrollWidth, clientWidth}) => clientWidth === 0 || scrollWidth <= clientWidth)"""


async def _room(service: Rest) -> list[str]:
    """Three who sit and one who has not begun."""
    await service.put_test("exam", short_texts(2, Rules(duration_ms=3_600_000)))
    attempts = [(await seat(service, "exam", f"user-{number}")).attempt_id for number in range(4)]
    for one in attempts[:3]:
        await service.start(one)
    return attempts


async def _is_one_line(watch: Watch) -> None:
    """And nothing of it lies beyond the page's edge."""
    bar = watch.part("selection")
    box = await bar.bounding_box()
    assert box is not None
    assert box["height"] <= _LINE_PX
    assert await bar.evaluate(_NOTHING_IS_CUT)
    assert await watch.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "size",
    [PHONE, *(pytest.param(wider, marks=pytest.mark.long) for wider in (TABLET, WIDE))],
    ids=["phone", "tablet", "wide"],
)
async def test_the_bar_is_one_line_and_leads_to_every_action(
    tenant: Tenant, chromium: Browser, size: ViewportSize
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        ada, bob, *_ = await _room(service)
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"), size)
        await expect(watch.row(ada)).to_be_visible()
        await _is_one_line(watch)
        await watch.part(f"choose-{ada}").check()
        await _is_one_line(watch)
        await watch.part(f"choose-{bob}").check()
        await expect(watch.part("selection")).to_contain_text("2 chosen")
        await _is_one_line(watch)
        # Two who can be compared; then all of them, and one of these can't be paused.
        await watch.part("bulk-more").click()
        await watch.part("bulk-choice-compare").click()
        await expect(watch.part("papers-verdict")).to_have_attribute("data-equal", "true")
        await watch.part("papers-close").click()
        await watch.part("select-all").click()
        await expect(watch.part("selection")).to_contain_text("All 4 shown are chosen")
        await _is_one_line(watch)
        await watch.part("bulk-more").click()
        await expect(watch.part("bulk-choices")).to_contain_text("For 4 candidates")
        await watch.part("bulk-choice-pause").click()
        await expect(watch.part("bulk-left-out")).to_contain_text("1 candidate can't take it")
        await watch.part("dialog-confirm").click()
        await watch.row_has(ada, status="paused")
        await expect(watch.part("bulk-act")).to_have_attribute("data-done", "3")
        assert watch.errors == []


async def test_the_bar_by_keyboard_and_by_ear(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        ada, *_ = await _room(service)
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"), PHONE)
        page = watch.page
        await watch.part(f"choose-{ada}").focus()
        await page.keyboard.press("Space")
        bar = page.get_by_role("group", name="Act on several candidates")
        await expect(bar.get_by_role("status")).to_have_text("1 chosen")
        await expect(bar.get_by_role("checkbox", name="1 chosen")).to_be_visible()
        more = bar.get_by_role("button", name="All actions…")
        await more.focus()
        # An arrow key does nothing yet: on a list of choices it would begin the first action.
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("Enter")
        sheet = page.get_by_role("dialog", name="For 1 candidate")
        await expect(sheet.get_by_role("heading")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(sheet.get_by_role("button", name="Pause")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(sheet).to_have_count(0)
        await expect(more).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Pause: 1 candidate")).to_be_visible()
        assert await _focus(page) == "dialog-reason"
        await page.keyboard.press("Escape")
        await expect(more).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(bar.get_by_role("status")).to_have_text("")
        await expect(more).to_have_count(0)
        assert watch.errors == []


async def _focus(page: Page) -> str | None:
    """The name of what has the keyboard."""
    found = await page.evaluate("document.activeElement?.dataset.testid")
    assert found is None or isinstance(found, str)
    return found
