"""A raised hand, from the candidate's page to the monitor and back."""

from typing import Final

from playwright.async_api import Browser, expect

from protocol.attempt.facts import tag_of
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link

LIES_WITHIN_ITS_CELL: Final = """hand => {
    const cell = hand.closest("[role=cell]").getBoundingClientRect()
    return hand.scrollWidth <= hand.clientWidth + 1 && hand.getBoundingClientRect().right <= cell.right + 1
}"""
"""However long the name before it is."""


async def test_a_hand_is_raised_seen_and_lowered(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada of a long and noble name")
        another = await seat(service, "exam", "bob")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        hand = sit.part("hand")
        await expect(hand).to_have_attribute("aria-pressed", "false")
        await hand.click()
        await expect(hand).to_contain_text("Hand is up")
        await expect(watch.row(one.attempt_id).get_by_test_id("hand")).to_have_text("Hand is up")
        assert await watch.row(one.attempt_id).get_by_test_id("hand").evaluate(LIES_WITHIN_ITS_CELL)
        await expect(watch.part("count-hands")).to_have_text("1")
        await watch.part("filter-hands").click()
        await expect(watch.row(another.attempt_id)).to_have_count(0)
        await watch.act(one.attempt_id, "acknowledge_hand")
        await expect(watch.part("count-hands")).to_have_text("0")
        await watch.part("filter-hands").click()
        await expect(watch.row(another.attempt_id)).to_be_visible()
        await expect(hand).to_contain_text("Hand seen")
        await expect(watch.row(one.attempt_id).get_by_test_id("hand")).to_have_text("Hand seen")
        await hand.click()
        await expect(hand).to_have_attribute("aria-pressed", "false")
        await expect(watch.row(one.attempt_id).get_by_test_id("hand")).to_have_count(0)
        records, _ = await tenant.log(one.attempt_id)
        kinds = [tag_of(record.entry.fact) for record in records]
        assert [kind for kind in kinds if "hand" in kind] == ["hand_raised", "hand_acknowledged", "hand_raised"]
