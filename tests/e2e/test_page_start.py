"""The start page stands before the page can tell the server anything: nothing that she does meanwhile is lost."""

import asyncio
import re

from playwright.async_api import Browser, Route, expect

from protocol.attempt.facts import Started
from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import short_texts
from tests.e2e.pages import KEPT, PHONE, Sit, link_to_test
from tests.e2e.proxy import Proxy

_ENGINE = re.compile(r"/assets/engine-[^/]+\.js$")
_MARK = "element => { element.same = true; element.focus(); element.setSelectionRange(2, 4) }"
_IS_HERE = "element => element.same === true && document.activeElement === element && element.selectionStart === 2"


async def test_what_is_done_on_the_start_page_before_its_connection_counts_once(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(2, Rules(access_code="harbour")))
        context = await chromium.new_context(viewport=PHONE)
        here = asyncio.Event()

        async def late(route: Route) -> None:
            await here.wait()
            await route.continue_()

        await context.route(_ENGINE, late)
        link = link_to_test(tenant, node, "exam", "ada").replace(node.url, proxy.url)
        sit = await Sit.open(context, link)
        code = sit.part("access-code")
        await code.fill("wrong")
        await sit.connection("connecting")
        # The connection comes: neither the focus nor what she has typed moves.
        await code.evaluate(_MARK)
        here.set()
        await sit.connection("live")
        assert await code.evaluate(_IS_HERE)
        await expect(code).to_have_value("wrong")
        assert await sit.page.evaluate(KEPT)

        # Without a network the page is there, and says that the server isn't.
        await proxy.cut()
        await sit.page.reload()
        await expect(sit.part("unreachable")).to_be_visible()
        proxy.heal()
        await sit.connection("live")
        attempt_id = sit.attempt_id
        await context.close()

        here.clear()
        context = await chromium.new_context(viewport=PHONE, service_workers="block")
        await context.route(_ENGINE, late)
        sit = await Sit.open(context, link)
        await sit.part("access-code").fill("harbour")
        await sit.part("access-code").press("Enter")
        # The press is drawn before anything can be told to the server.
        await expect(sit.part("start-button")).to_have_text("Starting…")
        await expect(sit.part("start-button")).to_be_disabled()
        await sit.part("access-code").press("Enter")
        records, _ = await tenant.log(attempt_id)
        assert not any(isinstance(record.entry.fact, Started) for record in records)
        # Meanwhile staff have her wait: she is told so, and only for as long as it holds.
        await service.put_test("exam", short_texts(2, Rules(access_code="harbour", waiting_room=True)))
        here.set()
        await expect(sit.part("hindrances")).to_contain_text("You wait to be let in")
        await expect(sit.part("start-button")).to_have_text("Start the test")
        await service.put_test("exam", short_texts(2, Rules(access_code="harbour")))
        await expect(sit.part("start-button")).to_be_enabled()
        await expect(sit.part("start-refused")).to_have_count(0)
        await sit.start()
        assert sit.attempt_id == attempt_id
        records, _ = await tenant.log(attempt_id)
        assert sum(isinstance(record.entry.fact, Started) for record in records) == 1
        assert sit.errors == []
        await context.close()
