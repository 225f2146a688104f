"""The way to the start, as a candidate sees it: when the test opens, what keeps her waiting, what she is asked for."""

import time

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import in_sections, seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, link_to_test, monitor_link, sit_link

_MINUTE_MS = 60_000
_CLOCK_OFF = """
const now = Date.now.bind(Date), origin = performance.timeOrigin;
Date.now = () => now() + (OFF);
Object.defineProperty(performance, "timeOrigin", { get: () => origin + (OFF) });
"""
"""The device's clock is wrong by so much."""


def now_ms() -> int:
    return int(time.time() * 1000)


async def test_the_start_page_counts_down_and_lets_in_by_itself(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        far_ms = now_ms() + 60 * _MINUTE_MS
        rules = Rules(opens_at_ms=far_ms, closes_at_ms=far_ms + 10 * _MINUTE_MS, duration_ms=30 * _MINUTE_MS)
        await service.put_test("exam", short_texts(2, rules))
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "exam", "ada")), PHONE)
        await expect(sit.part("hindrances")).to_contain_text("The test is not open yet.")
        await expect(sit.part("countdown")).to_be_visible()
        await expect(sit.part("start-ends")).to_contain_text("because it closes then: you have 10 minutes.")
        await expect(sit.part("start-button")).to_be_disabled()
        opens_ms = now_ms() + 2_000
        await service.put_test("exam", short_texts(2, replace(rules, opens_at_ms=opens_ms)))
        await expect(sit.part("may-start")).to_have_text("You can start now.")
        await expect(sit.part("hindrances")).to_have_count(0)
        assert now_ms() >= opens_ms - 100, "by the server's clock, which is this machine's"
        await sit.start()
        assert sit.errors == []


@pytest.mark.parametrize("off_minutes", [pytest.param(7, marks=pytest.mark.long), -7])
async def test_a_wrong_clock_of_the_device_neither_lets_in_early_nor_keeps_out(
    tenant: Tenant, chromium: Browser, off_minutes: int
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(opens_at_ms=now_ms() + 60 * _MINUTE_MS)))
        one = await seat(service, "exam", "ada")
        context = await chromium.new_context(viewport=PHONE)
        await context.add_init_script(_CLOCK_OFF.replace("OFF", str(off_minutes * _MINUTE_MS)))
        sit = await Sit.open(context, sit_link(node.url, one))
        await expect(sit.part("countdown")).to_be_visible()
        await expect(sit.part("start-button")).to_be_disabled()
        opens_ms = now_ms() + 2_000
        await service.put_test("exam", short_texts(2, Rules(opens_at_ms=opens_ms)))
        await expect(sit.part("may-start")).to_have_text("You can start now.")
        assert now_ms() >= opens_ms - 100
        await sit.start()
        started_ms = (await service.status(one.attempt_id)).state.started_at_ms
        assert started_ms is not None
        assert started_ms >= opens_ms
        assert sit.errors == []
        await context.close()


async def test_a_test_that_is_switched_off_and_on_shows_on_the_open_page(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "exam", "ada")), PHONE)
        await expect(sit.part("start-button")).to_be_enabled()
        await service.put_test("exam", short_texts(2, Rules(active=False)))
        await expect(sit.part("hindrances")).to_contain_text("switched off")
        await expect(sit.part("start-button")).to_be_disabled()
        await service.put_test("exam", short_texts(2))
        await expect(sit.part("start-button")).to_be_enabled()
        await sit.start()
        assert sit.errors == []


async def test_the_access_code_is_asked_for_at_the_start(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(access_code="Blue Harbour 7")))
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "exam", "ada")), PHONE)
        await sit.part("access-code").fill("blue harbour 8")
        await sit.press("start-button")
        await expect(sit.part("start-refused")).to_contain_text("This access code is wrong.")
        await sit.part("access-code").fill(" blue HARBOUR 7")
        await sit.part("access-code").press("Enter")
        await expect(sit.part("question")).to_be_visible()
        assert sit.errors == []


