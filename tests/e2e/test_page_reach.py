"""The candidate's page by keyboard alone, in Windows' contrast themes, in a window of a few lines, and in its tab."""

import re
from typing import Final

from playwright.async_api import Browser, ViewportSize, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import DESK, Sit, sit_link

_MANY: Final = 125
_FOCUSED: Final = "() => document.activeElement?.getAttribute('data-testid')"


async def _open(tenant: Tenant, chromium: Browser, questions: int, size: ViewportSize = DESK) -> Sit:
    async with tenant.service(tenant.node) as service:
        await service.put_test("exam", short_texts(questions, Rules(duration_ms=7_200_000)))
        one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(tenant.node.url, one), size)
    await sit.start()
    return sit


async def test_a_long_exam_by_keyboard(tenant: Tenant, chromium: Browser) -> None:
    sit = await _open(tenant, chromium, _MANY)
    page = sit.page

    async def focused() -> str | None:
        found: str | None = await page.evaluate(_FOCUSED)
        return found

    # Of a page that was opened again the first stop leads past the header.
    await page.reload()
    await expect(sit.part("question")).to_be_visible()
    await page.keyboard.press("Tab")
    assert await focused() == "skip"
    await page.keyboard.press("Enter")
    await expect(page.locator("main h1")).to_be_focused()

    presses = 0
    while await focused() != "review-button":
        await page.keyboard.press("Tab")
        presses += 1
        assert presses < 10, "to hand in takes a handful of stops, however long the exam is"

    await page.keyboard.press("Shift+Tab")
    assert await focused() == "nav-item-0"
    for key, index in (("ArrowRight", 1), ("ArrowLeft", 0), ("End", _MANY - 1), ("Home", 0)):
        await page.keyboard.press(key)
        assert await focused() == f"nav-item-{index}"
    await page.keyboard.press("ArrowDown")
    below = int(str(await focused()).removeprefix("nav-item-"))
    same_column = await page.evaluate(
        "ids => { const [a, b] = ids.map(id => document.querySelector(`[data-testid=nav-item-${id}]`)"
        ".getBoundingClientRect()); return a.left === b.left && a.top < b.top }",
        [0, below],
    )
    assert same_column
    await page.keyboard.press("ArrowUp")
    assert await focused() == "nav-item-0"
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await expect(sit.part("question")).to_have_attribute("data-index", str(_MANY - 1))
    # The navigator has followed, and the page has not moved.
    await expect(sit.part(f"nav-item-{_MANY - 1}")).to_be_in_viewport()
    assert await page.evaluate("() => scrollY") == 0
    await sit.go_to(_MANY - 1)
    for _ in range(2):
        await sit.part("question-prev").click()
    await expect(sit.part(f"nav-item-{_MANY - 3}")).to_be_in_viewport()
    assert sit.errors == []


async def test_the_tab_says_how_the_test_stands(tenant: Tenant, chromium: Browser) -> None:
    sit = await _open(tenant, chromium, 2)
    await expect(sit.page).to_have_title(re.compile(r"^(2 h 0|1 h 59) min left · Short texts$"))
    await sit.hand_in()
    await expect(sit.page).to_have_title("Ended · Short texts")


async def test_contrast_themes_keep_what_only_a_colour_said(tenant: Tenant, chromium: Browser) -> None:
    sit = await _open(tenant, chromium, 3)
    await sit.page.emulate_media(forced_colors="active")
    await sit.give("an answer")
    await sit.go_to(1)
    await sit.part("flag-button").click()

    async def drawn(name: str, what: str) -> str:
        found: str = await sit.part(name).evaluate(f"element => getComputedStyle(element).{what}")
        return found

    assert await drawn("nav-item-1", "outlineStyle") == "solid", "where she is"
    assert await drawn("nav-item-0", "borderTopWidth") == "3px", "what is answered"
    assert await drawn("nav-item-2", "borderTopWidth") == "1px"
    assert await drawn("flag-button", "outlineStyle") == "solid", "what is pressed"


async def test_four_hundred_per_cent_leave_room_for_the_question(tenant: Tenant, chromium: Browser) -> None:
    """1,280 × 800 at 400 % is 320 × 200."""
    sit = await _open(tenant, chromium, 2, ViewportSize(width=320, height=200))
    assert await sit.page.evaluate("() => scrollY") == 0, "the button that starts was far down"
    await sit.part("text-answer").scroll_into_view_if_needed()
    free = await sit.part("text-answer").evaluate(
        "element => { const box = element.getBoundingClientRect();"
        " return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) === element }"
    )
    assert free, "nothing that sticks lies over it"
    covered = await sit.page.evaluate(
        "() => [10, 100, 190].filter(y => !document.elementFromPoint(160, y)?.closest('main')).length"
    )
    assert covered == 0
    assert await sit.page.evaluate("() => document.documentElement.scrollWidth") == 320
    await sit.give("typed at 400 %")
    await sit.save_state("saved")
    assert sit.errors == []
