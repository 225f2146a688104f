"""The dialog that marks a test's attempts again: tried first, then applied, and followed to its end."""

import msgspec
from playwright.async_api import Browser, expect

from protocol.content import Grade, Rules
from tests.e2e.deployment import Tenant
from tests.e2e.pages import Watch, monitor_link
from tests.e2e.test_page_statistics import exam, sat
from tests.e2e.waiting import until


async def test_a_wrong_key_is_tried_first_and_then_put_right(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(grades=[Grade(label="Pass", from_permille=1_000)])
        await service.put_test("exam", msgspec.structs.replace(exam("a"), rules=rules))
        ada = await sat(service, "ada", choice="b", word="right")
        bob = await sat(service, "bob", choice="a", word="wrong")
        page = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await page.part("page-statistics").click()
        await expect(page.part("question-choice").get_by_test_id("discrimination")).to_contain_text("−1.00")
        # The right key is stored while the page is open.
        await service.put_test("exam", msgspec.structs.replace(exam("b"), rules=rules))
        await page.part("regrade-open").click()
        await expect(page.part("regrade-version")).to_have_value("2")
        await expect(page.part("regrade-apply")).to_have_count(0)
        await page.part("regrade-reason").fill("The key was wrong.")
        await page.part("regrade-reason").press("Enter")
        totals = page.part("regrade-totals")
        await expect(totals).to_contain_text("2 of 2 attempts would change")
        await expect(totals).to_contain_text("1 gain points: 1 together, 1 at most")
        await expect(totals).to_contain_text("1 grade changes")
        changes = page.part("regrade-change")
        await expect(changes.filter(has_text="ada")).to_contain_text("1 → 2 of 2")
        await expect(changes.filter(has_text="ada")).to_contain_text("none → Pass")
        await expect(changes.filter(has_text="bob")).to_contain_text("−1")
        assert [(await service.result(one)).score_mpt for one in (ada, bob)] == [1_000, 1_000]

        # What was tried with other keys can't be applied.
        await page.part("regrade-version").select_option("1")
        await expect(page.part("regrade-apply")).to_have_count(0)
        await page.part("regrade-version").select_option("2")
        await page.part("regrade-try").click()
        await expect(page.part("regrade-apply")).to_be_visible()
        # Somebody else changes a mark meanwhile: what was shown is not what it would come to.
        await service.mark(bob, "word", score_mpt=500, reason="Nearly right.")
        await page.part("regrade-apply").click()
        await expect(page.part("regrade-trouble")).to_contain_text("Marks have changed since this was tried")
        await expect(page.part("regrade-apply")).to_have_count(0)
        await page.part("regrade-try").click()
        await expect(changes.filter(has_text="bob")).to_contain_text("1.5 → 0.5 of 2")
        await page.part("regrade-apply").click()
        await expect(page.part("regrade-progress")).to_have_text("Done: these keys are in force for 2 attempts.")

        async def marked() -> bool | None:
            return True if [(await service.result(one)).score_mpt for one in (ada, bob)] == [2_000, 500] else None

        await until(marked)
        await page.part("regrade-close").click()
        await expect(page.part("question-choice").get_by_test_id("discrimination")).not_to_contain_text("−1.00")
        assert page.errors == []
