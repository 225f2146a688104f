"""What a click on the monitor costs in a large room: `python -m tests.benchmarks.monitor_page [--attempts N]`.

A real server has so many attempts of one test, in the state in which they are made and started, and Chromium shows its
monitor. Told are milliseconds for which the page's main thread was at work after each step: all of them, and the
longest stretch at once, in which the page takes no other click. Build the pages before.
"""

import argparse
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

import uvloop
from playwright.async_api import CDPSession, expect
from rich.console import Console
from rich.table import Table

from protocol.attempt.commands import Begin
from storage.database import Database
from storage.log.journal import Journal
from storage.migrate import migrate
from storage.tests import Tests
from tests.e2e.deployment import ORG, Deployment
from tests.e2e.pages import Watch, monitor_link
from tests.services.browser import open_chromium
from tests.services.processes import Processes
from tests.storage.making import CANDIDATE, CONTENT, Owner, new_identity

TEST: Final = "exam"
_AT_ONCE: Final = 500
_OBSERVE: Final = """
window.longest = 0
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration)
}).observe({ type: "longtask" })
"""
_SETTLE: Final = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 300))))"
)


class Cost(NamedTuple):
    """Milliseconds of the main thread: all together, and the longest stretch (0: none of 50 ms or more)."""

    step: str
    all_ms: float
    longest_ms: float


class Meter:
    """Says what steps cost the page."""

    def __init__(self, watch: Watch, session: CDPSession) -> None:
        self._watch = watch
        self._session = session
        self.costs: list[Cost] = []

    async def step(self, name: str, act: Callable[[], Awaitable[object]]) -> None:
        """Does it, and waits until the page has drawn what follows from it."""
        await self._watch.page.evaluate("window.longest = 0")
        before = await self._busy_ms()
        await act()
        await self._watch.page.evaluate(_SETTLE)
        took = await self._busy_ms() - before
        longest: float = await self._watch.page.evaluate("window.longest")
        self.costs.append(Cost(name, took, longest))

    async def _busy_ms(self) -> float:
        found = (await self._session.send("Performance.getMetrics"))["metrics"]
        return next(float(one["value"]) for one in found if one["name"] == "TaskDuration") * 1_000


async def fill(database_url: str, attempts: int) -> None:
    """Attempts by the journal, as a server makes them; nine in ten have started."""
    await migrate(database_url)
    database = await Database.open(database_url)
    now_ms = time.time_ns() // 1_000_000
    await Tests(database).put(ORG, TEST, CONTENT, now_ms)
    journal = Journal(database, lambda: now_ms)
    await journal.start()
    for first in range(0, attempts, _AT_ONCE):
        owners = [
            Owner(new_identity(org_id=ORG, test_id=TEST, user_id=f"user-{number:05}"), now_ms=now_ms)
            for number in range(first, min(first + _AT_ONCE, attempts))
        ]
        for owner in owners:
            assert journal.submit(owner.made())
        await owners[-1].heard()
        for number, owner in enumerate(owners):
            if number % 10:
                assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
        await owners[-1].heard(2)
    await journal.close()
    await database.close()


async def measure(attempts: int) -> list[Cost]:
    with tempfile.TemporaryDirectory() as folder, Processes() as processes:
        deployment = Deployment(processes, Path(folder))
        await fill(deployment.database_url, attempts)
        node = deployment.node()
        await node.start()
        async with open_chromium() as chromium:
            watch = await Watch.open(chromium, "about:blank")
            await watch.page.add_init_script(_OBSERVE)
            session = await watch.page.context.new_cdp_session(watch.page)
            await session.send("Performance.enable", {"timeDomain": "threadTicks"})
            meter = Meter(watch, session)
            page, part = watch.page, watch.part
            everybody = page.get_by_role("button", name=f"All {attempts}", exact=True)

            async def opened() -> None:
                await page.goto(monitor_link(deployment, node, TEST))
                await expect(part("connection-state")).to_have_attribute("data-state", "live")
                await expect(part("select-all")).to_be_enabled()
                await expect(everybody).to_be_visible()

            async def nothing() -> None:
                await page.wait_for_timeout(2_000)

            async def paused() -> None:
                await part("bulk-pause").click()
                await part("dialog-confirm").click()

            async def reported() -> None:
                await part("bulk-report").click()
                await expect(part("bulk-report-dialog")).to_be_visible()

            async def carried_out() -> None:
                await expect(part("bulk-act")).to_have_attribute("data-ended", "true", timeout=600_000)

            await meter.step("open the page, until every row is there", opened)
            await meter.step("two seconds without a click", nothing)
            await meter.step("select all", part("select-all").click)
            await meter.step("open the dialog of an act on all", part("bulk-pause").click)
            await meter.step("leave it", lambda: page.keyboard.press("Escape"))
            await meter.step("select nobody", part("select-all").click)
            await meter.step("show one status", part("filter-in_progress").click)
            await meter.step("select all of it", part("select-all").click)
            first = page.locator("[data-testid^=choose-]").first
            await meter.step("take one out", first.click)
            await meter.step("choose her again", first.click)
            await meter.step("show everybody", everybody.click)
            await meter.step("sort by status", part("sort-status").click)
            await meter.step("sort by name", part("sort-name").click)
            await meter.step("search for one letter", lambda: part("search").fill("7"))
            await meter.step("search for nothing", lambda: part("search").fill(""))
            await meter.step("select all", part("select-all").click)
            await meter.step("pause all", paused)
            await meter.step("until it is carried out", carried_out)
            await meter.step("open the report", reported)
            assert watch.errors == []
            return meter.costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=10_000)
    attempts: int = parser.parse_args().attempts
    costs = uvloop.run(measure(attempts))
    table = Table(title=f"{attempts} attempts: milliseconds of the page's main thread")
    for column in ("step", "all", "longest stretch"):
        table.add_column(column, justify="left" if column == "step" else "right")
    for cost in costs:
        table.add_row(cost.step, f"{cost.all_ms:.0f}", f"{cost.longest_ms:.0f}" if cost.longest_ms else "< 50")
    Console().print(table)


if __name__ == "__main__":
    main()
