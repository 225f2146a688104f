"""What staff say reaches a candidate without taking anything from her: no key, no composition, no place on the page."""

import pytest
from playwright.async_api import Browser, FloatRect, Locator, ViewportSize, expect

from clients.python.rest import Rest
from protocol.content import Essay, Option, Question, Rules, SingleChoice, TestContent
from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import DESK, PHONE, Sit, Watch, monitor_link, sit_link

_EXAM = TestContent(
    title="One of each",
    rules=Rules(duration_ms=600_000),
    questions=[
        Question(question_id="essay", body="Why?", interactions=[Essay()]),
        Question(
            question_id="choice",
            body="Which?",
            interactions=[
                SingleChoice(options=[Option(option_id="a", body="A"), Option(option_id="b", body="B")], correct="a")
            ],
        ),
    ],
)


async def test_a_formal_warning_is_given_read_and_listed(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await service.message(one.attempt_id, "Ten minutes more for everybody.")
        await watch.act(one.attempt_id, "warn", reason="A phone was on the table.")
        # In their order: the warning comes after the message.
        await expect(sit.part("staff-message")).to_contain_text("1 more")
        await expect(sit.part("formal-warning")).to_have_count(0)
        await sit.part("dismiss-message").click()
        alert = sit.page.get_by_role("alert").filter(has=sit.part("formal-warning"))
        await expect(alert).to_contain_text("A phone was on the table.")
        await expect(watch.part("warnings")).to_have_text("1 warning")
        # It stays until she has read it.
        await sit.page.reload()
        await expect(sit.part("formal-warning")).to_be_visible()
        await sit.part("dismiss-message").click()
        await expect(sit.part("formal-warning")).to_have_count(0)
        await watch.row_has(one.attempt_id, message="seen")
        await watch.part(f"row-menu-{one.attempt_id}").click()
        await expect(watch.part("row-warnings")).to_contain_text("A phone was on the table.")
        await expect(watch.part("row-warnings")).to_contain_text("by: Instructor")
        _, attempt = await tenant.log(one.attempt_id)
        assert [(sent.formal, sent.seen) for sent in attempt.messages] == [(False, True), (True, True)]


async def test_two_escapes_hide_no_message(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await service.message(one.attempt_id, "One.")
        await expect(sit.part("staff-message")).to_contain_text("One.")
        await sit.page.keyboard.press("Escape")
        await sit.page.keyboard.press("Escape")
        await service.message(one.attempt_id, "Two.")
        await watch.row_has(one.attempt_id, message="delivered")
        await expect(sit.part("staff-message")).to_contain_text("One.")
        await expect(sit.part("staff-message")).to_contain_text("1 more")
        await sit.part("dismiss-message").click()
        await expect(sit.part("staff-message")).to_contain_text("Two.")
        await sit.part("dismiss-message").click()
        await expect(sit.part("staff-message")).to_be_hidden()
        await watch.row_has(one.attempt_id, message="seen")
        _, attempt = await tenant.log(one.attempt_id)
        assert [sent.seen for sent in attempt.messages] == [True, True]

        await sit.part("messages-button").click()
        await expect(sit.part("messages")).to_contain_text("One.")
        await expect(sit.part("messages")).to_contain_text("Two.")
        # However a dialog is closed, the page knows, and can open it again.
        await sit.page.keyboard.press("Escape")
        await sit.page.keyboard.press("Escape")
        await expect(sit.part("messages")).to_have_count(0)
        await sit.part("messages-button").click()
        await sit.part("messages").evaluate("dialog => dialog.close()")
        await expect(sit.part("messages")).to_have_count(0)
        await sit.part("messages-button").click()
        await expect(sit.part("messages")).to_be_visible()
        assert sit.errors == []


async def test_a_message_in_mid_word_takes_no_key(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        sit = await _writing(tenant, service, chromium, node.url)
        words = "It has no memory, and so the next toss is as fair as all before it. " * 3
        field = sit.part("text-answer")
        await field.press_sequentially(words[:80])
        await service.message(sit.attempt_id, "Please speak up if you are cold.")
        await field.page.keyboard.type(words[80:120], delay=5)
        await expect(sit.part("staff-message")).to_be_visible()
        await field.page.keyboard.type(words[120:160], delay=5)
        await sit.part("dismiss-message").click()
        await field.page.keyboard.type(words[160:], delay=5)
        await sit.is_given(words)
        await sit.save_state("saved")
        _, attempt = await tenant.log(sit.attempt_id)
        assert attempt.answers["essay"].value == words


async def test_a_message_leaves_an_input_methods_composition_alone(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        sit = await _writing(tenant, service, chromium, node.url)
        await sit.part("text-answer").focus()
        input_method = await sit.page.context.new_cdp_session(sit.page)
        composing = {"text": "にほ", "selectionStart": 2, "selectionEnd": 2}
        await input_method.send("Input.imeSetComposition", composing)
        await service.message(sit.attempt_id, "Please speak up if you are cold.")
        await expect(sit.part("staff-message")).to_be_visible()
        await sit.part("dismiss-message").click()
        await input_method.send("Input.imeSetComposition", composing | {"text": "にほん", "selectionStart": 3})
        await input_method.send("Input.insertText", {"text": "日本"})
        await sit.is_given("日本")


async def test_after_a_pause_the_next_key_goes_where_the_last_one_went(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        sit = await _writing(tenant, service, chromium, node.url)
        await sit.part("text-answer").press_sequentially("to be not")
        for _ in range(3):
            await sit.page.keyboard.press("ArrowLeft")
        await service.pause(sit.attempt_id)
        await expect(sit.part("paused-overlay")).to_be_visible()
        await service.message(sit.attempt_id, "We go on at ten.")
        await sit.part("dismiss-message").click()
        await service.resume(sit.attempt_id)
        await expect(sit.part("paused-overlay")).to_be_hidden()
        await expect(sit.part("text-answer")).to_be_focused()
        await sit.page.keyboard.type("or ")
        await sit.is_given("to be or not")


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESK, marks=pytest.mark.long)], ids=["phone", "desk"])
async def test_nothing_that_the_page_says_moves_an_option(
    embedded: Deployment, chromium: Browser, size: ViewportSize
) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", _EXAM)
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), size)
        await sit.start()
        await sit.go_to(1)
        option = sit.part("option-b")
        box = await _box(option)
        await service.message(one.attempt_id, "A long message. " * 40)
        await service.message(one.attempt_id, "And one more.")
        await expect(sit.part("staff-message")).to_contain_text("1 more")
        assert await _box(option) == box
        heading = await _box(sit.part("question"))
        notice = await _box(sit.part("staff-message"))
        assert notice["y"] + notice["height"] <= heading["y"] + 1, "it hides nothing of the question"
        await sit.part("unfold-message").click()
        await sit.part("dismiss-message").click()
        await sit.part("dismiss-message").click()
        await service.extend(one.attempt_id, add_ms=60_000)
        await expect(sit.part("extension-notice")).to_be_visible()
        assert await _box(option) == box
        await node.kill()
        await expect(sit.part("offline-notice")).to_be_visible()
        assert await _box(option) == box


async def _writing(tenant: Tenant, service: Rest, chromium: Browser, url: str) -> Sit:
    """A candidate before an essay."""
    await service.put_test("exam", _EXAM)
    sit = await Sit.open(chromium, sit_link(url, await seat(service, "exam", "ada")))
    await sit.start()
    return sit


async def _box(part: Locator) -> FloatRect:
    box = await part.bounding_box()
    assert box is not None
    return box
