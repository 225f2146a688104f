"""Scales, and pictures with spots to choose, order, join or fill, and with points to set, on the candidate's page."""

import re
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.content import (
    AcceptedNumber,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Interaction,
    PairOption,
    PairSpot,
    Picture,
    Point,
    Question,
    Slider,
    Spot,
    TestContent,
    WorthArea,
)
from protocol.messages.base import Value
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import PHONE, Sit, sit_link

MAP: Final = b"""<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">
<rect width="400" height="300" fill="#cfe8f5"/><path d="M20 40 L180 20 L220 140 L90 280 Z" fill="#d7dcb0"/>
<path d="M240 60 L380 50 L360 270 L260 220 Z" fill="#e6d5a8"/></svg>"""
SHAPES: Final[list[dict[str, object]]] = [
    {"spot_id": "n", "shape": "circle", "coords": [120, 70, 36], "label": "North"},
    {"spot_id": "s", "shape": "rect", "coords": [80, 180, 150, 240], "label": "South"},
    {"spot_id": "e", "shape": "poly", "coords": [270, 90, 360, 90, 350, 200, 280, 190], "label": "East"},
]
SPOTS: Final = [Spot(**one) for one in SHAPES]  # type: ignore[arg-type]
PAIRED: Final = [PairSpot(**one, max_uses=2) for one in SHAPES]  # type: ignore[arg-type]
CHOICES: Final = [PairOption("fir", "Fir", 1), PairOption("palm", "<em>Palm</em>", 1)]
KEY: Final[dict[str, Value]] = {
    "slider": "2.5",
    "one": ["s"],
    "several": ["n", "e"],
    "points": [("200", "150"), ("104", "30")],
    "order": ["e", "n", "s"],
    "gaps": [("fir", "n"), ("palm", "s")],
    "lines": [("n", "s"), ("s", "e")],
}


def _asked(src: str) -> dict[str, Interaction]:
    picture = Picture(src=src, width=400, height=300, alt="Two islands")
    areas = [WorthArea(shape="circle", coords=[200, 150, 5]), WorthArea(shape="rect", coords=[90, 10, 120, 50])]
    return {
        "slider": Slider(lower="-5", upper="10", step="2.5", accepted=[AcceptedNumber(value="2.5")], unit="m"),
        "one": Hotspot(picture=picture, spots=SPOTS, correct=["s"]),
        "several": Hotspot(picture=picture, spots=SPOTS, correct=["n", "e"], max_choices=2),
        "points": Point(picture=picture, areas=areas, max_choices=2),
        "order": GraphicOrder(picture=picture, spots=SPOTS, correct=["e", "n", "s"]),
        "gaps": GraphicGapMatch(picture=picture, spots=PAIRED, choices=CHOICES, correct=[("fir", "n"), ("palm", "s")]),
        "lines": GraphicAssociate(picture=picture, spots=PAIRED, correct=[("n", "s"), ("s", "e")]),
    }


async def _put(service: Rest) -> None:
    stored = await service.store_media(MAP)
    questions = [
        Question(question_id=name, body=f"<p>Question {name}</p>", interactions=[asked])
        for name, asked in _asked(f"media:{stored.hash}").items()
    ]
    await service.put_test("exam", TestContent(title="Islands", questions=questions))


async def _saved(service: Rest, attempt_id: str) -> dict[str, Value]:
    return {answer.question_id: answer.value for answer in (await service.answers(attempt_id)).answers}


