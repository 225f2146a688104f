"""What is dragged and not let go in the ordinary way changes no answer; and an act loses nobody the keyboard."""

from collections.abc import AsyncIterator
from typing import Final

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from clients.python.rest import Rest
from protocol.content import (
    AcceptedNumber,
    GraphicAssociate,
    Interaction,
    PairSpot,
    Picture,
    Point,
    Question,
    Slider,
    TestContent,
)
from protocol.content import WorthArea as Area
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import Sit, sit_link
from tests.e2e.pairs import GAPS, MATCH, ORDER

PICTURE: Final = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="9" height="9"/></svg>'
SPOTS: Final = [
    PairSpot(spot_id=name, shape="circle", coords=[100 * at, 100, 30], label=name) for at, name in enumerate("ab", 1)
]
END_UNTOLD: Final = "addEventListener('pointerup', up => up.stopImmediatePropagation(), {capture: true, once: true})"
"""As where a menu or another window has swallowed it."""


@pytest_asyncio.fixture(loop_scope="session")
async def service(tenant: Tenant) -> AsyncIterator[Rest]:
    async with tenant.service(tenant.node) as service:
        stored = await service.store_media(PICTURE)
        picture = Picture(src=f"media:{stored.hash}", width=400, height=300, alt="A map")
        asked: dict[str, Interaction] = {
            "order": ORDER,
            "point": Point(picture=picture, areas=[Area(shape="circle", coords=[9, 9, 5])], max_choices=2),
            "match": MATCH,
            "gaps": GAPS,
            "slider": Slider(lower="0", upper="4", step="1", accepted=[AcceptedNumber(value="3")]),
            "lines": GraphicAssociate(picture=picture, spots=SPOTS, correct=[("a", "b")]),
        }
        questions = [Question(question_id=name, body=name, interactions=[one]) for name, one in asked.items()]
        await service.put_test("exam", TestContent(title="All", questions=questions))
        yield service


async def _middle(what: Locator) -> tuple[float, float]:
    box = await what.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def _drag_without_end(page: Page, what: Locator, end: str) -> None:
    """Takes hold of it, moves it, and does not let it go there in the ordinary way."""
    x, y = await _middle(what)
    await page.mouse.move(x, y)
    await page.mouse.down(button="right" if end == "right" else "left")
    await page.mouse.move(x, y + 20)
    await page.mouse.move(x, y + 60)
    match end:
        case "Escape":
            await page.keyboard.press("Escape")
        case "blur" | "contextmenu":
            await page.evaluate("name => window.dispatchEvent(new Event(name))", end)
        case "untold":
            await page.evaluate(END_UNTOLD)
            await page.mouse.up()
    await page.mouse.move(x, y + 65)
    await page.mouse.up(button="right" if end == "right" else "left")


async def test_a_drag_that_is_broken_off_changes_nothing(tenant: Tenant, service: Rest, chromium: Browser) -> None:
    one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(tenant.node.url, one))
    await sit.start()
    page = sit.page
    ends = ("Escape", "blur", "contextmenu", "untold", "right")

    order = sit.part("order-answer")
    handle = sit.part("order-x").locator(".handle")
    await expect(handle).to_be_visible()
    for end in ends:
        await _drag_without_end(page, handle, end)
    # Over where it was lifted.
    x, y = await _middle(handle)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 40, y)
    await page.mouse.up()
    await expect(order).to_have_attribute("data-answered", "false")
    await expect(order.get_by_role("listitem")).to_have_count(3)
    # It can be dragged as before.
    await handle.drag_to(sit.part("order-z"))
    await expect(order).to_have_attribute("data-answered", "true")

    await sit.go_to(1)
    await sit.part("point-ground").click(position={"x": 100, "y": 100})
    point = sit.part("point-0")
    name = await point.get_attribute("aria-label") or ""
    for end in ends:
        await _drag_without_end(page, point, end)
        await expect(point).to_have_attribute("aria-label", name)
    # A press beside its middle does not move it, however the hand trembles.
    x, y = await _middle(point)
    await page.mouse.move(x + 12, y + 8)
    await page.mouse.down()
    await page.mouse.move(x + 14, y + 8)
    await page.mouse.up()
    await expect(point).to_have_attribute("aria-label", name)
    touch = await page.context.new_cdp_session(page)
    for kind, ways in (("touchStart", [0]), ("touchMove", [20]), ("touchMove", [50]), ("touchCancel", [])):
        points = [{"x": x + way, "y": y} for way in ways]
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await expect(point).to_have_attribute("aria-label", name)
    assert sit.errors == []


async def test_an_act_leaves_the_focus_in_the_question(tenant: Tenant, service: Rest, chromium: Browser) -> None:
    one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(tenant.node.url, one))
    await sit.start()
    page = sit.page

    async def act(control: Locator, next_one: Locator) -> None:
        """Pressing it takes it away, and the focus goes to what is before it."""
        await control.focus()
        await page.keyboard.press("Enter")
        await expect(next_one).to_be_focused()
        assert await control.count() == 0 or not await control.is_visible() or await control.is_disabled()

    # Of the last one, whichever it is: they are shuffled.
    up = page.get_by_role("button", name="Move up").last
    await act(sit.part("keep-order"), up)
    await act(sit.part("clear-answer"), up)
    await sit.go_to(2)
    await sit.part("cell-k-n").check()
    await act(sit.part("clear-k"), sit.part("cell-k-c"))
    await sit.go_to(3)
    await sit.part("choice-iron").click()
    await sit.part("gap-metal").click()
    await sit.part("gap-metal").click()
    await act(sit.part("take-back"), sit.part("choice-o"))
    await sit.go_to(4)
    more = page.get_by_role("button", name="One step more")
    await act(sit.part("keep-number"), more)
    await more.click()
    await act(more, sit.part("slider"))
    await sit.go_to(5)
    await sit.part("spot-a").click()
    await sit.part("spot-b").click()
    await act(page.get_by_role("button", name="Take away: a – b"), sit.part("spot-b"))

    # What was said of an answer is not said of none.
    await sit.part("spot-a").click()
    await sit.part("spot-b").click()
    await expect(sit.part("graphic-associate-answer").get_by_role("status")).to_have_text("a and b are joined.")
    await act(sit.part("clear-answer"), sit.part("spot-b"))
    await expect(sit.part("graphic-associate-answer").get_by_role("status")).to_have_text("")
    assert sit.errors == []
