"""Without a network the candidate's page comes up again, goes on, and sends later. After the end nothing stays."""

from typing import Final

import msgspec
from playwright.async_api import Browser, Page, expect

from protocol.content import Hotspot, Picture, Question, ShortText, Spot, TestContent
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import KEPT, PHONE, STORED, Sit, link_to_test, sit_link
from tests.e2e.proxy import Proxy
from tests.e2e.waiting import until

MAP: Final = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30"/></svg>'

CACHED: Final = """async () => {
    const all = {}
    for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        const text = async (url) => (await cache.match(url)).text()
        const files = (await cache.keys()).map(async ({url}) => [new URL(url).pathname, await text(url)])
        all[name] = Object.fromEntries(await Promise.all(files))
    }
    return all
}"""
"""What lies in the caches of the page's origin: name, address, content."""


def _exam(picture: str) -> TestContent:
    spots = [Spot(spot_id="a", shape="rect", coords=[0, 0, 10, 10], label="Corner")]
    asked = Hotspot(picture=Picture(src=picture, width=40, height=30, alt="A map"), spots=spots, correct=["a"])
    questions = [
        Question(question_id="q1", body="Secret question?", interactions=[ShortText(accepted=["right"])]),
        Question(question_id="q2", body="Where?", interactions=[asked]),
    ]
    return TestContent(title="Offline", questions=[*questions])


async def _cached(page: Page) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = await page.evaluate(CACHED)
    return found


async def _has_paper(page: Page) -> bool | None:
    return any(path.startswith("/media/") for files in (await _cached(page)).values() for path in files) or None


async def test_a_reload_and_a_new_tab_without_a_network_go_on(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        stored = await service.store_media(MAP)
        await service.put_test("exam", _exam(f"media:{stored.hash}"))
        context = await chromium.new_context(viewport=PHONE)
        link = link_to_test(tenant, node, "exam", "ada").replace(node.url, proxy.url)
        sit = await Sit.open(context, link)
        await sit.start()
        await sit.give("before")
        await sit.save_state("saved")
        assert await sit.page.evaluate(KEPT)
        await until(lambda: _has_paper(sit.page))
        attempt_id = sit.attempt_id
        await proxy.cut()

        await sit.page.reload()
        await sit.is_given("before")
        await sit.save_state("saved")
        await sit.connection("waiting")
        await expect(sit.part("offline-notice")).to_be_visible()
        assert await violations(sit.page) == []
        await sit.give("without a network")
        await sit.save_state("kept")
        # A kind of question whose code is loaded later, and a file of the paper.
        await sit.go_to(1)
        await sit.part("spot-a").check()
        await sit.save_state("kept")
        picture = sit.page.locator("img[alt='A map']")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("img => img.decode().then(() => img.naturalWidth)") == 40

        # The tab is closed; her link, in a new one, finds what it left.
        await sit.page.close()
        sit = await Sit.open(context, link)
        await sit.shows("q2")
        await sit.go_to(0)
        await sit.is_given("without a network")
        await sit.save_state("kept")
        proxy.heal()
        await sit.save_state("saved")
        _, attempt = await tenant.log(attempt_id)
        assert {name: answer.value for name, answer in attempt.answers.items()} == {
            "q1": "without a network",
            "q2": ["a"],
        }

        # After the end nothing of the paper or of her is on the device; the page itself may stay.
        assert any(name.startswith("pencilsdown paper ") for name in await _cached(sit.page))
        await sit.hand_in()
        await sit.page.wait_for_function(f"async () => !(await ({STORED})()).includes('Secret question')")

        cached = await _cached(sit.page)
        assert {name.partition(" shell ")[0] for name in cached} == {"pencilsdown", "pencilsdown words"}
        kept = msgspec.json.encode([cached, await sit.page.evaluate(STORED)]).decode()
        for trace in ("Secret question", "without a network", "A map", stored.hash, attempt_id, "Ada"):
            assert trace not in kept
        (shell,) = (files for name, files in cached.items() if name != "pencilsdown words")
        assert {path for path in shell if not path.startswith("/assets/")} == {"/sit"}
        assert sit.errors == []


async def test_of_older_releases_one_stays(tenant: Tenant, chromium: Browser) -> None:
    """For pages that are still open; what is shown without a network is of the newest one."""
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(1))
        context = await chromium.new_context()
        other = await context.new_page()
        await other.goto(f"{proxy.url}/monitor")
        for name in ("oldest", "old"):
            plant = "name => caches.open(`pencilsdown shell ${name}`).then(one => one.put('/sit', new Response(name)))"
            await other.evaluate(plant, name)
        sit = await Sit.open(context, sit_link(proxy.url, await seat(service, "exam", "ada")))
        assert await sit.page.evaluate(KEPT)
        shells = [name for name in await _cached(sit.page) if name.startswith("pencilsdown shell ")]
        assert len(shells) == 2
        assert shells[0] == "pencilsdown shell old"
        await sit.start()
        # The device writes what it knows after the page has shown it.
        await sit.page.wait_for_function(f"async () => (await ({STORED})()).includes('Question 1?')")
        await proxy.cut()
        await sit.page.reload()
        await sit.shows("q1")
        assert sit.errors == []
