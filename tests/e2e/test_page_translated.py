"""A page that the browser translates goes on: translators put elements of their own in the place of text nodes."""

import pytest
from playwright.async_api import Browser, expect

from protocol.content import Option, Question, Rules, SingleChoice, TestContent
from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link

_TRANSLATE = """spare => {
    const walker = document.createTreeWalker(document.querySelector("#app"), NodeFilter.SHOW_TEXT)
    const texts = []
    while (walker.nextNode()) texts.push(walker.currentNode)
    for (const text of texts) {
        if (text.data.trim() === "" || (spare && text.parentElement.closest("[translate=no]"))) continue
        const inner = document.createElement("font"), outer = document.createElement("font")
        inner.textContent = text.data
        outer.append(inner)
        text.replaceWith(outer)
    }
}"""
"""What Chrome's translator does to a page; `spare`: what says `translate="no"`, as Chrome does. Others heed nothing."""


def _choices(count: int) -> TestContent:
    options = [Option(option_id="a", body="A coin"), Option(option_id="b", body="A stone")]
    questions = [
        Question(
            question_id=f"q{number}",
            body=f"What is {number}?",
            interactions=[SingleChoice(options=options, correct="a")],
        )
        for number in range(1, count + 1)
    ]
    return TestContent(title="Choices", rules=Rules(duration_ms=600_000), questions=[*questions])


@pytest.mark.parametrize(
    "spare", [True, pytest.param(False, marks=pytest.mark.long)], ids=["heeds translate=no", "heeds nothing"]
)
async def test_clock_and_save_state_move_on_a_translated_page(
    embedded: Deployment, chromium: Browser, spare: bool
) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", _choices(3))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.give("a")
        await sit.save_state("saved")
        await sit.page.evaluate(_TRANSLATE, spare)

        shown = await sit.part("countdown").inner_text()
        await expect(sit.part("countdown")).not_to_have_text(shown)
        saved = await sit.part("save-state").inner_text()
        await sit.part("clear-answer").click()
        await sit.save_state("saved")
        await expect(sit.part("save-state")).not_to_have_text(saved)
        await sit.part("question-next").click()
        await sit.shows("q2")
        await expect(sit.part("question")).to_contain_text("What is 2?")
        await expect(sit.part("question")).not_to_contain_text("What is 1?")
        await sit.page.evaluate(_TRANSLATE, spare)
        await service.message(one.attempt_id, "Ten minutes more.")
        await expect(sit.part("staff-message")).to_contain_text("Ten minutes more.")
        await node.kill()
        await expect(sit.part("connection-state")).to_contain_text("No connection")
        await expect(sit.part("connection-state")).not_to_contain_text("Connected")
        await sit.give("b")
        await expect(sit.part("save-state")).to_contain_text("Kept on this device")
    await node.start()
    await expect(sit.part("connection-state")).to_have_text("Connected")
    await sit.hand_in()
    await expect(sit.part("result-score")).to_be_visible()
    assert sit.errors == []


async def test_the_pages_say_their_language_and_not_that_of_the_questions(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", _choices(1))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await expect(watch.row(one.attempt_id)).to_be_visible()
        # The names in a room are nobody's to translate.
        await expect(watch.page.locator("html")).to_have_attribute("translate", "no")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await expect(sit.page.locator("html")).to_have_attribute("lang", "en")
        for text in ("What is 1?", "A coin"):
            nearest = sit.page.get_by_text(text).locator("xpath=ancestor-or-self::*[@lang][1]")
            await expect(nearest).to_have_attribute("lang", "")
            direction = sit.page.get_by_text(text).locator("xpath=ancestor-or-self::*[@dir][1]")
            await expect(direction).to_have_attribute("dir", "auto")
