"""A browser whose policy forbids storage (all cookies blocked): both pages work from their links, and say so."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link
from tests.services.window import open_window

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
        await expect(sit.part("start-button")).to_be_visible()
        await expect(sit.part("readiness").locator("[data-says=nothing]")).to_be_visible()
        await _promises_nothing(sit)
        await sit.start()
        await expect(sit.part("not-durable")).to_be_visible()
        await sit.give("right")
        await sit.save_state("saved")
        # The link is in the address still: nothing else could bring her back.
        await sit.page.reload()
        await sit.is_given("right")

        await node.kill()
        await expect(sit.part("offline-notice")).to_be_visible()
        await sit.go_to(1)
        await sit.part("text-answer").fill("offline")
        await sit.save_state("editing")
        await _promises_nothing(sit)
        await node.start()
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(1_000)
        assert sit.errors == []


@pytest.mark.chromium
async def test_an_exam_is_sat_in_a_browser_that_blocks_all_cookies(tenant: Tenant, tmp_path: Path) -> None:
    """The browser's own setting: it forbids locks as well, and an open tab must not look like one for ever."""
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "profile" / "Default").mkdir(parents=True)
    (tmp_path / "profile" / "Default" / "Preferences").write_text(json.dumps(settings))
    node = tenant.node
    async with tenant.service(node) as service, open_window(tmp_path / "profile") as window:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(window, sit_link(node.url, one))
        await sit.start()
        refused = await sit.page.evaluate("navigator.locks.request('any', () => 'held').catch(error => error.name)")
        assert refused == "SecurityError", "this browser does forbid locks"
        await sit.give("right")
        await sit.save_state("saved")
        await sit.page.reload()
        await sit.is_given("right")
        other = await Sit.open(window, sit_link(node.url, one))
        await other.page.get_by_role("button", name="Use it here").click()
        await other.is_given("right")
        await expect(sit.page.get_by_role("heading", name="Open in another window")).to_be_visible()
        await other.hand_in()
        await other.score(1_000)
        assert [*sit.errors, *other.errors] == []


async def test_an_ended_link_promises_nothing_where_nothing_may_be_kept(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(await _forbidding(chromium), sit_link(node.url, one))
        await sit.start()
        headers = {"Authorization": f"Bearer {tenant.token('service', 'platform')}"}
        body = {"user_id": "ada", "reason": "link lost"}
        reply = await sit.page.request.post(f"{node.url}/revocations", headers=headers, data=body)
        assert reply.ok, await reply.text()
        await expect(sit.part("disconnected")).to_contain_text("on this page alone")
        await _promises_nothing(sit)


async def _promises_nothing(sit: Sit) -> None:
    """What is said to be kept on the device would be gone with the page."""
    await expect(sit.page.locator("body")).not_to_contain_text("kept on this device")


async def test_a_room_is_watched_where_nothing_may_be_kept(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(await _forbidding(chromium), monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, status="initiated")
        await watch.page.reload()
        await watch.row_has(one.attempt_id, status="initiated")
        assert watch.errors == []
