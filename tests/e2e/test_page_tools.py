"""The tools that a test allows beside its questions."""

from typing import Final

from msgspec.structs import replace
from playwright.async_api import Browser, expect

from protocol.content import Option, Question, Rules, SingleChoice, TestContent, Tool
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import PHONE, STORED, Sit, sit_link

_OPTIONS: Final = [Option(one, f"Town {one}") for one in ("a", "b", "c")]

_HIGHLIGHTED: Final = "() => [...CSS.highlights.get('pencilsdown')].map(String)"


def _content(*tools: Tool) -> TestContent:
    asked = SingleChoice(response_id="r", options=_OPTIONS, correct="a")
    questions = [Question(question_id=f"q{at}", body="Which town?", interactions=[asked]) for at in range(2)]
    return TestContent(title="Tools", rules=Rules(tools=list(tools)), questions=questions)


async def test_what_the_tools_hold_outlives_a_reload_and_not_the_end(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test(
            "exam", _content("strike_out", "notes", "highlighter", "scientific_calculator", "line_focus")
        )
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()

        await sit.part("strike-b").click()
        await expect(sit.part("strike-b")).to_have_attribute("aria-pressed", "true")
        await sit.part("strike-c").click()
        # Whoever chooses an option has taken it back.
        await sit.part("option-c").check()
        await expect(sit.part("strike-c")).to_have_attribute("aria-pressed", "false")

        await sit.part("tool-highlighter").click()
        await expect(sit.part("highlighter-says")).to_contain_text("Select something")
        await sit.page.locator(".prompt").dblclick(position={"x": 10, "y": 12})
        await sit.part("tool-highlighter").click()
        assert await sit.page.evaluate(_HIGHLIGHTED) == ["Which"]

        await sit.part("tool-notes").click()
        await expect(sit.part("notes")).to_be_focused()
        await sit.part("notes").fill("my aside")
        assert await violations(sit.page) == []
        await sit.page.keyboard.press("Escape")
        await expect(sit.part("tool-notes")).to_be_focused()
        await sit.part("tool-calculator").click()
        await sit.part("sum").fill("2sin(30) + 0.2")
        await sit.page.keyboard.press("Enter")
        await expect(sit.part("sum-result")).to_have_text("2sin(30) + 0.2 = 1.2")
        await sit.part("tool-line-focus").click()
        before = await sit.part("line-focus").bounding_box()
        await sit.part("line-down").press("Enter")
        after = await sit.part("line-focus").bounding_box()
        assert before is not None
        assert after is not None
        assert after["height"] > before["height"]
        assert await violations(sit.page) == []

        await sit.save_state("saved")
        await sit.page.reload()
        await expect(sit.part("strike-b")).to_have_attribute("aria-pressed", "true")
        await sit.page.wait_for_function(f"() => ({_HIGHLIGHTED})().join() === 'Which'")
        await sit.part("tool-notes").click()
        await expect(sit.part("notes")).to_have_value("my aside")
        await sit.part("tool-calculator").click()
        await expect(sit.part("sum-result")).to_have_text("2sin(30) + 0.2 = 1.2")
        await sit.go_to(1)
        await expect(sit.part("strike-b")).to_have_attribute("aria-pressed", "false")
        assert await sit.page.evaluate(_HIGHLIGHTED) == []
        assert "my aside" in await sit.page.evaluate(STORED)

        await sit.hand_in()
        await sit.outcome("completed")
        assert "my aside" not in await sit.page.evaluate(STORED)
        assert sit.errors == []


async def test_a_calculator_is_there_only_beside_the_questions_that_allow_it(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    content = _content("notes", "strike_out")
    content = replace(content, questions=[replace(content.questions[0], tools=["calculator"]), content.questions[1]])
    async with tenant.service(node) as service:
        await service.put_test("exam", content)
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "exam", "ada")), PHONE)
        await sit.start()
        await sit.part("tool-calculator").click()
        await expect(sit.part("sum")).to_be_visible()
        for name in ("tool-notes", "strike-b"):
            await expect(sit.part(name)).to_have_count(0)
        await sit.part("question-next").click()
        await expect(sit.part("tool-notes")).to_be_visible()
        await expect(sit.part("strike-b")).to_be_visible()
        for name in ("tool-calculator", "tool-panel"):
            await expect(sit.part(name)).to_have_count(0)
        assert sit.errors == []
