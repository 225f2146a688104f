"""Questions that are answered by pairs, by an order, or by words of a text, on the candidate's page."""

import re
from typing import Final

from playwright.async_api import Browser, Locator, Page, Route, expect

from protocol.content import Essay, Question, Rules, Section, TestContent, TrueFalse
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import PHONE, Sit, sit_link
from tests.e2e.pairs import ANSWERS, MATCH, exam

ROOM_BESIDE: Final = """bank => {
    const [chip] = bank.querySelectorAll("button")
    chip.style.width = "100%"
    const room = bank.getBoundingClientRect().right - chip.getBoundingClientRect().right
    chip.style.width = ""
    return room
}"""
"""What of the bank is left beside a choice with a long text."""
IMPORTED = """component => performance.getEntriesByType("resource")
    .filter(({name}) => name.includes(component) && name.endsWith(".js")).length >= 2"""
"""Its code was fetched, and then imported: each is an entry."""


async def test_all_of_them_are_answered_by_the_keyboard(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", exam())
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        page, key = sit.page, sit.page.keyboard

        # A match is radio buttons, one group for each row.
        kenya = page.get_by_role("radiogroup", name="Kenya")
        await kenya.get_by_role("radio", name="Lima").focus()
        await key.press("ArrowRight")
        await expect(kenya.get_by_role("radio", name="Nairobi")).to_be_checked()
        await key.press("Tab")
        await expect(page.get_by_role("button", name="Take back: Kenya")).to_be_focused()
        await key.press("Tab")
        await key.press("Space")
        await expect(page.get_by_role("radiogroup", name="Peru").get_by_role("radio", name="Lima")).to_be_checked()

        # A gap is filled by two presses, in either order, and emptied by one.
        bank = page.get_by_role("group", name="To choose from").first
        await bank.get_by_role("button", name="Gold").focus()
        await key.press("Enter")
        await expect(page.get_by_text("Gold: now choose a gap.")).to_have_count(1)
        await page.get_by_role("button", name="Gap 1: empty").focus()
        await key.press("Enter")
        await expect(page.get_by_role("button", name="Gap 1: Gold")).to_be_focused()
        await key.press("Delete")
        await expect(page.get_by_role("button", name="Gap 1: empty")).to_be_focused()
        await key.press("Enter")
        await bank.get_by_role("button", name="Iron").focus()
        await key.press("Enter")
        await expect(page.get_by_text("Iron is in gap 1.")).to_have_count(1)
        await bank.get_by_role("button", name="O2").focus()
        await key.press("Enter")
        await page.get_by_role("button", name="Gap 2: empty").focus()
        await key.press("Enter")

        pairs = sit.part("associate-answer")
        for first, second in (("Hot", "Wet"), ("Cold", "Dry")):
            await pairs.get_by_role("button", name=first, exact=True).focus()
            await key.press("Enter")
            await pairs.get_by_role("button", name=second, exact=True).focus()
            await key.press("Enter")
        # Wet leaves the pair in which it stood.
        await pairs.get_by_role("button", name="Hot , paired with Wet").focus()
        await key.press("Enter")
        await pairs.get_by_role("button", name="Cold , paired with Dry").focus()
        await key.press("Enter")
        await expect(pairs.get_by_role("listitem")).to_have_text([re.compile("Hot.*Cold")])
        await expect(pairs).to_contain_text("At least 2 are asked for; 1 so far.")
        for name in ("Wet", "Dry"):
            await pairs.get_by_role("button", name=name, exact=True).focus()
            await key.press("Enter")

        # No more than may be chosen.
        verbs = sit.part("hottext-answer")
        for name, press in (("mat", "Enter"), ("sat", "Space"), ("mat", "Space"), ("purred", "Enter")):
            await verbs.get_by_role("button", name=name).focus()
            await key.press(press)
        await verbs.get_by_role("button", name="mat").focus()
        await key.press("Enter")
        await expect(verbs).to_contain_text("At most 2 can be chosen.")
        assert await violations(page) == []

        order = sit.part("order-answer")
        for name in ("Third", "Second", "First"):
            while await order.get_by_role("button", name=f"Move up: {name}").is_enabled():
                await order.get_by_role("button", name=f"Move up: {name}").focus()
                await key.press("Enter")
        await sit.save_state("saved")
        assert [one.value for one in (await service.answers(one.attempt_id)).answers] == [ANSWERS]

        # All of it is shown again.
        await page.reload()
        await expect(page.get_by_role("radiogroup", name="Kenya").get_by_role("radio", name="Nairobi")).to_be_checked()
        await expect(page.get_by_role("button", name="Gap 2: O2")).to_be_visible()
        await expect(pairs.get_by_role("listitem")).to_have_count(2)
        await expect(verbs.get_by_role("button", name="sat")).to_have_attribute("aria-pressed", "true")
        await sit.hand_in()
        await sit.score(5_000)
        assert sit.errors == []


async def test_all_of_them_are_answered_by_touch_on_a_phone(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", exam())
        one = await seat(service, "exam", "ada")
        hers = await chromium.new_context(viewport=PHONE, has_touch=True)
        sit = await Sit.open(hers, sit_link(node.url, one))
        page = sit.page
        await sit.start()
        await expect(sit.part("order-answer")).to_be_visible()
        # Nothing is wider than the screen.
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert await violations(page) == []

        await page.get_by_role("radiogroup", name="Kenya").get_by_text("Nairobi").tap()
        await page.get_by_role("radiogroup", name="Peru").get_by_text("Lima").tap()
        # A finger on a choice drags it: beside them it scrolls them.
        assert await sit.part("bank").evaluate(ROOM_BESIDE) >= 44
        await sit.part("choice-iron").tap()
        await sit.part("gap-gas").tap()
        # Into the other gap, by dragging it there.
        await _drag(page, sit.part("gap-gas"), sit.part("gap-metal"))
        await expect(sit.part("gap-metal")).to_have_attribute("data-choice", "iron")
        await _drag(page, sit.part("choice-o"), sit.part("gap-gas"))
        for name in ("hot", "cold"):
            await sit.part(f"choice-{name}").tap()
        await _drag(page, sit.part("choice-wet"), sit.part("choice-dry"))
        for name in ("s", "p"):
            await sit.part(f"hot-{name}").tap()
        order = sit.part("order-answer")
        for place, name in enumerate(("First", "Second", "Third")):
            thing = order.get_by_role("listitem").filter(has_text=name)
            await _drag(page, thing.locator(".handle"), order.get_by_role("listitem").nth(place))
            await expect(order.get_by_role("listitem").nth(place)).to_contain_text(name)
        if await sit.part("keep-order").count():
            await sit.part("keep-order").tap()
        await sit.save_state("saved")
        assert [one.value for one in (await service.answers(one.attempt_id)).answers] == [ANSWERS]

        # What is dragged out of its gap is not lost on the way, and goes back to where it came from.
        await _drag(page, sit.part("gap-gas"), sit.part("gaps-answer").locator("p").first)
        await expect(sit.part("gap-gas")).to_have_attribute("data-choice", "o")
        await _drag(page, sit.part("gap-gas"), sit.part("bank"))
        await expect(sit.part("choice-o")).to_have_attribute("data-used", "false")
        assert sit.errors == []


async def _drag(page: Page, what: Locator, where: Locator) -> None:
    """By a finger."""
    # In the middle: at the edges bars of the page lie over it.
    await what.evaluate("element => element.scrollIntoView({block: 'center'})")
    here, there = await what.bounding_box(), await where.bounding_box()
    assert here is not None
    assert there is not None
    ends = [(box["x"] + min(box["width"], 40) / 2, box["y"] + box["height"] / 2) for box in (here, there)]
    steps = [
        (ends[0][0] + (ends[1][0] - ends[0][0]) * i / 4, ends[0][1] + (ends[1][1] - ends[0][1]) * i / 4)
        for i in range(5)
    ]
    touch = await page.context.new_cdp_session(page)
    # The finger rests at the end: one that is thrown away would make the browser take the next tap for its end.
    moves = [("touchMove", [step]) for step in (*steps[1:], *steps[-1:] * 4)]
    for kind, points in (("touchStart", steps[:1]), *moves, ("touchEnd", [])):
        await touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    await touch.detach()


async def test_what_cannot_be_fetched_says_so_and_is_tried_again(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        question = Question(question_id="q1", body="<p>Which is the capital?</p>", interactions=[MATCH])
        await service.put_test("exam", TestContent(title="Capitals", questions=[question]))
        one = await seat(service, "exam", "ada")
        asked: list[str] = []

        async def refuse(route: Route) -> None:
            asked.append(route.request.url)
            await route.abort()

        context = await chromium.new_context()
        for files in ("sitting", "MatchInput"):
            await context.route(f"**/assets/{files}*", refuse)
        sit = await Sit.open(context, sit_link(node.url, one))
        # What a test is sat with.
        await sit.part("start-button").click()
        await expect(sit.part("screen-waits")).to_be_visible()
        await context.unroute("**/assets/sitting*")
        await sit.page.evaluate("dispatchEvent(new Event('online'))")
        # What one of its questions needs.
        asked.clear()
        await expect(sit.part("input-waits")).to_have_attribute("data-state", "missing")
        await expect(sit.part("input-waits")).to_contain_text("can't be fetched at the moment")
        await sit.part("input-again").click()
        await expect(sit.part("input-waits")).to_have_attribute("data-state", "missing")
        assert len(asked) >= 4
        await context.unroute("**/assets/MatchInput*")
        await expect(sit.part("input-again")).to_be_focused()
        await sit.page.keyboard.press("Enter")
        # The button goes, and the focus to what it waited for.
        await expect(sit.part("cell-k-l")).to_be_focused()
        await sit.part("cell-k-n").check()
        await sit.save_state("saved")
        assert sit.errors == []


async def test_what_the_paper_needs_is_there_when_the_network_is_not(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        plain = Question(question_id="q1", body="<p>First</p>", interactions=[TrueFalse(correct=True)])
        later = Question(question_id="q2", body="<p>Later</p>", interactions=[MATCH])
        await service.put_test("exam", TestContent(title="Capitals", questions=[plain, later]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.page.wait_for_function(IMPORTED, arg="MatchInput")
        await expect(sit.part("match-answer")).to_have_count(0)
        await sit.page.context.set_offline(True)
        await sit.go_to(1)
        await sit.part("cell-p-l").check()
        await sit.save_state("kept")
        await sit.page.context.set_offline(False)
        await sit.save_state("saved")


async def test_the_words_of_an_essay_are_counted(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        essay = Question(question_id="q1", body="<p>Why?</p>", interactions=[Essay(min_words=3, max_words=5)])
        await service.put_test("exam", TestContent(title="Essay", questions=[essay]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await expect(sit.part("word-count")).to_have_text("0 words; 3 to 5 are asked for")
        await sit.part("text-answer").fill("Because – well")
        await expect(sit.part("word-count")).to_have_text("2 words; 3 to 5 are asked for")
        await sit.save_state("saved")


async def test_what_a_later_section_may_need_is_there_before_it(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        questions = [
            Question(question_id="q1", body="<p>First</p>", interactions=[TrueFalse(correct=True)]),
            Question(question_id="q2", body="<p>Later</p>", interactions=[MATCH]),
        ]
        sections = [Section(section_id=f"s{n}", title=f"Part {n}", items=[f"q{n}"]) for n in (1, 2)]
        content = TestContent(title="Capitals", questions=questions, sections=sections, rules=Rules(order="by_section"))
        await service.put_test("exam", content)
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.press("start-button")
        await sit.page.wait_for_function(IMPORTED, arg="MatchInput")
