"""While the clock stands no question can be read on the page: nor printed, searched for, or read aloud."""

import pytest
from playwright.async_api import Browser, Page, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, sit_link

_PROMPT = "Question 1?"


async def _ways_to_read(page: Page) -> set[str]:
    """How the question can be read on the page."""
    found: set[str] = set()
    if _PROMPT in await page.locator("body").inner_text():
        found.add("screen")
    if await page.evaluate("text => window.find(text, false, false, true)", _PROMPT):
        found.add("search")
    if _PROMPT in await page.locator("body").aria_snapshot():
        found.add("aloud")
    await page.evaluate("getSelection().selectAllChildren(document.body)")
    if _PROMPT in await page.evaluate("getSelection().toString()"):
        found.add("selection")
    await page.evaluate("getSelection().removeAllRanges()")
    await page.emulate_media(media="print")
    if await page.get_by_text(_PROMPT).first.is_visible():
        found.add("print")
    await page.emulate_media(media="screen")
    return found


@pytest.mark.parametrize("why", ["staff", "reinstated"])
async def test_no_question_is_readable_while_the_clock_stands(tenant: Tenant, chromium: Browser, why: str) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules()))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.give("half an ans")
        assert await _ways_to_read(sit.page) == {"screen", "search", "aloud", "selection", "print"}
        await service.pause(one.attempt_id)
        if why == "reinstated":
            # What was paused by staff when it was cancelled is paused again.
            await service.cancel(one.attempt_id, reason="the wrong row")
            await sit.outcome("cancelled")
            assert await _ways_to_read(sit.page) == set()
            await service.reinstate(one.attempt_id, reason="it was the wrong row")
        await expect(sit.part("paused-overlay")).to_be_visible()
        assert await _ways_to_read(sit.page) == set()
        await sit.page.reload()
        await expect(sit.part("paused-overlay")).to_be_visible()
        assert await _ways_to_read(sit.page) == set()
        await service.resume(one.attempt_id)
        await expect(sit.part("paused-overlay")).to_be_hidden()
        await sit.is_given("half an ans")
        assert await _ways_to_read(sit.page) == {"screen", "search", "aloud", "selection", "print"}
        assert sit.errors == []
