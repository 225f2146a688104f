"""Results that come by themselves when the window of the test closes: on the page of a candidate who waits for them.

The clocks of server and page are the test's: each goes on when it is told to.
"""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.async_api import Browser, expect

from server.settings import Settings
from tests.e2e.deployment import sqlite_file
from tests.e2e.exams import Seat
from tests.e2e.pages import Sit, sit_link
from tests.server.conftest import SECRET
from tests.server.harness.clock import StillClock
from tests.server.harness.exam import ANSWERS, SCORE_MPT
from tests.server.harness.running import RunningServer
from tests.services.ports import free_port

GRACE_MS: Final = 2_000
WINDOW_MS: Final = 30 * 60_000
"""Shorter than a link outlives its attempt."""
_NO_CHANCE: Final = "Math.random = () => 0;"
"""A page asks at some moment of the half minute after the instant: here at its beginning."""


class Waiting(NamedTuple):
    """A candidate who has handed in, half an hour before the window closes."""

    server: RunningServer
    sit: Sit

    async def pass_time(self, ms: int) -> None:
        """For the server, and then for the page."""
        self.server.pass_time(ms)
        await self.sit.page.clock.run_for(ms)


@asynccontextmanager
async def waiting(
    chromium: Browser, tmp_path: Path, migrated_database: Path, rules: Mapping[str, Any]
) -> AsyncIterator[Waiting]:
    shutil.copy(migrated_database, sqlite_file(tmp_path))
    settings = Settings(
        data=tmp_path, token_secret=SECRET, port=free_port(), ops_port=free_port(), drain_ms=0, rate_per_second=10_000
    )
    clock = StillClock()
    server = RunningServer(settings, clock)
    await server.start()
    try:
        await server.make_test(closes_at_ms=clock.now_ms() + WINDOW_MS, grace_ms=GRACE_MS, **rules)
        attempt_id = await server.started()
        answers = [
            {"n": n, "question_id": question_id, "value": value, "client_at_ms": 0}
            for n, (question_id, value) in enumerate(ANSWERS.items(), 1)
        ]
        path = f"/test-attempts/{attempt_id}"
        (await server.call("POST", f"{path}/answers", server.service, {"answers": answers})).ok()
        (await server.call("POST", f"{path}/complete", server.service, {})).ok()
        await server.reaches(attempt_id, "completed")
        context = await chromium.new_context()
        await context.add_init_script(_NO_CHANCE)
        await context.clock.install(time=clock.now_ms() / 1000)
        sit = await Sit.open(context, sit_link(settings.url, Seat(attempt_id, server.token(attempt_id=attempt_id))))
        yield Waiting(server, sit)
        assert sit.errors == []
        await context.close()
    finally:
        await server.stop()


async def test_the_page_shows_results_when_the_window_has_closed(
    chromium: Browser, tmp_path: Path, migrated_database: Path
) -> None:
    async with waiting(chromium, tmp_path, migrated_database, {"release": "window_closed"}) as one:
        outcome = one.sit.part("outcome")
        await expect(outcome).to_contain_text("when the test has closed for everybody")
        await one.pass_time(WINDOW_MS + GRACE_MS - 1)
        await expect(outcome).to_contain_text("when the test has closed for everybody")
        await expect(one.sit.part("result-score")).to_have_count(0)
        await one.pass_time(1_000)
        await one.sit.score(SCORE_MPT)
        await expect(outcome.locator("tbody tr")).to_have_count(len(ANSWERS))


async def test_the_page_shows_the_points_of_each_question_when_the_window_has_closed(
    chromium: Browser, tmp_path: Path, migrated_database: Path
) -> None:
    async with waiting(chromium, tmp_path, migrated_database, {}) as one:
        outcome = one.sit.part("outcome")
        await one.sit.score(SCORE_MPT)
        await expect(outcome).to_contain_text("The points of each question are shown here when")
        await one.pass_time(WINDOW_MS + GRACE_MS - 1)
        await expect(outcome.locator("tbody tr")).to_have_count(0)
        await one.pass_time(1_000)
        await expect(outcome.locator("tbody tr")).to_have_count(len(ANSWERS))