@pytest.mark.long
async def test_between_two_attempts_the_page_waits_and_then_makes_the_next_one(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1, Rules(max_attempts=2, delay_first_ms=15_000)))
        link = link_to_test(tenant, node, "exam", "ada")
        sit = await Sit.open(chromium, link, PHONE)
        await sit.start()
        await sit.hand_in()
        again = await Sit.open(chromium, link, PHONE)
        await expect(again.part("wait")).to_contain_text("Some time must pass between two attempts")
        await expect(again.part("countdown")).to_be_visible()
        await expect(again.part("see-earlier")).to_be_visible()
        await expect(again.part("again")).to_be_visible()
        await again.part("start-further").click()
        await again.start()
        assert sit.errors == again.errors == []


async def test_a_candidate_chooses_her_form_where_the_test_lets_her(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        content = short_texts(2, Rules(form_choice="candidate"))
        await service.put_test("exam", replace(content, forms={"A": ["q1"], "B": ["q2"]}))
        sit = await Sit.open(chromium, link_to_test(tenant, node, "exam", "ada"), PHONE)
        await sit.page.locator("[data-form=B]").click()
        await sit.start()
        await sit.shows("q2")
        assert sit.errors == []


async def test_the_parts_of_a_test_are_told_before_the_start(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", in_sections([20 * _MINUTE_MS, None]))
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "exam", "ada")), PHONE)
        parts = sit.part("start-parts").get_by_role("listitem")
        await expect(parts).to_have_text(["Section 1 · 2 questions, 20 minutes", "Section 2 · 2 questions"])
        assert sit.errors == []


async def test_whoever_waits_is_let_in_one_by_one_as_chosen_or_all_at_once(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(waiting_room=True)))
        seats = {name: await seat(service, "exam", name) for name in ("ada", "bob", "cy", "dee")}
        pages = {name: await Sit.open(chromium, sit_link(node.url, one), PHONE) for name, one in seats.items()}
        for page in pages.values():
            await expect(page.part("hindrances")).to_contain_text("You wait to be let in")
            await expect(page.part("start-button")).to_be_disabled()
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await expect(watch.part("count-waiting")).to_have_text("4")
        await watch.act(seats["ada"].attempt_id, "admit")
        await pages["ada"].start()
        # Her status is a button of its own now, which moves the others.
        await expect(watch.part("count-in_progress")).to_have_text("1")
        await watch.part("filter-waiting").click()
        await expect(watch.part("filter-waiting")).to_have_attribute("aria-pressed", "true")
        await watch.part(f"choose-{seats['bob'].attempt_id}").check()
        await watch.part("bulk-admit").click()
        await watch.part("dialog-confirm").click()
        await expect(pages["bob"].part("may-start")).to_have_text("You can start now.")
        await expect(pages["cy"].part("start-button")).to_be_disabled()
        # Bob waits no more, so he is out of sight, and is chosen no more.
        await expect(watch.part("selection")).to_contain_text("Choose all 2 shown")
        await watch.part("select-all").click()
        await watch.part("bulk-admit").click()
        await watch.part("dialog-confirm").click()
        for name in ("bob", "cy", "dee"):
            await pages[name].start()
        assert [page.errors for page in [watch, *pages.values()]] == [[]] * 5


async def test_who_had_not_begun_is_told_that_the_test_has_closed(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(closes_at_ms=now_ms() + 6_000)))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await expect(sit.part("hindrances")).to_contain_text("is over")
        await sit.outcome("absent")
        await expect(sit.part("outcome")).to_contain_text("nothing was handed in")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, status="absent")
        assert sit.errors == watch.errors == []


async def test_what_was_cancelled_by_mistake_goes_on_on_the_open_page(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await sit.give("right")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.act(one.attempt_id, "cancel", reason="the wrong row")
        await sit.outcome("cancelled")
        await watch.act(one.attempt_id, "reinstate", reason="it was the row below")
        await expect(sit.part("question")).to_be_visible()
        await sit.is_given("right")
        await sit.hand_in()
        assert sit.errors == watch.errors == []
