"""What a page keeps on its device: as much as it says, for as long as the candidate needs it, and no longer."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from clients.python.errors import Refused
from protocol.codes import Code
from protocol.content import Rules
from protocol.messages.base import Value
from tests.e2e.deployment import Deployment, Organisation, Tenant
from tests.e2e.exams import Seat, ends_in, seat, short_texts
from tests.e2e.pages import STORED, Sit, Watch, monitor_link, sit_link
from tests.e2e.proxy import Proxy
from tests.e2e.waiting import until

_HAS_FILE_KEY = "() => Object.keys(localStorage).some((name) => name.startsWith('pencilsdown answer key '))"

LATER_PAGES = [pytest.param(one, marks=pytest.mark.long) for one in ("reloaded", "reloaded_late")]


async def _answered(org: Organisation, one: Seat) -> dict[str, Value]:
    _, attempt = await org.log(one.attempt_id)
    return {question_id: answer.value for question_id, answer in attempt.answers.items()}


async def test_after_the_end_nothing_stays_on_the_machine(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(duration_ms=3_600_000, grace_ms=500, warnings_ms=[], late_answers="file")
        await service.put_test("exam", short_texts(2, rules))
        one = await seat(service, "exam", "ada")
        context = await chromium.new_context()
        sit = await Sit.open(context, sit_link(node.url, one))
        await sit.start()
        await sit.page.wait_for_function(_HAS_FILE_KEY)
        await sit.give("my own words")
        await sit.save_state("saved")
        stored = await sit.page.evaluate(STORED)
        assert one.token in stored
        assert "Question 1?" in stored

        # Somebody else sits down, and does not have her link.
        other = await Sit.open(context, f"{node.url}/sit")
        await expect(other.part("no-link")).to_be_visible()
        await expect(other.part("running")).to_have_count(1)
        assert await other.page.get_by_role("button").count() == 0
        await other.page.close()

        await sit.hand_in()
        await expect(sit.part("outcome")).to_be_visible()
        await sit.page.wait_for_function(f"async () => !(await ({STORED})()).includes('Question 1?')")
        stored = await sit.page.evaluate(STORED)
        for trace in (one.token, "my own words", "Question", one.attempt_id, "Ada"):
            assert trace not in stored
        await sit.page.goto(f"{node.url}/sit")
        await expect(sit.part("no-link")).to_be_visible()
        assert await sit.part("running").count() == 0
        assert sit.errors == other.errors == []


async def test_site_data_that_is_cleared_offline_is_kept_again(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        context = await chromium.new_context()
        sit = await Sit.open(context, sit_link(proxy.url, one))
        await sit.start()
        await proxy.cut()
        await sit.connection("waiting")
        await sit.give("typed offline")
        await sit.save_state("kept")
        browser = await context.new_cdp_session(sit.page)
        await browser.send("Storage.clearDataForOrigin", {"origin": proxy.url, "storageTypes": "all"})
        await sit.page.wait_for_function(f"async () => (await ({STORED})()).includes('typed offline')")
        await sit.save_state("kept")

        # What it says is true: a reload finds the way back, and the words.
        proxy.heal()
        await sit.page.reload()
        await sit.is_given("typed offline")
        await sit.save_state("saved")
        assert await _answered(tenant, one) == {"q1": "typed offline"}
        assert sit.errors == []


async def test_what_was_answered_offline_in_time_comes_late_is_decided_about_and_counts_after_a_reopening(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    rules = Rules(duration_ms=3_600_000, grace_ms=500, warnings_ms=[], late_answers="file")
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(2, rules))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one))
        await sit.start()
        await sit.page.wait_for_function(_HAS_FILE_KEY)
        await ends_in(service, "exam", one, 8_000)
        await expect(sit.part("countdown")).to_have_attribute("data-left-ms", re.compile(r"^\d{1,4}$"))
        await proxy.cut()
        await sit.connection("waiting")
        await sit.give("typed offline")
        await sit.save_state("kept")
        await expect(sit.part("locked-notice")).to_contain_text("decides whether it counts")

        async with sit.page.expect_download() as downloading:
            await sit.part("save-answer-file").click()
        file = await (await downloading.value).path()
        assert b"typed offline" not in file.read_bytes()

        async def is_over() -> bool | None:
            _, attempt = await tenant.log(one.attempt_id)
            return attempt.reference is not None or None

        # Within the grace, what was typed would still come in time.
        await until(is_over)
        proxy.heal()
        await sit.outcome("completed")
        await expect(sit.part("late-answers")).to_contain_text("1 answer was on this device when time was up")
        await expect(sit.part("lost-answers")).to_contain_text("typed offline")
        assert await _answered(tenant, one) == {}
        # The file opens, and says what has come already.
        with pytest.raises(Refused) as refused:
            await service.bring_answer_file(one.attempt_id, file.read_bytes())
        assert refused.value.code == Code.ANSWER_FILE_KNOWN
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.part("filter-late").click()
        await watch.part(f"row-menu-{one.attempt_id}").click()
        await watch.part("open-late").click()
        await expect(watch.part("late-words")).to_have_text("typed offline")
        await watch.part("late-reason").fill("The network of the room was down.")
        await watch.part("late-decide").click()
        await expect(watch.part("late-decision")).to_contain_text("1 of 1 accepted by grace")
        await expect(sit.part("late-answers")).to_contain_text("1 answer that came after the end counts")
        assert await _answered(tenant, one) == {"q1": "typed offline"}
        assert watch.errors == []
        await watch.page.close()

        await service.reopen(one.attempt_id, left_ms=60_000, reason="the network was down")
        await expect(sit.part("reopened-notice")).to_be_visible()
        await sit.is_given("typed offline")
        await sit.save_state("saved")
        assert await _answered(tenant, one) == {"q1": "typed offline"}
        assert sit.errors == []


@pytest.mark.parametrize("page_is", ["open", *LATER_PAGES])
async def test_a_server_with_an_older_database_gets_back_what_it_had_acknowledged(
    embedded: Deployment, chromium: Browser, tmp_path: Path, page_is: str
) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", short_texts(3))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.give("in the backup")
        await sit.save_state("saved")
        await node.terminate()
        database = Path(embedded.database_url.removeprefix("sqlite:///"))
        shutil.copy(database, tmp_path / "backup")
        await node.start()
        await sit.connection("live")
        for index in (1, 2):
            await sit.go_to(index)
            await sit.give(f"acknowledged {index}")
            await sit.save_state("saved")
        await node.kill()
        for file in database.parent.glob(f"{database.name}*"):
            file.unlink()
        shutil.copy(tmp_path / "backup", database)
        if page_is != "open":
            # Neither the old page nor what it has in memory sees the server again.
            await sit.page.goto("about:blank")
        await node.start()
        if page_is == "reloaded_late":
            # The log is longer than it was: only the numbers tell.
            for minute in range(20):
                await service.message(one.attempt_id, f"Minute {minute}.")
        if page_is != "open":
            await sit.page.goto(f"{node.url}/sit#attempt={one.attempt_id}")
        await expect(sit.part("restored-notice")).to_contain_text("2 answers")
        await sit.save_state("saved")
        expected = {"q1": "in the backup", "q2": "acknowledged 1", "q3": "acknowledged 2"}

        async def is_back() -> bool | None:
            # A page that was reloaded is at the first question, which the backup has.
            return await _answered(embedded, one) == expected or None

        await until(is_back)
        assert sit.errors == []


async def test_more_characters_than_fit_are_not_cut_in_silence(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.give("😀" * 200)
        await sit.save_state("saved")
        await sit.give("😀" * 203)
        await sit.save_state("refused")
        await expect(sit.part("save-state")).to_contain_text("3 characters too long")
        await sit.is_given("😀" * 203)
        await sit.give("😀" * 199)
        await sit.save_state("saved")
        assert await _answered(tenant, one) == {"q1": "😀" * 199}
        assert sit.errors == []
