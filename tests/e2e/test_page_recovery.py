"""The test-taker's page outlives its server, itself, its browser, and a proxy that knows no WebSockets."""

import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, sit_link
from tests.e2e.proxy import Proxy
from tests.services.browser import open_profile

_SECOND_MS = 1_000


async def test_the_page_comes_back_by_itself_after_kill_9_of_the_server(
    embedded: Deployment, chromium: Browser
) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", short_texts(4))
        one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
    await sit.start()
    await sit.give("before")
    await sit.save_state("saved")
    deadline_ms = await sit.deadline_ms()
    # With an hour left the clock is as wide as it gets; a second later it is narrower, and nothing may move for it.
    height = await sit.part("countdown").evaluate("clock => clock.closest('header').offsetHeight")

    await node.kill()
    await sit.connection("waiting")
    assert await sit.part("countdown").evaluate("clock => clock.closest('header').offsetHeight") == height
    await sit.save_state("saved")
    await sit.go_to(1)
    await sit.give("meanwhile")
    await sit.save_state("kept")
    await node.start()

    await sit.connection("live")
    await sit.save_state("saved")
    assert abs(await sit.deadline_ms() - deadline_ms) < 3 * _SECOND_MS
    await sit.shows("q2")
    await sit.is_given("meanwhile")
    await sit.go_to(0)
    await sit.is_given("before")
    await sit.save_state("saved")
    _, attempt = await embedded.log(one.attempt_id)
    assert {key: answer.value for key, answer in attempt.answers.items()} == {"q1": "before", "q2": "meanwhile"}
    assert sit.errors == []


@pytest.mark.chromium
async def test_a_reload_and_a_crash_of_the_browser_lose_nothing(embedded: Deployment, tmp_path: Path) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", short_texts(4))
        one = await seat(service, "exam", "ada")
    profile = tmp_path / "profile"
    async with open_profile(profile) as context:
        sit = await Sit.open(context, sit_link(node.url, one))
        await sit.start()
        await sit.give("first")
        await sit.save_state("saved")
        await sit.go_to(2)
        await sit.part("flag-button").click()
        await sit.give("third")
        await sit.save_state("saved")

        await sit.page.reload()
        await sit.shows("q3")
        await sit.is_given("third")
        await sit.save_state("saved")
        await expect(sit.part("flag-button")).to_have_attribute("aria-pressed", "true")

        # The server goes, an answer stays here, and the browser dies with it.
        await node.kill()
        await sit.connection("waiting")
        await sit.go_to(3)
        await sit.give("never sent")
        await sit.save_state("kept")
        address = sit.page.url
        _kill_browser(profile)

    await node.start()
    async with open_profile(profile) as context:
        sit = await Sit.open(context, address)
        await sit.shows("q4")
        await sit.is_given("never sent")
        await sit.save_state("saved")
        for index, value in enumerate(["first", "", "third"]):
            await sit.go_to(index)
            await sit.is_given(value)
        _, attempt = await embedded.log(one.attempt_id)
        values = {question_id: answer.value for question_id, answer in attempt.answers.items()}
        assert values == {"q1": "first", "q3": "third", "q4": "never sent"}
        assert sit.errors == []


async def test_behind_a_proxy_that_blocks_websockets_the_page_finishes_by_rest(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port, upgrades=False) as proxy:
        await service.put_test("exam", short_texts(3))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one), PHONE)
        await sit.connection("rest")
        assert proxy.refused >= 1
        await sit.start()
        for value in ("right", "wrong", "right"):
            await sit.give(value)
            await sit.save_state("saved")
            if value == "wrong":
                await service.message(one.attempt_id, "Ten minutes more.")
                await expect(sit.part("staff-message")).to_contain_text("Ten minutes more.")
                await sit.part("dismiss-message").click()
            if await sit.part("question").get_attribute("data-index") != "2":
                await sit.part("question-next").click()
        await sit.hand_in()
        await sit.score(2_000)
        _, attempt = await tenant.log(one.attempt_id)
        assert [sent.seen for sent in attempt.messages] == [True]
        assert sit.errors == []


def _kill_browser(profile: Path) -> None:
    """`kill -9` of the browser that remembers in this folder: its one process that is nobody's child process."""
    wanted = f"--user-data-dir={profile}".encode()
    for folder in Path("/proc").iterdir():
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0") if folder.name.isdigit() else []
        except OSError:  # it has ended meanwhile
            continue
        if wanted in arguments and not any(argument.startswith(b"--type=") for argument in arguments):
            os.kill(int(folder.name), signal.SIGKILL)
