"""Staff sign in with a browser, at a provider that this test runs."""

from playwright.async_api import Browser, expect

from tests.e2e.axe import violations
from tests.e2e.deployment import Deployment
from tests.e2e.exams import short_texts
from tests.e2e.pages import Watch
from tests.server.harness.oidc_provider import OidcProvider


async def test_staff_sign_in_without_a_link_and_sign_out(embedded: Deployment, chromium: Browser) -> None:
    with OidcProvider().running() as provider:
        node = embedded.node(**provider.settings)
        await node.start()
        async with embedded.service(node) as service:
            await service.put_test("exam", short_texts(1))
        watch = await Watch.open(chromium, f"{node.url}/monitor#test=exam")
        await expect(watch.part("sign-in")).to_be_visible()
        assert await violations(watch.page) == []
        await watch.part("sign-in").click()
        await watch.page.get_by_role("link", name="I am not Grace").click()
        await expect(watch.part("no-link")).to_contain_text("given up")
        assert watch.page.url == f"{node.url}/monitor#test=exam"
        await watch.part("sign-in").click()
        await watch.page.get_by_role("link", name="I am Grace").click()
        await expect(watch.part("connection-state")).to_have_attribute("data-state", "live")
        assert watch.page.url == f"{node.url}/monitor#test=exam", "the code has left the address"
        await watch.page.reload()
        await expect(watch.part("connection-state")).to_have_attribute("data-state", "live")
        assert await watch.page.context.cookies() == []

        # Somebody else's sign-in, as a link: this tab has not begun it.
        other = await Watch.open(chromium, f"{node.url}/monitor?code=c&state=s#test=exam")
        await expect(other.part("no-link")).to_contain_text("another window")

        await watch.part("sign-out").click()
        await watch.page.get_by_role("link", name="Back").click()
        await expect(watch.part("sign-in")).to_be_visible()
        assert watch.errors + other.errors == []
