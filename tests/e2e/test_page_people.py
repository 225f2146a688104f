"""The page on which staff say who may sit a test, in which groups, what is granted, and what the room shows."""

from typing import Final

from playwright.async_api import Browser, FilePayload, expect

from protocol.content import Rules
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import DESK, PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.test_page_admission import now_ms

_HOUR_MS: Final = 3_600_000
_WRONG: Final = "id,name,group,extra_minutes,opens,closes\nada,Ada,hall,-5,,\nada,Ada,hall,,,\nbob,Bob,hall,,soon,\n"
_RIGHT: Final = "id,name,group,extra_minutes,access_code\nada,Ada Lovelace,hall,15,\nbob,Bob,hall,,harbour\n"


def _file(text: str) -> list[FilePayload]:
    return [FilePayload(name="roster.csv", mimeType="text/csv", buffer=text.encode())]


async def test_a_roster_is_looked_at_first_and_its_mistakes_are_shown_by_line(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        opens_ms = now_ms()
        rules = Rules(
            opens_at_ms=opens_ms, closes_at_ms=opens_ms + _HOUR_MS, duration_ms=_HOUR_MS, enrolment="required"
        )
        await service.put_test("exam", short_texts(2, rules))
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.part("page-people").click()
        await expect(watch.part("enrolments")).to_contain_text("Nobody is enrolled.")
        await expect(watch.part("schedule-fine")).to_be_visible()
        await watch.part("roster-file").set_input_files(_file(_WRONG))
        mistakes = watch.part("roster-mistake")
        await expect(mistakes).to_have_count(3)
        await expect(mistakes.first).to_contain_text("write minutes from 0")
        for line, at in (("2", 0), ("4", 2)):
            await expect(mistakes.nth(at).locator("td").first).to_have_text(line)
        await expect(watch.part("roster-import")).to_have_count(0)
        await expect(watch.part("enrolments")).to_contain_text("Nobody is enrolled.")
        await watch.part("roster-file").set_input_files(_file(_RIGHT))
        await expect(watch.part("roster-found")).to_have_text("2 people new, 0 changed, 0 as known already.")
        await expect(watch.part("enrolments")).to_contain_text("Nobody is enrolled.")
        await watch.part("roster-import").click()
        await expect(watch.part("roster-found")).to_contain_text("Imported: 2 people new")
        await expect(watch.part("enrolment-bob")).to_contain_text("own access code")
        await expect(watch.part("grant-ada")).to_contain_text("Extra time: +15 min")
        await expect(watch.part("group-hall")).to_contain_text("2 people")
        await expect(watch.part("schedule-count")).to_be_visible()
        await expect(watch.part("schedule")).to_contain_text("ada: The window is 15 min too short")
        # Once more: nothing is new.
        await watch.part("roster-file").set_input_files(_file(_RIGHT))
        await expect(watch.part("roster-found")).to_have_text("0 people new, 0 changed, 2 as known already.")
        await watch.part("roster-file").set_input_files(
            [FilePayload(name="b.csv", mimeType="text/csv", buffer=b"id\n\xff\xfe")]
        )
        await expect(watch.part("roster-trouble")).to_contain_text("UTF-8")
        # Whoever is enrolled is expected, although no row is there.
        await watch.part("page-room").click()
        await expect(watch.part("roster-expected")).to_have_text("Expected 2")
        await watch.part("roster-expected").click()
        await expect(watch.part("expected-people").get_by_role("listitem")).to_have_count(2)
        assert await violations(watch.page) == []
        assert watch.errors == []


async def test_what_is_granted_with_a_reason_is_in_the_row_and_on_the_start_page(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2, Rules(duration_ms=_HOUR_MS)))
        one, other = await seat(service, "exam", "ada"), await seat(service, "exam", "bob")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await expect(sit.part("start-facts")).to_contain_text("1 hour")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"), DESK)
        await watch.part("page-people").click()
        await watch.part("grant-new").click()
        await watch.part("grant-id").fill("nobody")
        await watch.part("grant-time").select_option("minutes")
        await watch.part("grant-minutes").fill("15")
        await expect(watch.part("grant-save")).to_be_disabled()
        await watch.part("grant-reason").fill("her certificate")
        await watch.part("grant-save").click()
        await expect(watch.part("grant-refused")).to_be_visible()
        await watch.part("grant-id").fill("ada")
        await watch.part("grant-save").click()
        await expect(watch.part("grant-ada")).to_contain_text("her certificate")

        # A new one would replace it unseen.
        await watch.part("grant-new").click()
        await watch.part("grant-id").fill("ada")
        await watch.part("grant-time").select_option("unlimited")
        await watch.part("grant-reason").fill("another office")
        await watch.part("grant-save").click()
        await expect(watch.part("grant-refused")).to_contain_text("Look at it again")
        await watch.page.keyboard.press("Escape")
        await expect(sit.part("start-facts")).to_contain_text("15 minutes")
        await watch.part("page-room").click()
        await expect(watch.row(one.attempt_id).get_by_test_id("granted")).to_have_text("+15 min")
        await expect(watch.part("count-granted")).to_have_text("1")
        await watch.part("filter-granted").click()
        await expect(watch.row(other.attempt_id)).to_have_count(0)
        await watch.part(f"row-menu-{one.attempt_id}").click()
        await expect(watch.part("row-dialog")).to_contain_text("Extra time")
        await watch.page.keyboard.press("Escape")
        await watch.part("page-people").click()
        await watch.part("grant-remove-ada").click()
        await expect(watch.part("grants")).to_contain_text("Nothing is granted at this test.")
        await expect(sit.part("start-facts")).not_to_contain_text("15 minutes")
        assert sit.errors == watch.errors == []


async def test_whoever_is_taken_off_the_list_sees_it_on_the_open_start_page(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await expect(sit.part("start-button")).to_be_enabled()
        await service.put_test("exam", short_texts(2, Rules(enrolment="required")))
        await expect(sit.part("hindrances")).to_contain_text("not enrolled")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.part("page-people").click()
        await watch.part("group-id").fill("hall")
        await watch.part("group-make").click()
        await watch.part("group-open-hall").click()
        await watch.part("member-id").fill("ada")
        await watch.part("member-add").click()
        await expect(watch.part("member-remove-ada")).to_be_visible()
        await watch.part("enrol-kind").select_option("group")
        await watch.part("enrol-id").fill("hall")
        await watch.part("enrol-add").click()
        await expect(sit.part("start-button")).to_be_enabled()
        await watch.part("member-remove-ada").click()
        await expect(sit.part("hindrances")).to_contain_text("not enrolled")
        await watch.part("enrolment-remove-hall").click()
        await expect(watch.part("enrolments")).to_contain_text("Nobody is enrolled.")
        assert sit.errors == watch.errors == []


async def test_what_concerns_more_than_the_token_is_said_to_be_so_and_offers_nothing(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1))
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam", test="exam"))
        await watch.part("page-people").click()
        for name in ("groups", "enrolments"):
            await expect(watch.part(f"{name}-closed")).to_contain_text("limited to a part of the organisation")
            await expect(watch.part(name).locator("button, input")).to_have_count(0)
        await expect(watch.part("grant-new")).to_be_enabled()
        assert watch.errors == []
