"""A browser whose policy forbids storage (all cookies blocked): both pages work from their links, and say so."""

from playwright.async_api import Browser, BrowserContext, expect

from tests.e2e.deployment import Deployment
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link

_FORBID = """
for (const name of ["sessionStorage", "localStorage", "indexedDB"]) {
    const get = () => { throw new DOMException("Access is denied for this document.", "SecurityError") }
    Object.defineProperty(window, name, { get, configurable: true })
}
"""


async def _forbidding(chromium: Browser) -> BrowserContext:
    context = await chromium.new_context()
    await context.add_init_script(_FORBID)
    return context


async def test_an_exam_is_sat_where_nothing_may_be_kept(embedded: Deployment, chromium: Browser) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(await _forbidding(chromium), sit_link(node.url, one))
        await sit.start()
        await expect(sit.part("not-durable")).to_be_visible()
        await sit.give("right")
        await sit.save_state("saved")
        # The link is in the address still: nothing else could bring her back.
        await sit.page.reload()
        await sit.is_given("right")
        await sit.hand_in()
        await sit.score(1_000)
        assert sit.errors == []


async def test_a_room_is_watched_where_nothing_may_be_kept(embedded: Deployment, chromium: Browser) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(await _forbidding(chromium), monitor_link(embedded, node, "exam"))
        await watch.row_has(one.attempt_id, status="initiated")
        await watch.page.reload()
        await watch.row_has(one.attempt_id, status="initiated")
        assert watch.errors == []
