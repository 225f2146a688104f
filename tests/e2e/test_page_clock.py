"""The clock as the two pages show it: it warns, ends, is moved and is stopped; and a word from the invigilator."""

from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import ends_in, seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.waiting import until_ms

_MINUTES_MS = 60_000
_SECOND_MS = 1_000


async def test_who_walks_away_is_warned_and_locked_out_and_marked(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(duration_ms=60 * _MINUTES_MS, grace_ms=3_000, warnings_ms=[5_000])
        await service.put_test("short", short_texts(2, rules))
        one = await seat(service, "short", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.give("right")
        await sit.save_state("saved")
        await ends_in(service, "short", one, 6_000)
        deadline_ms = (await service.status(one.attempt_id)).state.test_clock.deadline_ms
        await expect(sit.part("warning-banner")).to_be_visible()
        await expect(sit.part("locked-notice")).to_be_visible()
        await expect(sit.part("text-answer")).to_be_disabled()
        await sit.outcome("completed")
        await sit.score(1_000)
        state = (await service.status(one.attempt_id)).state
        assert deadline_ms is not None
        assert state.ended_at_ms == deadline_ms
        assert sit.errors == []


async def test_five_minutes_more_reach_the_open_page_and_no_old_tab_ends_it(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(duration_ms=15_000, grace_ms=500, warnings_ms=[])))
        one = await seat(service, "exam", "ada")
        old = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await old.start()
        state = (await service.status(one.attempt_id)).state
        assert state.test_clock.deadline_ms is not None

        # She goes on at another device; the first one still knows the old deadline, and no other.
        new = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await new.shows("q1")
        await expect(old.part("use-here")).to_be_visible()
        before_ms = await new.deadline_ms()
        assert abs(before_ms - state.test_clock.deadline_ms) < 3 * _SECOND_MS

        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.act(one.attempt_id, "extend", minutes="5", reason="fire alarm")
        await expect(new.part("extension-notice")).to_be_visible()
        assert abs(await new.deadline_ms() - before_ms - 5 * _MINUTES_MS) < 3 * _SECOND_MS
        assert (
            await service.status(one.attempt_id)
        ).state.test_clock.deadline_ms == state.test_clock.deadline_ms + 5 * _MINUTES_MS

        await until_ms(state.test_clock.deadline_ms + _SECOND_MS)
        await new.give("right")
        await new.save_state("saved")
        assert (await service.status(one.attempt_id)).state.status == "in_progress"
        await watch.row_has(one.attempt_id, status="in_progress", answered=1, connection="online")
        assert old.errors == new.errors == watch.errors == []


async def test_a_message_and_a_pause_reach_the_page_and_their_way_is_seen(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, status="initiated", connection="offline")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()

        await watch.act(one.attempt_id, "message", text="Please speak up if you are cold.")
        await expect(sit.part("staff-message")).to_contain_text("Please speak up if you are cold.")
        await watch.row_has(one.attempt_id, message="delivered")
        await sit.part("dismiss-message").click()
        await expect(sit.part("staff-message")).to_be_hidden()
        await watch.row_has(one.attempt_id, message="seen")

        await watch.act(one.attempt_id, "pause")
        await expect(sit.part("paused-overlay")).to_be_visible()
        await watch.row_has(one.attempt_id, status="paused")
        left_ms = (await service.status(one.attempt_id)).state.test_clock.left_ms
        assert await sit.left_ms() == left_ms, "the clock stands"

        await watch.act(one.attempt_id, "resume")
        await expect(sit.part("paused-overlay")).to_be_hidden()
        await watch.row_has(one.attempt_id, status="in_progress")
        await sit.give("right")
        await sit.save_state("saved")
        assert sit.errors == watch.errors == []
