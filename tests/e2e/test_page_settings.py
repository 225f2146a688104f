"""What a candidate sets: the language of the page apart from the test's, colours, size, and a hidden clock. And a
language of no people, long and in brackets: what the pages say without it stands in no catalogue."""

import re

from playwright.async_api import Browser, Page, Route, expect

from protocol.content import Rules
from protocol.override import Override, SetPage
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link

_THEMES = ("light", "dark", "contrast", "cream")
_ACCENTS = str.maketrans("aeiouncAEIOUNC", "áéíóúñçÁÉÍÓÚÑÇ")
_LITERAL = re.compile(
    r"""(?<!from)(?<!import)(?P<mark>["'`])(?P<text>(?:\\.|(?!(?P=mark)).)*)(?P=mark)(?!\s*:)""",
    re.DOTALL,
)
_BARE = """() => {
    const theirs = "bdi, kbd, [aria-hidden=true], [lang=''], option, [data-testid=candidate-name]"
    const found = []
    const walker = document.createTreeWalker(document.querySelector("#app"), NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode
        if (/\\p{L}{2}/u.test(data) && !data.includes("[") && !parentElement.closest(theirs)) found.push(data)
    }
    for (const element of document.querySelectorAll("#app [aria-label], #app [title]")) {
        for (const name of ["aria-label", "title"]) {
            const said = element.getAttribute(name)
            if (said && /\\p{L}{2}/u.test(said) && !said.includes("[")) found.push(`${name}: ${said}`)
        }
    }
    return found
}"""


def _pseudo(module: str) -> str:
    """The English catalogue with each of its texts longer, with accents, and in brackets."""

    def longer(found: re.Match[str]) -> str:
        text = found["text"]
        if not re.search(r"[A-Za-z]", text) or text.startswith(("./", "/")):
            return found[0]
        return f"{found['mark']}[{text.translate(_ACCENTS)}{' ~~~~' * (len(text) // 15)}]{found['mark']}"

    return _LITERAL.sub(longer, module)


async def test_a_candidate_sets_the_page(tenant: Tenant, chromium: Browser) -> None:
    async with tenant.service(tenant.node) as service:
        await service.put_test("exam", short_texts(3, Rules(duration_ms=7_200_000)))
        one, other = await seat(service, "exam", "ada"), await seat(service, "exam", "bob")
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

    # What is hidden is said when it is asked for; keys press what they name.
    await page.keyboard.press("Alt+Shift+KeyT")
    await expect(sit.part("time-spoken")).to_contain_text("Temps restant")
    await page.keyboard.press("Alt+Shift+KeyN")
    await sit.shows("q2")
    await page.keyboard.press("Alt+Shift+KeyF")
    await expect(sit.part("flag-button")).to_have_attribute("aria-pressed", "true")

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

    # What staff set is there at once, and she can change it.
    async with tenant.service(tenant.node) as service:
        await service.grant(Override(page=SetPage("tr", "dark", 115, still=True)), test_id="exam", user_id="ada")
    await expect(root).to_have_attribute("lang", "tr")
    set_by_staff = {"theme": "dark", "size": "115", "spaced": "", "still": ""}
    assert await root.evaluate("html => ({...html.dataset})") == set_by_staff
    await sit.part("settings-open").click()
    await page.check("input[value='130']")
    await page.reload()
    await expect(sit.part("question")).to_be_visible()
    assert await root.evaluate("html => ({...html.dataset})") == set_by_staff | {"size": "130"}

    # Whoever sits down there after her has what the device had, but for what was changed by hand.
    await page.goto(sit_link(tenant.node.url, other))
    await expect(root).to_have_attribute("lang", "ar")
    assert await root.evaluate("html => ({...html.dataset})") == {"theme": "cream", "size": "130", "spaced": ""}
    assert sit.errors == []
    await context.close()


async def test_all_that_the_pages_say_is_in_the_catalogues_and_fits_when_it_is_longer(
    tenant: Tenant, chromium: Browser
) -> None:
    async with tenant.service(tenant.node) as service:
        await service.put_test("exam", short_texts(3, Rules(duration_ms=7_200_000)))
        one = await seat(service, "exam", "ada")
    context = await chromium.new_context(locale="en", viewport=PHONE, service_workers="block")

    async def in_pseudo(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, body=_pseudo(await response.text()))

    async def document_in_pseudo(route: Route) -> None:
        response = await route.fetch()
        page = re.sub(r'(?<=<script type="module">)[^<]+', lambda said: _pseudo(said[0]), await response.text())
        headers = {name: value for name, value in response.headers.items() if name != "content-security-policy"}
        await route.fulfill(response=response, body=page, headers=headers)

    await context.route(re.compile(r"/assets/en-[^/]+\.js$"), in_pseudo)
    await context.route(re.compile(r"/sit(#|$)"), document_in_pseudo)
    sit = await Sit.open(context, sit_link(tenant.node.url, one), PHONE)
    page = sit.page

    async def holds(page: Page = page) -> None:
        assert await page.evaluate(_BARE) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")

    await expect(sit.part("readiness")).to_be_visible()
    await holds()
    await sit.start()
    await sit.give("right")
    await sit.save_state("saved")
    await holds()
    await sit.part("settings-open").click()
    await expect(sit.part("settings")).to_be_visible()
    await holds()
    await sit.part("settings-close").click()
    await sit.part("review-button").click()
    await expect(sit.part("submit-button")).to_be_visible()
    await holds()

    staff = await Watch.open(context, monitor_link(tenant, tenant.node, "exam"), PHONE)
    await expect(staff.row(one.attempt_id)).to_be_visible()
    await holds(staff.page)
    await staff.part(f"row-menu-{one.attempt_id}").click()
    await holds(staff.page)
    await staff.part("action-extend").click()
    await holds(staff.page)
    await staff.page.keyboard.press("Escape")
    for tab in ("live", "people", "results", "report", "statistics"):
        await staff.part(f"page-{tab}").click()
        await expect(staff.page.get_by_role("heading", level=2).first).to_be_attached()
        await holds(staff.page)
    await staff.part("page-room").click()
    await staff.part("language").select_option("ar")
    await expect(staff.page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(staff.part("sort-status")).to_have_text("الحالة")
    await staff.page.reload()
    await expect(staff.row(one.attempt_id)).to_contain_text("قيد التقدم")
    assert await violations(staff.page) == []
    assert await staff.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    await context.close()
