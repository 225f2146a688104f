"""While the clock stands no question can be read on the page: nor printed, searched for, or read aloud."""

from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, sit_link
from tests.e2e.proxy import Proxy

_PROMPT = "Question 1?"
_ALL_WAYS = {"screen", "search", "aloud", "selection", "print"}


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
    if await page.get_by_text(_PROMPT).count() and await page.get_by_text(_PROMPT).first.is_visible():
        found.add("print")
    await page.emulate_media(media="screen")
    return found


@pytest.mark.parametrize("why", [pytest.param("staff", marks=pytest.mark.long), "reinstated"])
async def test_no_question_is_readable_while_the_clock_stands(tenant: Tenant, chromium: Browser, why: str) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        # Instructions may be a part of the questions.
        await service.put_test("exam", replace(short_texts(2, Rules()), instructions=f"Of {_PROMPT}"))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.give("half an ans")
        assert await _ways_to_read(sit.page) == _ALL_WAYS
        await sit.page.get_by_role("button", name="Instructions").click()
        await service.pause(one.attempt_id)
        if why == "reinstated":
            # What was paused by staff when it was cancelled is paused again.
            await service.cancel(one.attempt_id, reason="the wrong row")
            await sit.outcome("cancelled")
            assert await _ways_to_read(sit.page) == set()
            await service.reinstate(one.attempt_id, reason="it was the wrong row")
        await expect(sit.part("paused-overlay")).to_be_visible()
        assert await _ways_to_read(sit.page) == set()
        # Whatever was open is closed, and so keeps nobody from what can be done meanwhile.
        await sit.part("hand").click()
        await sit.page.reload()
        await expect(sit.part("paused-overlay")).to_be_visible()
        assert await _ways_to_read(sit.page) == set()
        await service.resume(one.attempt_id)
        await expect(sit.part("paused-overlay")).to_be_hidden()
        await sit.is_given("half an ans")
        assert await _ways_to_read(sit.page) == _ALL_WAYS
        assert sit.errors == []


async def test_no_question_is_readable_while_the_clock_stands_for_a_lost_connection(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(2, Rules(on_disconnect="pause", pause_budget_ms=10_000)))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one))
        await sit.start()
        await sit.connection("live")
        await sit.give("half an ans")
        await sit.save_state("saved")
        await proxy.cut()
        await expect(sit.part("paused-overlay")).to_contain_text("There is no connection")
        assert await _ways_to_read(sit.page) == set()
        # The budget is used up, so the clock runs: she must not lose that time.
        await expect(sit.part("paused-overlay")).to_be_hidden()
        assert await sit.page.get_by_test_id("connection-state").get_attribute("data-state") != "live"
        assert await _ways_to_read(sit.page) == _ALL_WAYS
        await sit.give("half an answer")
        proxy.heal()
        await sit.save_state("saved")
        # Nothing is left of the budget: a connection that is lost again stops nothing, and hides nothing.
        assert (await service.status(one.attempt_id)).state.may_stand_ms is None
        await proxy.cut()
        await expect(sit.part("connection-state")).not_to_have_attribute("data-state", "live")
        assert await _ways_to_read(sit.page) == _ALL_WAYS
        assert sit.errors == []


async def test_a_question_with_its_own_time_is_not_readable_while_that_stands_for_want_of_a_connection(
    tenant: Tenant, chromium: Browser
) -> None:
    """Its clock begins when the server hears that she is there: without a connection she could read it for any time."""
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        content = short_texts(2, Rules())
        timed = replace(content.questions[0], limit_ms=600_000)
        await service.put_test("exam", replace(content, questions=[content.questions[1], timed]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one))
        await sit.start()
        await sit.connection("live")
        await proxy.cut()
        await expect(sit.part("connection-state")).not_to_have_attribute("data-state", "live")
        await sit.part("nav-item-1").click()
        await expect(sit.part("question-waits")).to_contain_text("its own time")
        assert await _ways_to_read(sit.page) == set()
        await sit.part("nav-item-0").click()
        await sit.shows("q2")
        await sit.part("nav-item-1").click()
        proxy.heal()
        await sit.shows("q1")
        await expect(sit.part("countdown")).to_have_attribute("data-scope", "question")
        await proxy.cut()
        await expect(sit.part("connection-state")).not_to_have_attribute("data-state", "live")
        assert await _ways_to_read(sit.page) == _ALL_WAYS, "its clock runs"
        assert sit.errors == []


async def test_no_question_is_on_the_page_of_whoever_has_to_wait(tenant: Tenant, chromium: Browser) -> None:
    """For the waiting room, for staff's consent to a second device, and where another device has taken over."""
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(waiting_room=True, links="once")))
        one = await seat(service, "exam", "ada")
        browser = await chromium.new_context()
        hers = await Sit.open(browser, sit_link(node.url, one))
        await expect(hers.part("hindrances")).to_contain_text("You wait to be let in")
        await nothing_is_there(hers, "hindrances")
        await service.admit(one.attempt_id, reason="her papers were checked")
        await hers.start()
        other = await Sit.open(chromium, sit_link(node.url, one))
        await nothing_is_there(other, "disconnected")
        await service.allow_device(one.attempt_id, reason="her laptop has broken")
        await other.part("retry").click()
        await expect(other.part("question")).to_be_visible()
        await nothing_is_there(hers, "disconnected")
        await service.cancel(one.attempt_id, reason="the wrong row")
        await other.outcome("cancelled")
        assert _PROMPT not in await other.page.content()
        assert hers.errors == other.errors == []


async def nothing_is_there(sit: Sit, shows: str) -> None:
    """The page shows that, and no question in any way: now, after a reload, and back from another page."""
    page = sit.page
    for again in (None, page.reload, back_and_forth(page)):
        if again is not None:
            await again()
        await expect(sit.part(shows)).to_be_visible()
        assert await _ways_to_read(page) == set()
        assert _PROMPT not in await page.content()


def back_and_forth(page: Page) -> Callable[[], Awaitable[object]]:
    async def go() -> None:
        await page.goto("about:blank")
        await page.go_back()

    return go
