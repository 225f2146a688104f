"""Pages that nobody looks at: hidden behind another tab, where browsers slow timers down, and kept in the browser's
memory for the way back. In a window of its own (`tests/services/window.py`), where a browser really does that."""

import time
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Error, Page, expect

from clients.python.rest import Rest
from protocol.content import Rules
from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.pages import KEPT, Sit, sit_link
from tests.e2e.proxy import Proxy
from tests.e2e.waiting import until, until_ms
from tests.services.window import open_window

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="session")]

_SOON: Final = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/2"
"""Chained timers run once a minute after two seconds in the background, not after five minutes."""
_COUNT_TICKS: Final = "() => { window.ticks = 0; const tick = () => { ticks++; setTimeout(tick, 500) }; tick() }"
_MINUTE_MS: Final = 60_000
_PAUSING: Final = Rules(duration_ms=60 * _MINUTE_MS, on_disconnect="pause")
_GOING_ON: Final = Rules(duration_ms=60 * _MINUTE_MS)
"""Under these she can write while she is not connected."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BrowserContext]:
    """One for all of them: to open a browser in a window costs more than most of what is done in it."""
    async with open_window(tmp_path_factory.mktemp("profile"), _SOON) as context:
        yield context


@pytest_asyncio.fixture(loop_scope="session")
async def window(opened: BrowserContext) -> AsyncIterator[BrowserContext]:
    # Without any page the browser would end.
    first = opened.pages[0]
    yield opened
    for page in opened.pages:
        if page is not first:
            await page.close()


@pytest.mark.parametrize(
    ("heartbeat_ms", "away_ms"),
    [
        pytest.param(1_000, 12_000, id="short"),
        pytest.param(10_000, 8 * _MINUTE_MS, marks=[pytest.mark.long, pytest.mark.timeout(900)], id="long"),
    ],
)
async def test_a_page_behind_another_tab_stays_connected(
    embedded: Deployment, window: BrowserContext, heartbeat_ms: int, away_ms: int
) -> None:
    node = embedded.node(heartbeat_ms=str(heartbeat_ms))
    await node.start()
    async with embedded.service(node) as service:
        sit, one = await _sitting(service, node.url, window)
        await sit.page.evaluate(_COUNT_TICKS)
        other = await window.new_page()
        await _is(sit.page, "hidden")
        since_ms = time.time_ns() // 1_000_000
        ticks = await sit.page.evaluate("ticks")
        # The server hangs up after four heartbeats without a beat, and then this test's clock stands.
        await until_ms(since_ms + away_ms)
        slowed = await sit.page.evaluate("ticks") - ticks
        # They would tick twice a second in the foreground, and do so at most once here.
        assert slowed < 1.5 * away_ms / 1_000, "this browser does slow chained timers down"

        await other.close()
        await _is(sit.page, "visible")
        await sit.connection("live")
        await sit.give("right")
        await sit.save_state("saved")
        records, attempt = await embedded.log(one.attempt_id)
        kinds = [type(record.entry.fact).__name__ for record in records]
        assert [kind for kind in kinds if kind in ("Connected", "Disconnected", "Paused")] == ["Connected"]
        assert attempt.answers["q1"].value == "right"
        assert sit.errors == []


async def test_a_page_comes_back_from_the_browsers_memory(tenant: Tenant, window: BrowserContext) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        sit, one = await _sitting(service, node.url, window)
        await _tell_of_return(sit)
        await sit.give("before")
        await sit.save_state("saved")
        # What is typed in the last instant has no time to be sent and acknowledged.
        await sit.part("text-answer").press_sequentially(", and after")
        await sit.page.goto(f"{node.url.replace('127.0.0.1', 'localhost')}/livez")
        await service.extend(one.attempt_id, add_ms=5 * _MINUTE_MS)
        await _go_back(sit)
        await _is_back(sit)
        await sit.connection("live")
        await sit.is_given("before, and after")
        await sit.save_state("saved")

        async def goes_again() -> bool | None:
            """Her clock, which stood while she was away; and she sees the same."""
            deadline_ms = (await service.status(one.attempt_id)).state.test_clock.deadline_ms
            return (deadline_ms is not None and abs(await sit.deadline_ms() - deadline_ms) < 3_000) or None

        await until(goes_again)
        _, attempt = await tenant.log(one.attempt_id)
        assert attempt.answers["q1"].value == "before, and after"

        # Away, and the link again: the page in the memory must not hold the attempt against this one.
        await sit.page.goto(f"{node.url.replace('127.0.0.1', 'localhost')}/livez")
        await sit.page.goto(sit_link(node.url, one))
        await expect(sit.part("question")).to_be_visible()
        await sit.connection("live")
        await sit.is_given("before, and after")
        assert sit.errors == []


@pytest.mark.long
async def test_a_page_in_the_browsers_memory_leaves_the_attempt_to_another_tab(
    tenant: Tenant, window: BrowserContext
) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        sit, one = await _sitting(service, proxy.url, window, _GOING_ON)
        await _go_away(sit, node.url)
        other = await Sit.open(window, sit_link(proxy.url, one))
        await expect(other.part("question")).to_be_visible()
        await other.give("from the other tab")
        await other.save_state("saved")

        # While the other tab has the attempt, the page that comes back asks.
        await _go_back(sit)
        await _is_back(sit)
        await expect(sit.part("elsewhere")).to_be_visible()
        assert await other.part("elsewhere").count() == 0
        await other.connection("live")
        await _go_away(sit, node.url)

        # What the other tab could not send is on the device, and the page that comes back sends it.
        await proxy.cut()
        await other.connection("waiting")
        await other.give("kept by the other tab")
        await other.save_state("kept")
        await other.page.close()
        proxy.heal()
        await _go_back(sit)
        await sit.part("use-here").click()
        await sit.is_given("kept by the other tab")
        await sit.save_state("saved")
        _, attempt = await tenant.log(one.attempt_id)
        assert attempt.answers["q1"].value == "kept by the other tab"
        assert [*sit.errors, *other.errors] == []


@pytest.mark.long
async def test_a_page_that_comes_back_knows_what_a_later_page_of_its_tab_has_kept(
    tenant: Tenant, window: BrowserContext
) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        sit, one = await _sitting(service, proxy.url, window, _GOING_ON)
        await sit.give("of the first page")
        await sit.save_state("saved")
        await _go_away(sit, node.url)
        await sit.page.goto(sit_link(proxy.url, one))
        await sit.is_given("of the first page")
        await proxy.cut()
        await sit.connection("waiting")
        await sit.give("of the later page")
        await sit.save_state("kept")
        proxy.heal()
        # Two pages back, and the same device: it needs no word of hers.
        await _go_back(sit)
        await _go_back(sit)
        await _is_back(sit)
        await sit.is_given("of the later page")
        await sit.save_state("saved")
        _, attempt = await tenant.log(one.attempt_id)
        assert attempt.answers["q1"].value == "of the later page"
        assert sit.errors == []


@pytest.mark.parametrize(
    "where", ["behind another tab", pytest.param("in the browser's memory", marks=pytest.mark.long)]
)
async def test_an_attempt_that_is_cancelled_meanwhile_is_void_on_the_page_that_comes_back(
    tenant: Tenant, window: BrowserContext, where: str
) -> None:
    """What it still had to say is refused, and counts when the attempt is valid again."""
    node = tenant.node
    async with tenant.service(node) as service:
        sit, one = await _sitting(service, node.url, window, _GOING_ON)
        await sit.give("before")
        await sit.save_state("saved")
        other = None
        if where == "behind another tab":
            other = await window.new_page()
            await _is(sit.page, "hidden")
        else:
            await sit.part("text-answer").press_sequentially(", and after")
            await _go_away(sit, node.url)
        await service.cancel(one.attempt_id, reason="the wrong row")
        records, _ = await tenant.log(one.attempt_id)
        if other is not None:
            await other.close()
        else:
            await _go_back(sit)
            await _is_back(sit)
        await sit.outcome("cancelled")
        kinds = {type(record.entry.fact).__name__ for record in (await tenant.log(one.attempt_id))[0][len(records) :]}
        assert kinds <= {"Connected", "Disconnected"}, "nothing else happens to a void attempt"
        await service.reinstate(one.attempt_id, reason="it was the row below", on_return=True)
        await expect(sit.part("question")).to_be_visible()
        text = "before" if other is not None else "before, and after"
        await sit.is_given(text)
        await sit.save_state("saved")
        assert (await tenant.log(one.attempt_id))[1].answers["q1"].value == text
        assert sit.errors == []


async def _go_away(sit: Sit, url: str) -> None:
    """To another site in the same tab; the browser keeps the page for the way back."""
    await _tell_of_return(sit)
    await sit.page.goto(f"{url.replace('127.0.0.1', 'localhost')}/livez")


async def _go_back(sit: Sit) -> None:
    """Returns when the address before is there."""

    async def gone() -> bool | None:
        try:
            await sit.page.go_back(wait_until="commit")
        except Error as error:
            # While the browser changes one page for another it has no history to go back in.
            if "Not attached to an active page" not in error.message:
                raise
            return None
        return True

    await until(gone)


async def _tell_of_return(sit: Sit) -> None:
    await sit.page.evaluate("() => addEventListener('pageshow', event => { window.restored = event.persisted })")


async def _is_back(sit: Sit) -> None:
    """Returns when the page of before is there; the address is, before the page knows that it is back."""
    restored = await until(lambda: sit.page.evaluate("window.restored"))
    assert restored is True, "this browser does keep the page"


async def _sitting(service: Rest, url: str, window: BrowserContext, rules: Rules = _PAUSING) -> tuple[Sit, Seat]:
    """A candidate in a test; unless `rules` say otherwise its clock stands while she is not connected."""
    await service.put_test("exam", short_texts(2, rules))
    one = await seat(service, "exam", "ada")
    sit = await Sit.open(window, sit_link(url, one))
    await sit.start()
    # A worker that becomes active later throws pages out of the browser's memory.
    await sit.page.evaluate(KEPT)
    return sit, one


async def _is(page: Page, visibility: str) -> None:
    async def so() -> bool | None:
        return await page.evaluate("document.visibilityState") == visibility or None

    await until(so)
