"""What a candidate sets: the language of the page apart from the test's, colours, size, and a hidden clock."""

import re

from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, sit_link

_THEMES = ("light", "dark", "contrast", "cream")


async def test_a_candidate_sets_the_page(tenant: Tenant, chromium: Browser) -> None:
    async with tenant.service(tenant.node) as service:
        await service.put_test("exam", short_texts(3, Rules(duration_ms=7_200_000)))
        one = await seat(service, "exam", "ada")
    context = await chromium.new_context(locale="de-AT", viewport=PHONE)
    sit = await Sit.open(context, sit_link(tenant.node.url, one), PHONE)
    page, root = sit.page, sit.page.locator("html")

    # The browser asks for German.
    await expect(root).to_have_attribute("lang", "de")
    await expect(page.get_by_role("button", name="Prüfung beginnen")).to_be_visible()
    await sit.start()
    await sit.part("settings-open").click()
    await expect(sit.part("settings")).to_be_visible()
    for theme in _THEMES:
        await page.check(f"input[value={theme}]")
        await expect(root).to_have_attribute("data-theme", theme)
        assert await violations(page) == []
    await page.check("input[value='150']")
    await page.check("input[name=spaced]")
    await page.check("input[name=time]")
    await sit.part("language").select_option("fr")
    await expect(root).to_have_attribute("lang", "fr")
    await page.keyboard.press("Escape")
    await expect(sit.part("settings-open")).to_be_focused()
    await expect(sit.part("countdown")).to_have_text("Le temps est masqué")
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")

    # From right to left, and the test's own texts as they run.
    await sit.part("settings-open").click()
    await sit.part("language").select_option("ar")
    await expect(root).to_have_attribute("dir", "rtl")
    assert await violations(page) == []
    await sit.part("settings-close").click()
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    body = sit.part("question").locator(".body").first
    assert await body.evaluate("body => getComputedStyle(body).direction") == "ltr"

    await page.reload()
    await expect(sit.part("question")).to_be_visible()
    assert await root.evaluate("html => [html.lang, {...html.dataset}]") == [
        "ar",
        {"theme": "cream", "size": "150", "spaced": ""},
    ]
    await expect(page).to_have_title(re.compile("^Short texts$"))
    assert sit.errors == []
    await context.close()
