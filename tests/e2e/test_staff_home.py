"""Where staff land: the rooms of today, the tests, a test from a file, and deliveries."""

from urllib.parse import urlencode

from playwright.async_api import Browser, expect

from protocol.rest.subscriptions import SubscribeBody
from tests.e2e.axe import violations
from tests.e2e.deployment import Organisation, Server, Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Watch

AIKEN = b"Who?\nA) Ada\nB) Bob\nANSWER: B\n"


def link(org: Organisation, node: Server, role: str, page: str = "monitor") -> str:
    return f"{node.url}/{page}#{urlencode({'token': org.token(role, 'root')})}"


async def test_an_administrator_lands_on_the_home_and_goes_everywhere_from_there(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        for number in range(30):
            await service.put_test(f"exam-{number:02}", short_texts(1))
        await service.start((await seat(service, "exam-07", "ada")).attempt_id)
        made = await service.subscribe(SubscribeBody(kind="webhook", target="https://example.org/x", topics=["*"]))
        subscription_id = made.subscription.subscription_id
        home = await Watch.open(chromium, link(tenant, node, "administrator"))
        await expect(home.part("home")).to_be_visible()
        assert home.page.url == f"{node.url}/staff", "the token has left the address"
        await expect(home.part("server-state")).to_have_attribute("data-good", "true")
        room = home.part("room-exam-07").locator("[data-count=in_progress]")
        await expect(room).to_have_text("1")
        await expect(home.part("tests").locator("li")).to_have_count(25)
        await home.part("tests-more").click()
        await expect(home.part("tests").locator("li")).to_have_count(30)
        await home.part("tests-search").fill("EXAM-29")
        await expect(home.part("tests").locator("li")).to_have_count(1)

        await home.part("events").locator("summary").click()
        await expect(home.part(f"subscription-{subscription_id}")).to_contain_text("example.org")
        await expect(home.part("no-deliveries")).to_be_visible()
        await home.part(f"replay-all-{subscription_id}").click()
        await expect(home.part("replayed")).to_contain_text("Nothing")

        kept = home.part("retention")
        await kept.locator("summary").click()
        await home.part("retention-audit_days").fill("7")
        await expect(kept).to_contain_text("Write whole days here, between 30 and 36,500.")
        await expect(home.part("retention-save")).to_be_disabled()
        await home.part("retention-audit_days").fill("400")
        await home.part("retention-media_days").fill("90")
        await home.part("retention-look").click()
        await expect(home.part("retention-preview")).to_contain_text("audit entries 0, deliveries 0, files 0")
        await home.part("retention-save").click()
        await expect(home.part("retention-saved")).to_be_visible()
        await expect(kept).to_contain_text("Now: 400 days")
        assert await violations(home.page) == []

        await home.part("open-bring").click()
        await expect(home.part("bring-file")).to_be_focused()
        await home.part("bring-file").set_input_files({"name": "bank.txt", "mimeType": "", "buffer": AIKEN})
        await home.part("bring-id").fill("bank")
        await home.part("bring-look").click()
        await expect(home.part("bring-counts")).to_contain_text("1 taken")
        await expect(home.part("bring-becomes")).to_contain_text("Its id is bank.")
        await home.part("bring-store").click()
        await expect(home.part("bring-next")).to_be_visible()
        await home.part("bring-preview").click()
        await expect(home.part("preview")).to_be_visible()
        await home.page.reload()
        await expect(home.part("preview")).to_be_visible()
        await home.part("go-home").click()
        await home.part("watch-exam-07").click()
        await expect(home.part("connection-state")).to_have_attribute("data-state", "live")
        await home.part("page-people").click()
        assert home.page.url.endswith("show=people")
        assert home.errors == []


async def test_each_role_finds_what_it_may_do_and_a_token_that_has_ended_leads_back(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1))
        marker = await Watch.open(chromium, link(tenant, node, "marker"), PHONE)
        await expect(marker.part("marking-of-exam")).to_be_visible()
        for part in ("rooms", "server-state", "open-bring", "events", "open-office", "people-of-exam", "room-of-exam"):
            await expect(marker.part(part)).to_have_count(0)
        await marker.part("marking-of-exam").click()
        await expect(marker.page).to_have_url(f"{node.url}/monitor#test=exam&marking=1")
        await marker.page.go_back()

        invigilator = await Watch.open(chromium, link(tenant, node, "invigilator", "staff"), PHONE)
        await expect(invigilator.part("no-rooms")).to_be_visible()
        await expect(invigilator.part("room-of-exam")).to_be_visible()
        for part in ("preview-of-exam", "results-of-exam", "people-of-exam", "open-bring", "events"):
            await expect(invigilator.part(part)).to_have_count(0)
        await invigilator.part("language").select_option("ar")
        await expect(invigilator.page.locator("html")).to_have_attribute("dir", "rtl")
        assert await violations(invigilator.page) == []
        width = await invigilator.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], "nothing lies outside the screen"

        await service.revoke("Left.", user_id="root")
        await invigilator.page.reload()
        await expect(invigilator.part("home-failure")).to_contain_text("سُحب هذا الرابط")
        await invigilator.part("sign-in-again").click()
        await expect(invigilator.part("no-link")).to_be_visible()
        assert marker.errors + invigilator.errors == []
