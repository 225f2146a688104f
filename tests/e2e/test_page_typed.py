"""What people type, and what the pages make of it: a number, and the reason for an act of staff."""

from playwright.async_api import Browser, expect

from protocol.content import AcceptedNumber, Numeric, Question, TestContent
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link


async def test_the_page_says_how_a_number_is_read(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        question = Question(
            question_id="q1", body="How much?", interactions=[Numeric(accepted=[AcceptedNumber(value="1.234")])]
        )
        await service.put_test("exam", TestContent(title="Numbers", questions=[question]))
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "exam", "ada")), PHONE)
        await sit.start()
        question_card = sit.part("question")
        await sit.part("text-answer").fill("1,234")
        await expect(question_card).to_contain_text("Read as 1.234, not as 1234")
        await sit.part("text-answer").fill("12,5")
        await expect(question_card).to_contain_text("Read as 12.5")
        await sit.part("text-answer").fill("1,234")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(1_000)
        assert sit.errors == []


async def test_staff_give_a_reason_and_the_candidate_reads_what_is_meant_for_her(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.part(f"row-menu-{one.attempt_id}").click()
        await watch.part("action-cancel").click()
        await expect(watch.part("dialog-confirm")).to_be_disabled()
        await watch.part("dialog-reason").fill("   ")
        await expect(watch.part("dialog-confirm")).to_be_disabled()
        await watch.part("dialog-reason").fill("a phone was found")
        await watch.part("dialog-said").fill("Please come to the front desk.")
        await watch.part("dialog-confirm").click()
        await sit.outcome("cancelled")
        # What is kept in the record is not for her.
        await expect(sit.part("outcome")).to_contain_text("Please come to the front desk.")
        assert "a phone was found" not in await sit.page.content()
        status = await service.status(one.attempt_id)
        assert status.state.said == "Please come to the front desk."
        assert "a phone was found" not in str(status)
        assert sit.errors == watch.errors == []
