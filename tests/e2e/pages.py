"""The two pages as a person uses them: what can be clicked, typed and seen."""

import re
from typing import Final, Self
from urllib.parse import urlencode

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, ViewportSize, expect

from protocol.messages.base import Value
from tests.e2e.deployment import Organisation, Server
from tests.e2e.exams import Seat
from tests.services.patience import PATIENCE_S

LIMIT_MS: Final = 1_000 * PATIENCE_S
"""For anything that a person waits for; on a quiet machine it takes a fraction of a second."""

PHONE: Final = ViewportSize(width=390, height=844)
DESK: Final = ViewportSize(width=1280, height=800)

KEPT: Final = "() => navigator.serviceWorker.ready.then(() => true)"
"""Resolves when the browser keeps the page itself."""

STORED: Final = """async () => {
    const database = await new Promise((resolve, reject) => {
        const opening = indexedDB.open("pencilsdown")
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
    })
    const all = {}
    for (const name of database.objectStoreNames) {
        all[name] = await new Promise((resolve) => {
            const reading = database.transaction(name).objectStore(name).getAll()
            reading.onsuccess = () => resolve(reading.result)
        })
    }
    database.close()
    return JSON.stringify([all, {...localStorage}, {...sessionStorage}, location.hash])
}"""
"""All that the device and the tab hold."""

_COUNT_CLICKS: Final = "addEventListener('click', () => { window.clicks = (window.clicks ?? 0) + 1 }, true)"

expect.set_options(timeout=LIMIT_MS)


def sit_link(url: str, seat: Seat) -> str:
    """The personal link to one attempt."""
    return f"{url}/sit#{urlencode({'attempt': seat.attempt_id, 'token': seat.token})}"


def link_to_test(org: Organisation, node: Server, test_id: str, user_id: str) -> str:
    """A candidate's link to a test, at which she makes her own attempts."""
    return f"{node.url}/sit#{urlencode({'test': test_id, 'token': org.token('candidate', user_id)})}"


def monitor_link(org: Organisation, node: Server, test_id: str, user_id: str = "grace", **limits: str) -> str:
    """An instructor's link, to the whole organisation or within `limits`."""
    token = org.token("instructor", user_id, **limits)
    return f"{node.url}/monitor#{urlencode({'test': test_id, 'token': token})}"


class _Window:
    """One page, and whatever it complained about on its console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(LIMIT_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", _accept)
        page.on("console", self._on_console)

    def _on_console(self, message: ConsoleMessage) -> None:
        """What the page's own policy forbids it to do is told on the console."""
        if message.type == "error" and "Content Security Policy" in message.text:
            self.errors.append(message.text)

    @classmethod
    async def open(cls, browser: Browser | BrowserContext, link: str, size: ViewportSize = DESK) -> Self:
        """In a browser: a person of her own. In a context: one more tab of the person's."""
        page = await (browser.new_page(viewport=size) if isinstance(browser, Browser) else browser.new_page())
        window = cls(page)
        await page.add_init_script(_COUNT_CLICKS)
        await page.goto(link)
        return window

    def part(self, name: str) -> Locator:
        """What the page calls so."""
        return self.page.get_by_test_id(name)

    async def press(self, name: str) -> None:
        """Clicks on it, once more if the page was told of no click: on a busy machine a browser loses one now and then.
        A click that the page was told of, and that does nothing, is the page's fault, and stays one."""
        before = await self._clicks()
        await self.part(name).click()
        if await self._clicks() == before:
            await self.part(name).click()

    async def _clicks(self) -> int:
        return int(await self.page.evaluate("() => window.clicks ?? 0"))


class Sit(_Window):
    """The test-taker's page."""

    async def start(self) -> None:
        """Presses Start; returns when the first question is there."""
        await self.press("start-button")
        await expect(self.part("question")).to_be_visible()

    async def shows(self, question_id: str) -> None:
        await expect(self.part("question")).to_have_attribute("data-question-id", question_id)

    async def go_to(self, index: int) -> None:
        """By the navigator."""
        await self.part(f"nav-item-{index}").click()
        await expect(self.part("question")).to_have_attribute("data-index", str(index))

    async def give(self, value: Value) -> None:
        """Answers the question that is shown, by whatever it offers."""
        if isinstance(value, str) and await self.part("text-answer").count():
            await self.part("text-answer").fill(value)
            return
        for option_id in [value] if isinstance(value, str) else value or []:
            await self.part(f"option-{option_id}").check()

    async def is_given(self, value: str) -> None:
        """Returns when the text field holds this."""
        await expect(self.part("text-answer")).to_have_value(value)

    async def save_state(self, state: str) -> None:
        """Returns when the answer that is shown is that far: editing, kept, saved, refused."""
        await expect(self.part("save-state")).to_have_attribute("data-state", state)

    async def connection(self, state: str) -> None:
        """Returns when the connection is so: live, connecting, waiting, rest, ended."""
        await expect(self.part("connection-state")).to_have_attribute("data-state", state)

    async def hand_in(self) -> None:
        """Returns when the page says how it ended."""
        await self.part("review-button").click()
        await self.part("submit-button").click()
        await self.part("confirm-submit").click()
        await expect(self.part("outcome")).to_be_visible()

    async def outcome(self, status: str) -> None:
        """Returns when the attempt is said to have ended so."""
        await expect(self.part("outcome")).to_have_attribute("data-status", status)

    async def score(self, score_mpt: int) -> None:
        """Returns when the result is shown."""
        await expect(self.part("result-score")).to_have_attribute("data-score-mpt", str(score_mpt))

    async def left_ms(self) -> int:
        """What the countdown shows."""
        shown = await self.part("countdown").get_attribute("data-left-ms")
        assert shown is not None
        return int(shown)

    async def deadline_ms(self) -> int:
        """Where the countdown leads, by this machine's clock: right to a second or so."""
        now_ms, left_ms = await self.part("countdown").evaluate(
            "element => [Date.now(), Number(element.dataset.leftMs)]"
        )
        return int(now_ms + left_ms)

    @property
    def attempt_id(self) -> str:
        """As the address tells it, from which the token has gone."""
        found = re.fullmatch(r"attempt=([0-9a-f-]+)", self.page.url.partition("#")[2])
        assert found is not None, self.page.url
        return found[1]


class Watch(_Window):
    """The instructor's page."""

    def row(self, attempt_id: str) -> Locator:
        return self.part(f"row-{attempt_id}")

    async def row_has(self, attempt_id: str, **facts: str | int) -> None:
        """Returns when the row of an attempt says all this: status, answered, connection, message."""
        for name, value in facts.items():
            await expect(self.row(attempt_id)).to_have_attribute(f"data-{name}", str(value))

    async def act(self, attempt_id: str, action: str, **fields: str) -> None:
        """Does something to one attempt; `fields` of the dialog: minutes, reason, text."""
        await self.part(f"row-menu-{attempt_id}").click()
        await self.part(f"action-{action}").click()
        for name, value in fields.items():
            await self.part(f"dialog-{name}").fill(value)
        if action not in ("pause", "resume", "admit", "acknowledge_hand", "mark"):
            await self.part("dialog-confirm").click()


async def _accept(dialog: Dialog) -> None:
    await dialog.accept()
