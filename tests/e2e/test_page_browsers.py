"""The oldest browsers that are promised (`clients/web/browsers.json`), as far as a newer one can stand for them: one
from which everything was taken that they lack, and a little more. And the strictest policy the pages work under."""

import re
from typing import Final

import pytest
from playwright.async_api import Browser, BrowserContext, Route, expect

from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link
from tests.e2e.proxy import Proxy

_STRIP: Final = """
const take = (owner, ...names) => { for (const name of names) delete owner[name] }
take(AbortSignal, "timeout", "any")
take(AbortSignal.prototype, "throwIfAborted")
take(Array, "fromAsync")
for (const kind of [Array, Uint8Array, Float64Array]) {
    take(kind.prototype, "findLast", "findLastIndex", "toSorted", "toReversed", "with")
}
take(Array.prototype, "toSpliced")
take(Object.getPrototypeOf(Uint8Array.prototype), "findLast", "findLastIndex", "toSorted", "toReversed", "with")
take(String.prototype, "isWellFormed", "toWellFormed")
take(Object, "groupBy")
take(Map, "groupBy")
take(Map.prototype, "getOrInsert", "getOrInsertComputed")
take(Set.prototype, "union", "intersection", "difference", "symmetricDifference", "isSubsetOf", "isSupersetOf")
take(Promise, "withResolvers", "try")
take(ArrayBuffer.prototype, "transfer", "transferToFixedLength", "resize", "resizable", "detached")
take(RegExp, "escape")
take(URL, "canParse", "parse")
take(Intl, "Segmenter", "DurationFormat")
take(Crypto.prototype, "randomUUID")
take(Element.prototype, "checkVisibility", "moveBefore", "setHTMLUnsafe", "getHTML", "ariaNotify")
take(HTMLElement.prototype, "showPopover", "hidePopover", "togglePopover", "popover")
take(Document.prototype, "startViewTransition")
take(HTMLFormElement.prototype, "requestSubmit")
take(HTMLInputElement.prototype, "showPicker")
take(Navigator.prototype, "locks", "storage", "scheduling", "userAgentData")
take(window, "structuredClone", "requestIdleCallback", "scheduler", "navigation", "Iterator", "Temporal")
take(window, "CompressionStream", "FinalizationRegistry", "trustedTypes", "SuppressedError", "DisposableStack")
"""


async def _old(chromium: Browser) -> BrowserContext:
    # A browser without Trusted Types asks for none; this one would go on asking, and refuse what it took for text.
    context = await chromium.new_context(bypass_csp=True)
    await context.add_init_script(_STRIP)
    return context


@pytest.mark.parametrize(
    "upgrades", [pytest.param(True, id="socket"), pytest.param(False, id="rest", marks=pytest.mark.long)]
)
async def test_an_exam_is_sat_whole_in_the_oldest_browser(tenant: Tenant, chromium: Browser, upgrades: bool) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port, upgrades=upgrades) as proxy:
        await service.put_test("exam", short_texts(3))
        one = await seat(service, "exam", "ada")
        # (Through the proxy, the server would take the page for another origin's, and refuse its socket.)
        sit = await Sit.open(await _old(chromium), sit_link(node.url if upgrades else proxy.url, one))
        assert await sit.page.evaluate("AbortSignal.timeout === undefined && [].findLast === undefined")
        await sit.connection("live" if upgrades else "rest")
        await sit.start()
        await sit.give("right")
        await sit.save_state("saved")
        await sit.part("flag-button").click()
        await sit.part("question-next").click()
        await service.message(one.attempt_id, "Ten minutes more.")
        await sit.part("dismiss-message").click()
        await sit.give("wrong")
        await sit.save_state("saved")
        await sit.page.reload()
        await sit.is_given("wrong")
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(2_000)
        assert sit.errors == []


async def test_a_room_is_watched_in_the_oldest_browser(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(3))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        watch = await Watch.open(await _old(chromium), monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, status="in_progress", connection="online")
        await watch.act(one.attempt_id, "extend", minutes="5")
        await expect(sit.part("extension-notice")).to_be_visible()
        await expect(watch.part("toast")).to_contain_text("more time given")
        assert watch.errors == []


@pytest.mark.parametrize("page", ["sit", pytest.param("monitor", marks=pytest.mark.long)])
async def test_a_browser_that_is_too_old_is_told_so(tenant: Tenant, chromium: Browser, page: str) -> None:
    node = tenant.node
    context = await chromium.new_context()
    await context.add_init_script("delete HTMLElement.prototype.inert")
    window = await context.new_page()
    await window.goto(f"{node.url}/{page}")
    await expect(
        window.get_by_text("load the page again. If that does not help, this browser is too old")
    ).to_be_visible()

    # One that can't read the scripts at all shows the same; the document itself says it, after a moment.
    async def unreadable(route: Route) -> None:
        await route.fulfill(body="let 1 = ;", content_type="text/javascript")

    await context.route(re.compile(r"\.js$"), unreadable)
    await window.reload()
    await expect(
        window.get_by_text("load the page again. If that does not help, this browser is too old")
    ).to_be_visible()


async def test_the_pages_work_under_trusted_types_and_with_their_own_server_alone(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    context = await chromium.new_context()
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(context, sit_link(node.url, one))
        complaints: list[str] = []
        sit.page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await sit.connection("live")
        await sit.start()
        watch = await Watch.open(context, monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, status="in_progress", connection="online")
        await watch.act(one.attempt_id, "message", text="Ten minutes more.")
        await sit.part("dismiss-message").click()
        await sit.give("right")
        await sit.save_state("saved")
        with pytest.raises(Exception, match="TrustedHTML"):
            await sit.page.evaluate("document.body.innerHTML = 'sink'")
        await sit.hand_in()
        await sit.score(1_000)
        assert [line for line in complaints if "Content Security Policy" in line and "sink" not in line] == []
        assert sit.errors == watch.errors == []


async def test_a_link_whose_hash_was_encoded_opens_the_exam(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one).replace("#", "%23"))
        await sit.start()
        assert one.token not in sit.page.url
        await sit.page.goto(f"{node.url}/exams/math")
        await expect(sit.page.get_by_text("Check the link")).to_be_visible()
