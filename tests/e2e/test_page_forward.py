"""An exam that is sat question by question, without a way back, as the candidate's page shows it."""

from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, sit_link
from tests.e2e.test_page_gaps import requiring


async def test_there_is_no_way_back(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(3, Rules(order="forward")))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await expect(sit.page.locator("ul.rules")).to_contain_text("you can't go back to it")
        await sit.start()
        await sit.shows("q1")
        for gone in ("question-prev", "flag-button", "nav-item-0", "nav-item-1"):
            await expect(sit.part(gone)).to_have_count(0)
        await expect(sit.part("no-way-back")).to_contain_text("you can't come back to this question")
        await sit.give("right")
        await sit.save_state("saved")
        await sit.part("question-next").click()
        await sit.shows("q2")
        await expect(sit.page.locator("h1:focus")).to_have_text("Question 2 of 3")

        # A blank question is left when she says so again; another page of hers is where this one was.
        await sit.part("question-next").click()
        await expect(sit.page.get_by_role("dialog")).to_contain_text("You have not answered it.")
        await sit.page.reload()
        await sit.shows("q2")
        await sit.part("question-next").click()
        await sit.part("forward-confirm").click()
        await sit.shows("q3")
        await expect(sit.part("no-way-back")).to_contain_text("the last question")
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(2_000)
        assert sit.errors == []


async def test_she_waits_for_the_connection_and_hands_in_before_the_last_question(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        content = requiring(short_texts(3, Rules(order="forward", gaps="refuse")), "q1")
        await service.put_test("exam", content)
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.part("question-next").click()
        await expect(sit.page.get_by_role("dialog")).to_contain_text("1 question must be answered")
        await sit.part("gaps-back").click()
        await sit.give("right")
        await sit.save_state("saved")
        await sit.page.context.set_offline(True)
        await sit.connection("waiting")
        await sit.part("question-next").click()
        await expect(sit.page.locator("main")).to_contain_text("the next question comes when it is back")
        await expect(sit.part("text-answer")).to_be_disabled()
        await sit.page.context.set_offline(False)
        await sit.shows("q2")
        await sit.part("review-button").click()
        await expect(sit.part("ahead")).to_have_text("1 question has not been shown to you yet.")
        await sit.part("submit-button").click()
        await sit.part("confirm-submit").click()
        await sit.score(1_000)
        assert sit.errors == []