async def test_all_are_answered_by_the_keyboard(tenant: Tenant, chromium: Browser) -> None:
    async with tenant.service(tenant.node) as service:
        await _put(service)
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(tenant.node.url, one))
        await sit.start()
        keys, page = sit.page.keyboard, sit.page

        # Before it is moved the thumb is no answer.
        slider = page.get_by_role("slider", name="A number from -5 to 10 m")
        await expect(slider).to_have_attribute("aria-valuetext", re.compile("^Not answered yet"))
        await slider.focus()
        await keys.press("End")
        for _ in range(3):
            await keys.press("ArrowLeft")
        await expect(slider).to_have_attribute("aria-valuetext", "2.5 m")
        await sit.save_state("saved")

        await sit.go_to(1)
        await page.get_by_role("radio", name="North").focus()
        await keys.press("Space")
        await keys.press("ArrowDown")
        await expect(page.get_by_role("radio", name="South")).to_be_checked()
        await expect(sit.part("spots-chosen")).to_have_text("Chosen: South")

        await sit.go_to(2)
        for name in ("East", "North", "South"):
            await page.get_by_role("checkbox", name=name).focus()
            await keys.press("Space")
        await expect(page.get_by_role("checkbox", name="South")).not_to_be_checked()
        await expect(page.get_by_text("2 are chosen, which is the most.")).to_be_visible()
        await sit.save_state("saved")

        # A point begins in the middle; what the keys do is said.
        await sit.go_to(3)
        await sit.part("add-point").focus()
        await keys.press("Enter")
        await expect(sit.part("point-0")).to_be_focused()
        await sit.part("add-point").focus()
        await keys.press("Enter")
        for _ in range(28):
            await keys.press("ArrowLeft")
        await expect(page.get_by_role("status").filter(has_text="Point 2: 104 across, 166 down")).to_have_count(1)
        for _ in range(30):
            await keys.press("ArrowUp")
        await page.get_by_role("spinbutton", name="Point 2, down").fill("29")
        await keys.press("Tab")
        await sit.part("point-1").focus()
        await keys.press("Shift+ArrowDown")
        await expect(sit.part("add-point")).to_be_disabled()

        await sit.go_to(4)
        for name in ("South", "East", "North"):
            await page.get_by_role("button", name=f"{name}, no number").focus()
            await keys.press("Enter")
        await page.get_by_role("button", name="South, number 1").focus()
        await keys.press("Enter")
        await keys.press("Enter")
        await expect(sit.part("spots-in-order").get_by_role("listitem")).to_have_text(["East", "North", "South"])

        await sit.go_to(5)
        for choice, spot in (("Palm", "North"), ("Fir", "North"), ("Palm", "South")):
            await sit.part(f"choice-{choice.lower()}").focus()
            await keys.press("Enter")
            await page.get_by_role("button", name=f"{spot}, ").focus()
            await keys.press("Enter")
        await page.get_by_role("button", name="North, has Fir, Palm").wait_for(state="hidden")
        await expect(page.get_by_role("button", name="South, has Palm")).to_be_visible()

        await sit.go_to(6)
        for name in ("East", "South", "East", "North", "North", "South", "East", "North"):
            await page.get_by_role("button", name=name, exact=True).focus()
            await keys.press("Enter")
        await expect(page.get_by_role("list", name="Lines").get_by_role("listitem")).to_have_count(2)
        await sit.save_state("saved")

        assert await _saved(service, one.attempt_id) == KEY
        await page.reload()
        await expect(page.get_by_role("list", name="Lines").get_by_role("listitem")).to_have_count(2)
        await sit.hand_in()
        await sit.score(7_000)
        assert sit.errors == []


@pytest.mark.long
async def test_all_are_answered_by_touch_on_a_phone(tenant: Tenant, chromium: Browser) -> None:
    async with tenant.service(tenant.node) as service:
        await _put(service)
        one = await seat(service, "exam", "ada")
        context = await chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
        sit = await Sit.open(context, sit_link(tenant.node.url, one))
        await sit.part("start-button").tap()
        page, following = sit.page, sit.page.get_by_role("button", name="Next")

        await page.get_by_role("button", name="Take 2.5 m").tap()
        await following.tap()
        await page.get_by_role("radio", name="North").tap()
        await page.get_by_role("radio", name="South").tap()
        await following.tap()
        for name in ("North", "South", "South", "East"):
            await page.get_by_role("checkbox", name=name).tap()
        await following.tap()

        # Where a finger comes down on the picture, whatever its size is here.
        ground = sit.part("point-ground")
        box = await ground.bounding_box()
        assert box is not None
        assert box["width"] < 400
        for x, y in ((200, 150), (104, 30)):
            await ground.tap(position={"x": box["width"] * x / 400, "y": box["height"] * y / 300})
        await following.tap()
        for name in ("East", "North", "South"):
            await page.get_by_role("button", name=f"{name}, no number").tap()
        await following.tap()
        await sit.part("choice-fir").tap()
        await page.get_by_role("button", name="South, empty").tap()
        await page.get_by_role("button", name="South, has Fir").tap()
        await expect(page.get_by_text("Fir is taken back from South.")).to_be_visible()
        await sit.part("choice-fir").tap()
        await page.get_by_role("button", name="North, empty").tap()
        await sit.part("choice-palm").drag_to(sit.part("spot-s"))
        await expect(page.get_by_text("Palm is on South.")).to_be_visible()
        await following.tap()
        for name in ("South", "North", "East", "South", "North", "East"):
            await page.get_by_role("button", name=name, exact=True).tap()
        await page.get_by_role("button", name="Take away: North – East").tap()
        await sit.save_state("saved")

        given = await _saved(service, one.attempt_id)
        assert {**given, "points": None} == {**KEY, "points": None}
        points = given["points"]
        assert isinstance(points, list)
        near = zip(points, KEY["points"] or [], strict=True)
        assert all(abs(int(a[0]) - int(b[0])) <= 2 and abs(int(a[1]) - int(b[1])) <= 2 for a, b in near)
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert sit.errors == []
        await context.close()


@pytest.mark.long
async def test_axe_finds_nothing_wrong(tenant: Tenant, chromium: Browser) -> None:
    async with tenant.service(tenant.node) as service:
        await _put(service)
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(tenant.node.url, one), PHONE)
        await sit.start()
        for place in range(len(KEY)):
            await sit.go_to(place)
            await expect(sit.part("input-waits")).to_have_count(0)
            assert await violations(sit.page) == [], place
        await sit.go_to(3)
        await sit.part("add-point").click()
        assert await violations(sit.page) == []
