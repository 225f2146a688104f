"""A link that opens on one device, as the page and the monitor show it."""

from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link


async def test_a_link_that_opens_once(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(links="once")))
        one = await seat(service, "exam", "ada")
        link = sit_link(node.url, one)
        browser = await chromium.new_context()
        hers = await Sit.open(browser, link)
        await hers.start()
        await hers.give("right")
        await hers.save_state("saved")

        other = await Sit.open(chromium, link)
        await expect(other.part("disconnected")).to_contain_text("ask your invigilator")

        await hers.page.close()
        again = await Sit.open(browser, link)
        await again.is_given("right")
        await again.connection("live")

        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, status="in_progress")
        await watch.act(one.attempt_id, "allow_device", reason="her laptop has broken")
        await expect(watch.part("toast")).to_contain_text("another device allowed")
        await other.part("retry").click()
        await other.is_given("right")
        await expect(again.part("use-here")).to_be_visible()
        await again.part("use-here").click()
        await expect(again.part("disconnected")).to_contain_text("ask your invigilator")

        await other.hand_in()
        await other.outcome("completed")
        records, _ = await tenant.log(one.attempt_id)
        kinds = [type(record.entry.fact).__name__ for record in records]
        assert kinds.count("DeviceAllowed") == 1
        assert hers.errors == other.errors == again.errors == watch.errors == []


async def test_a_link_to_a_result(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        token = (await service.result_token(one.attempt_id)).token
        link = f"{node.url}/sit#result={one.attempt_id}&token={token}"
        early = await Sit.open(chromium, link)
        await expect(early.part("no-result")).to_contain_text("has not ended yet")

        hers = await Sit.open(chromium, sit_link(node.url, one))
        await hers.start()
        await hers.give("right")
        await hers.hand_in()
        await hers.outcome("completed")

        later = await Sit.open(chromium, link)
        await later.score(1_000)
        assert token not in later.page.url
        await later.page.reload()
        await later.score(1_000)
        await expect(later.part("outcome")).to_have_count(0)
        assert hers.errors == later.errors == []
