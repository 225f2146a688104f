"""Sections that are sat one after the other, and questions with a time of their own, as the two pages show them."""

import msgspec
from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import in_sections, seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.waiting import until

_HOUR_MS = 3_600_000


async def test_sections_are_sat_one_after_the_other(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(order="by_section", duration_ms=_HOUR_MS)
        await service.put_test("exam", in_sections([600_000, None, 300_000], rules))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await expect(watch.row(one.attempt_id).get_by_test_id("section")).to_have_text("s1")
        await expect(sit.part("countdown")).to_have_attribute("data-scope", "section")
        await expect(sit.part("countdown-test")).to_be_visible()
        await expect(sit.part("nav-item-2")).to_have_count(0)
        await sit.give("right")
        await sit.save_state("saved")

        # One answer is missing: the page says so twice before the section closes for good.
        await sit.part("review-button").click()
        await expect(sit.part("section-screen")).to_contain_text("1 question in part 1 has no answer.")
        await expect(sit.page.locator("h1:focus")).to_have_text("Part 2 of 3")
        await sit.part("section-back").click()
        await sit.shows("q1")
        await sit.part("review-button").click()
        await sit.part("section-enter").click()
        await sit.part("section-confirm").click()
        await sit.shows("q3")
        await expect(sit.page.locator("h1:focus")).to_have_text("Question 3 of 6")
        await expect(sit.part("nav-section-0")).to_have_attribute("data-status", "closed")
        await expect(sit.part("nav-section-2")).to_have_attribute("data-status", "next")
        await expect(watch.row(one.attempt_id).get_by_test_id("section")).to_have_text("s2")
        await expect(sit.part("countdown")).to_have_attribute("data-scope", "test")

        # A new page is where the old one was.
        await sit.go_to(3)
        await sit.give("wrong")
        await sit.save_state("saved")
        await sit.page.reload()
        await sit.shows("q4")
        await sit.is_given("wrong")

        await sit.go_to(2)
        await sit.give("right")
        await sit.save_state("saved")
        await sit.part("review-button").click()
        await sit.part("section-enter").click()
        await sit.shows("q5")
        await sit.hand_in()
        await sit.outcome("completed")
        await sit.score(2_000)
        assert sit.errors == watch.errors == []


async def test_a_section_runs_out_while_she_is_offline(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(order="by_section", grace_ms=500, warnings_ms=[4_000])
        await service.put_test("exam", in_sections([8_000, 300_000], rules))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.give("right")
        await sit.save_state("saved")
        await expect(sit.part("warning-banner")).to_have_attribute("data-scope", "section")
        await sit.page.context.set_offline(True)
        await expect(sit.part("section-locked-notice")).to_contain_text("The time of the next part starts only when")
        await expect(sit.part("text-answer")).to_be_disabled()
        await sit.page.context.set_offline(False)

        # No section is open now, and no time of the next one goes by: also for a new page.
        await expect(sit.part("section-before")).to_contain_text("Time for part 1 is up")
        await sit.page.reload()
        await expect(sit.part("section-screen")).to_have_attribute("data-next", "s2")
        await expect(sit.part("section-back")).to_have_count(0)
        state = (await service.status(one.attempt_id)).state
        assert (state.section_id, state.closed_sections) == (None, ["s1"])
        assert [clock.scope for clock in state.clocks] == ["test"]
        await sit.part("section-enter").click()
        await sit.shows("q3")
        assert await sit.left_ms() > 290_000
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(2_000)
        assert sit.errors == []


async def test_when_every_section_has_closed_nothing_is_left_but_to_hand_in(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(order="by_section", grace_ms=500, duration_ms=_HOUR_MS)
        await service.put_test("exam", in_sections([None, 2_000], rules))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.part("review-button").click()
        await sit.part("section-enter").click()
        await sit.part("section-confirm").click()
        await expect(sit.part("section-screen")).to_contain_text("All parts are closed")
        await sit.page.reload()
        await expect(sit.part("section-screen")).to_contain_text("All parts are closed")
        await sit.hand_in()
        await sit.outcome("completed")
        assert sit.errors == []


async def test_a_question_has_a_time_of_its_own(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        content = short_texts(3, Rules(duration_ms=_HOUR_MS, grace_ms=500))
        limited = msgspec.structs.replace(content.questions[1], limit_ms=6_000)
        questions = [content.questions[0], limited, content.questions[2]]
        await service.put_test("exam", msgspec.structs.replace(content, questions=questions))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await expect(sit.part("countdown")).to_have_attribute("data-scope", "test")
        await sit.go_to(1)
        await expect(sit.part("countdown")).to_have_attribute("data-scope", "question")
        await sit.give("right")
        await sit.save_state("saved")

        # Its clock stands while she is elsewhere.
        await sit.go_to(2)
        await expect(sit.part("countdown")).to_have_attribute("data-scope", "test")

        async def standing() -> bool | None:
            clocks = (await service.status(one.attempt_id)).state.clocks
            return [(clock.scope, clock.left_ms is None) for clock in clocks] == [
                ("test", True),
                ("question", False),
            ] or None

        # The page has moved on before the server hears of it.
        await until(standing)
        await sit.go_to(1)
        await expect(sit.part("question-limit")).to_have_attribute("data-over", "true")
        await expect(sit.part("text-answer")).to_be_disabled()
        await sit.page.reload()
        await expect(sit.part("question-limit")).to_contain_text("Time for this question is up")
        await sit.go_to(2)
        await sit.give("right")
        await sit.save_state("saved")
        await sit.hand_in()
        await sit.score(2_000)
        assert sit.errors == []
