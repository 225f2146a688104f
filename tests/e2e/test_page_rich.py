"""An essay with formatting: written by keyboard, pasted, kept without a network, read by who marks it."""

from functools import partial
from typing import Final

from playwright.async_api import Browser, Page, expect

from clients.python.rest import Rest
from protocol.content import Essay, Question, Rules, TestContent
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import Seat, seat
from tests.e2e.pages import KEPT, PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.proxy import Proxy
from tests.e2e.waiting import until

HOSTILE: Final = (
    "<meta charset='utf-8'><style>p{color:red}</style><p onclick='parent.hurt=1' style='font-weight:700' dir='rtl'>Bold"
    "<script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'> <a href='javascript:hurt=1'>link</a></p>"
    "<svg onload='window.hurt=1'><text>drawn</text></svg><iframe srcdoc='<script>parent.hurt=1</script>'></iframe>"
    "<b style='font-weight:normal'>plain</b><table><tr><td>cell</td></tr></table>"
    "<ul><li>point<ol><li>inner</li></ol></li></ul>"
    "\u202eturned\u0007 &amp;lt;b&amp;gt; 2 &lt; 3<math><mtext><style><img src=x onerror=hurt=1></style></math>"
)
PASTE: Final = """html => {
    const data = new DataTransfer()
    data.setData("text/html", html)
    const pasted = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    document.activeElement.dispatchEvent(pasted)
}"""


def _exam() -> TestContent:
    asked = Essay(points_mpt=5_000, max_chars=600, min_words=5, max_words=60, format="rich", guidance="Be kind.")
    return TestContent(
        title="Rich", rules=Rules(), questions=[Question(question_id="why", body="Why?", interactions=[asked])]
    )


async def _held(service: Rest, one: Seat) -> str | None:
    answers = (await service.answers(one.attempt_id)).answers
    return next((str(kept.value) for kept in answers if isinstance(kept.value, str)), None)


async def _holds(service: Rest, one: Seat, text: str) -> bool | None:
    return await _held(service, one) == text or None


async def _hurt(page: Page) -> object:
    return await page.evaluate("window.hurt ?? null")


async def test_an_essay_is_written_with_formatting_and_marked(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", _exam())
        one = await seat(service, "exam", "ada")
        context = await chromium.new_context(viewport=PHONE)
        sit = await Sit.open(context, sit_link(node.url, one).replace(node.url, proxy.url))
        await sit.start()
        page, field = sit.page, sit.part("rich-answer")
        press, write = page.keyboard.press, page.keyboard.type
        await expect(page.get_by_role("textbox", name="Your answer")).to_be_visible()

        # By the keyboard alone: keys, and the buttons as one stop of the Tab key.
        await field.focus()
        await write("Ships ")
        await press("Control+b")
        await write("float")
        await press("Control+b")
        await write(" & why?")
        await press("Enter")
        await write("one")
        await press("Alt+F10")
        await expect(sit.part("tool-strong")).to_be_focused()
        for _ in range(9):
            await press("ArrowRight")
        await expect(sit.part("tool-ul")).to_be_focused()
        await press("Enter")
        await expect(sit.part("tool-ul")).to_have_attribute("aria-pressed", "true")
        await press("Escape")
        await expect(field).to_be_focused()
        await press("Enter")
        await write("two")
        written = "<p>Ships <strong>float</strong> &amp; why?</p><ul><li><p>one</p></li><li><p>two</p></li></ul>"
        await until(partial(_holds, service, one, written))
        await expect(sit.part("word-count")).to_contain_text("5")
        await expect(field).to_be_focused()
        assert await violations(page) == []

        # A save has not moved the caret. What is pasted keeps its words, and of its markup what an answer may have.
        await write("!")
        written = written.replace("two", "two!")
        await press("Enter")
        await press("Enter")
        await page.evaluate(PASTE, HOSTILE)
        await sit.save_state("saved")
        held = await _held(service, one)
        assert held is not None
        assert held.startswith(written)
        pasted = held.removeprefix(written)
        assert pasted.startswith("<p><strong>Bold link</strong></p>")
        assert "<strong>" not in pasted.removeprefix("<p><strong>")
        assert "<ul><li><p>point</p><ol><li><p>inner</p></li></ol></li></ul>" in pasted
        assert "turned &amp;lt;b&amp;gt; 2 &lt; 3" in pasted
        assert await _hurt(page) is None
        written = held

        # Without a network it comes up again, with the editor, and is sent later.
        await page.evaluate(KEPT)
        await until(partial(_keeps_editor, page))
        await proxy.cut()
        await field.focus()
        await press("Control+End")
        await write(" Off-line.")
        await sit.save_state("kept")
        await page.reload()
        await expect(field).to_contain_text("2 < 3 Off-line.")
        proxy.heal()
        written = written.replace("2 &lt; 3", "2 &lt; 3 Off-line.")
        await until(partial(_holds, service, one, written))

        # The browser says of what was pasted that it did not run, nor style the page.
        assert [error for error in sit.errors if " inline " not in error] == []
        await sit.hand_in()

        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.act(one.attempt_id, "mark")
        read = watch.part("marking-answer")
        await expect(read.locator("p > strong")).to_have_text(["float", "Bold link"])
        await expect(read.locator("ul > li")).to_have_text(["one", "two!", "pointinner"])
        await expect(watch.part("marking-words")).to_have_text("16 words")
        assert await violations(watch.page) == []
        assert watch.errors == []


async def _keeps_editor(page: Page) -> bool | None:
    return (
        bool(
            await page.evaluate(
                "caches.open('pencilsdown editor').then((cache) => cache.keys()).then((keys) => keys.length)"
            )
        )
        or None
    )
