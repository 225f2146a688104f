"""`pencilsdown demo`: both links that it prints, opened side by side, from the first question to the last mark."""

import re

from playwright.async_api import Browser, expect

from protocol.messages.base import Value
from tests.e2e.deployment import Deployment
from tests.e2e.pages import Sit, Watch
from tests.e2e.sample import ESSAY, RIGHT, links


async def _give(sit: Sit, question_id: str, value: Value) -> None:
    """As a person answers who has no pointer."""
    page = sit.page
    match question_id:
        case "planet":
            await page.get_by_role("radio", name="Second planet from the sun").press("Space")
        case "monuments":
            assert isinstance(value, list)
            for option_id in reversed(value):
                up = sit.part(f"order-{option_id}").get_by_role("button", name="Move up")
                while await up.is_enabled():
                    await up.press("Enter")
        case "earth":
            await sit.part("text-answer").nth(0).fill("7.2")
            await sit.part("menu-answer").select_option("a")
            await sit.part("text-answer").nth(1).fill("250 000")
        case "units":
            assert isinstance(value, list)
            for pair in value:
                await sit.part(f"cell-{pair[0]}-{pair[1]}").check()
        case "oceans":
            await sit.part("slider").fill(str(value))
        case "heads":
            await sit.part("rich-answer").fill(str(value))
        case _:
            await sit.give(value)


async def test_the_sample_exam_is_sat_and_watched_and_marked(new_deployment: Deployment, chromium: Browser) -> None:
    node = new_deployment.node("demo")
    await node.start()
    found = await links(node)
    watch = await Watch.open(chromium, found.monitor)
    sit = await Sit.open(chromium, found.sit)
    await expect(sit.part("start-facts")).to_have_text("12 questions · 30 minutes")
    await sit.start()
    attempt_id = sit.attempt_id
    await watch.row_has(attempt_id, status="in_progress", connection="online", answered=0)

    answers = RIGHT | {ESSAY: "A coin has no memory: the next toss is as fair as the five before it."}
    for number, (question_id, value) in enumerate(answers.items(), start=1):
        await sit.shows(question_id)
        await _give(sit, question_id, value)
        await sit.save_state("saved")
        await watch.row_has(attempt_id, answered=number)
        if number < len(answers):
            await sit.part("question-next").click()

    await sit.hand_in()
    reference = await sit.part("reference").inner_text()
    assert re.fullmatch(r"\w{4}(-\w{4}){2}", reference), reference
    await expect(sit.part("outcome")).to_contain_text("The result is shown when everything is marked.")

    await watch.row_has(attempt_id, status="submitted")
    await watch.act(attempt_id, "mark")
    # The rubric has two levels, three and three: 1, 1 and 0.5 points.
    for level in (1, 4, 6):
        await watch.part("level").nth(level).check()
    await watch.part(f"mark-remark-{ESSAY}").fill("Well explained.")
    await watch.part(f"mark-save-{ESSAY}").click()
    await watch.row_has(attempt_id, status="completed")
    await sit.outcome("completed")
    await sit.score(22_500)
    await expect(sit.part("outcome")).to_contain_text("Well explained.")
    await expect(sit.part("result-corrected")).to_have_count(0)
    assert sit.errors == watch.errors == []
