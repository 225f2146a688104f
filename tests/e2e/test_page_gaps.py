"""Required questions without an answer, as the candidate's page shows them."""

import msgspec
from playwright.async_api import Browser, expect

from protocol.content import Rules, TestContent
from tests.e2e.deployment import Tenant
from tests.e2e.exams import in_sections, seat, short_texts
from tests.e2e.pages import PHONE, Sit, sit_link

_HOUR_MS = 3_600_000


def requiring(content: TestContent, *names: str) -> TestContent:
    """The exam, with these questions required."""
    questions = [msgspec.structs.replace(one, required=one.question_id in names) for one in content.questions]
    return msgspec.structs.replace(content, questions=questions)


async def test_the_page_asks_once_more(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", requiring(short_texts(4, Rules(gaps="warn")), "q2", "q4"))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await expect(sit.page.locator("ul.rules")).to_contain_text("the page asks you once more")
        await sit.start()
        await expect(sit.part("question-required")).to_have_count(0)
        await sit.give("right")
        await sit.save_state("saved")
        await sit.go_to(1)
        await expect(sit.part("question-required")).to_have_text("Should be answered")
        await sit.part("review-button").click()
        await expect(sit.part("gaps")).to_contain_text("2 questions that should be answered have no answer")
        await sit.part("submit-button").click()
        dialog = sit.page.get_by_role("dialog")
        await expect(dialog.get_by_test_id("gaps")).to_be_visible()

        # Each of them is a link to its question.
        await dialog.get_by_test_id("to-question-3").click()
        await sit.shows("q4")
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.outcome("completed")
        await sit.score(2_000)
        assert sit.errors == []


async def test_what_the_test_refuses_can_not_be_handed_in(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", requiring(short_texts(3, Rules(gaps="refuse")), "q3"))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await expect(sit.page.locator("ul.rules")).to_contain_text("you can't hand in without an answer to them")
        await sit.start()
        await sit.part("review-button").click()
        await sit.part("submit-button").click()
        dialog = sit.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("1 question must be answered first.")
        await expect(sit.part("confirm-submit")).to_have_count(0)
        await dialog.get_by_test_id("to-question-2").click()
        await sit.shows("q3")
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(1_000)
        assert sit.errors == []


async def test_a_section_is_not_left_with_gaps(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(order="by_section", gaps="refuse", duration_ms=_HOUR_MS)
        await service.put_test("exam", requiring(in_sections([None, None], rules), "q1", "q4"))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.part("review-button").click()
        await sit.part("section-enter").click()
        await expect(sit.page.get_by_role("dialog")).to_contain_text("1 question must be answered")
        await expect(sit.part("section-confirm")).to_have_count(0)
        await sit.part("gaps-back").click()

        # What is to come, and can't be read yet, is known to the server alone.
        await sit.part("section-back").click()
        await sit.give("right")
        await sit.save_state("saved")
        await sit.part("review-button").click()
        await sit.part("section-enter").click()
        await sit.part("section-confirm").click()
        await sit.shows("q3")
        await sit.part("review-button").click()
        await expect(sit.part("gaps")).to_contain_text("1 question must be answered")
        await sit.part("review-back").click()
        await sit.go_to(3)
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(2_000)
        assert sit.errors == []
