"""Every page of a test-taker says whose exam it is: devices and links are lent, swapped and left open."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, sit_link
from tests.services.browser import open_profile


@pytest.mark.chromium
async def test_the_name_is_seen_before_in_and_after_the_exam_and_by_whoever_comes_next(
    tenant: Tenant, tmp_path: Path
) -> None:
    node = tenant.node
    async with tenant.service(node) as service, open_profile(tmp_path / "profile") as context:
        await service.put_test("exam", short_texts(2))
        one, two = await seat(service, "exam", "ada"), await seat(service, "exam", "grace")
        sit = await Sit.open(context, sit_link(node.url, one))
        await expect(sit.part("start-name")).to_contain_text("Ada")
        await sit.start()
        await expect(sit.part("candidate-name")).to_have_text("Ada")
        await sit.page.close()
        other = await Sit.open(context, sit_link(node.url, two))
        await expect(other.part("start-name")).to_contain_text("Grace")
        await other.start()
        await other.page.close()

        # Somebody opens the bare page of this device.
        bare = await Sit.open(context, f"{node.url}/sit")
        await expect(bare.part("running")).to_have_count(2)
        texts = " ".join(await bare.part("running").all_inner_texts())
        assert "Ada" in texts
        assert "Grace" in texts
        own = await Sit.open(context, sit_link(node.url, one))
        await own.hand_in()
        await expect(own.part("outcome-name")).to_have_text("Ada")
        assert bare.errors == own.errors == []
