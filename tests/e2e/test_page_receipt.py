"""What a candidate is told of her device before a test, and what she takes with her from one that she has handed in."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, sit_link


async def test_a_receipt_says_whose_what_and_when(tenant: Tenant, chromium: Browser, tmp_path: Path) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        found = sit.part("readiness")
        await expect(found.locator("[data-check]")).to_have_count(5)
        for says in ("live", "quick", "right", "comes"):
            await expect(found.locator(f"[data-says={says}]")).to_be_visible()
        assert await violations(sit.page) == []
        await sit.start()
        await sit.give("my own words")
        await sit.save_state("saved")
        await sit.hand_in()
        receipt = sit.part("receipt")
        await expect(receipt).to_contain_text("1 out of 2 questions")
        reference = await sit.part("reference").inner_text()
        assert await violations(sit.page) == []
        async with sit.page.expect_download() as coming:
            await sit.part("save-receipt").click()
        download = await coming.value
        assert download.suggested_filename == f"receipt-{reference}.txt"
        await download.save_as(tmp_path / "receipt.txt")
        text = (tmp_path / "receipt.txt").read_text("utf-8")
        for said in (
            "Test: Short texts",
            "Name: Ada",
            f"Reference: {reference}",
            "1 out of 2 questions",
            "Started: ",
            "Ended: ",
        ):
            assert said in text
        assert "my own words" not in text
        await sit.page.emulate_media(media="print")
        await expect(receipt).to_be_visible()
        assert await sit.page.locator("button:visible").count() == 0
        assert sit.errors == []
