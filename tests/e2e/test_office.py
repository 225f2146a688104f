"""The page about the organisation: its audit log, and tokens for others."""

from urllib.parse import urlencode

from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from tests.e2e.axe import violations
from tests.e2e.deployment import Organisation, Server, Tenant
from tests.e2e.exams import short_texts
from tests.e2e.pages import Watch, monitor_link


def office_link(org: Organisation, node: Server, role: str) -> str:
    return f"{node.url}/monitor#{urlencode({'office': 1, 'token': org.token(role, 'root')})}"


async def _much_was_done(service: Rest, tests: int) -> None:
    for number in range(tests):
        await service.put_test(f"exam-{number}", short_texts(1))


async def test_an_administrator_reads_the_audit_log_and_gives_a_token(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await _much_was_done(service, 60)
        office = await Watch.open(chromium, office_link(tenant, node, "administrator"))
        entries = office.part("audit-entry")
        await expect(entries).to_have_count(50)
        await expect(entries.first).to_contain_text("exam-59")
        await office.part("audit-older").click()
        await expect(entries).to_have_count(60)
        await expect(entries.last).to_contain_text("exam-0")

        await office.part("give-token").locator("summary").click()
        await office.part("token-role").select_option("invigilator")
        await office.part("token-user").fill("ida")
        await office.part("token-tests").fill("exam-3")
        await office.part("token-give").click()
        link = await office.part("token-link").input_value()
        # What was asked for with an older filter is not shown under the new one.
        await office.part("audit-kind").select_option("token_given")
        await office.part("audit-person").fill("ida")
        await office.part("audit-show").click()
        await expect(entries).to_have_count(1)
        await expect(entries.first).to_contain_text("Administrator")
        await expect(entries.first).to_contain_text("exam-3")
        await office.part("audit-by").fill("nobody")
        await office.part("audit-show").click()
        await expect(entries).to_have_count(0)
        await office.part("audit-clear").click()
        await office.part("audit-by").fill("platform")
        await office.part("audit-test").select_option("exam-3")
        await office.part("audit-show").click()
        await expect(entries).to_have_count(1)
        await expect(entries.first).to_contain_text("exam-3")
        await office.part("audit-until").fill("2020-01-01T00:00")
        await office.part("audit-show").click()
        await expect(entries).to_have_count(0)

        room = await Watch.open(chromium, link)
        await expect(room.page.get_by_role("heading", name="Short texts")).to_be_visible()
        await expect(room.part("open-office")).to_have_count(0)
        assert office.errors + room.errors == []


async def test_from_a_room_and_back_for_whoever_may_do_something_there(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await _much_was_done(service, 1)
        # An instructor gives tokens, and does not read the audit log.
        room = await Watch.open(chromium, monitor_link(tenant, node, "exam-0"))
        await room.part("open-office").click()
        await expect(room.part("give-token")).to_be_visible()
        await expect(room.part("audit-log")).to_have_count(0)
        roles = room.part("token-role").locator("option")
        assert await roles.all_text_contents() == [
            "",
            "Invigilator",
            "Chief invigilator",
            "Marker",
            "Instructor",
        ]
        await room.page.reload()
        await expect(room.part("office")).to_be_visible()
        await room.part("office-back").click()
        await room.part("watch-exam-0").or_(room.part("room-of-exam-0")).first.click()
        await expect(room.part("connection-state")).to_have_attribute("data-state", "live")
        assert room.errors == []


async def test_an_administrator_brings_a_test_from_a_file(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    aiken = b"Who?\nA) Ada\nB) Bob\nANSWER: B\n\nTrue?\nA. yes\nANSWER: A\n"
    office = await Watch.open(chromium, office_link(tenant, node, "administrator"))
    async with tenant.service(node) as service:
        await office.part("bring-test").locator("summary").click()
        await office.part("bring-file").set_input_files({"name": "bank.txt", "mimeType": "", "buffer": aiken})
        await office.part("bring-look").click()
        await expect(office.part("bring-counts")).to_have_text("1 taken, 0 taken with a loss, 1 refused.")
        await expect(office.part("bring-report").locator("tbody tr")).to_have_attribute("data-outcome", "refused")
        await expect(office.part("bring-store")).to_be_disabled()
        assert [test.test_id for test in (await service.tests()).tests] == []
        await office.part("bring-id").fill("bank")
        assert await violations(office.page) == []
        await office.part("bring-store").click()
        await expect(office.part("bring-stored")).to_have_text("Stored as bank, version 1.")
        assert [test.test_id for test in (await service.tests()).tests] == ["bank"]
        await office.part("bring-file").set_input_files({"name": "a.xml", "mimeType": "", "buffer": b"<a>"})
        await office.part("bring-look").click()
        await expect(office.part("bring-failure")).to_contain_text("not well-formed XML")
        await expect(office.part("bring-report")).to_have_count(0)
        assert office.errors == []
