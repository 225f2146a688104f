"""Results that come by themselves when the window of the test closes: on the page of a candidate who waits for them.

The clocks of server and page are the test's: each goes on when it is told to.
"""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from playwright.async_api import Browser, expect

from loadtest.ports import free_port
from server.settings import Settings
from tests.e2e.deployment import sqlite_file
from tests.e2e.exams import Seat
from tests.e2e.pages import Sit, sit_link
from tests.server.conftest import SECRET
from tests.server.harness.clock import StillClock
from tests.server.harness.exam import ANSWERS, SCORE_MPT, TEST
from tests.server.harness.running import RunningServer

GRACE_MS: Final = 2_000
WINDOW_MS: Final = 30 * 60_000
"""Shorter than a link outlives its attempt."""
_NO_CHANCE: Final = "Math.random = () => 0;"
"""A page asks at some moment of the half minute after the instant: here at its beginning."""


class Waiting(NamedTuple):
    """A candidate who has handed in, half an hour before the window closes."""

    server: RunningServer
    sit: Sit
    seat: Seat

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
        seat = Seat(attempt_id, server.token(attempt_id=attempt_id))
        sit = await Sit.open(context, sit_link(settings.url, seat))
        yield Waiting(server, sit, seat)
        assert sit.errors == []
        await context.close()
    finally:
        await server.stop()


@pytest.mark.long
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


_LOOKS_AGAIN_MS: Final = 10 * 60_000


async def _put_right(one: Waiting, score_mpt: int) -> None:
    """A mark is corrected by hand, and the result has it."""
    body = {"score_mpt": score_mpt, "reason": "A page was overlooked."}
    path = f"/test-attempts/{one.seat.attempt_id}/marks/single"
    (await one.server.call("PUT", path, one.server.instructor, body)).ok()


async def test_an_open_page_shows_new_marks_at_once(chromium: Browser, tmp_path: Path, migrated_database: Path) -> None:
    async with waiting(chromium, tmp_path, migrated_database, {"release": "at_once"}) as one:
        await one.sit.score(SCORE_MPT)
        await _put_right(one, 250)
        await one.sit.score(SCORE_MPT - 750)


async def test_a_link_that_opens_nothing_else_shows_what_is_released_and_put_right_later(
    chromium: Browser, tmp_path: Path, migrated_database: Path
) -> None:
    async with waiting(chromium, tmp_path, migrated_database, {"release": "by_staff"}) as one:
        server = one.server
        server.pass_time(3 * 24 * 3_600_000)
        later = await Sit.open(chromium, sit_link(server.settings.url, one.seat))
        await expect(later.part("no-result")).to_contain_text("have not been released yet")
        (await server.call("POST", f"/tests/{TEST}/release", server.instructor, {})).ok()
        await later.part("result-page").get_by_role("button").click()
        await later.score(SCORE_MPT)
        # Whoever comes by a link to the result, or leaves the page open, sees what is put right.
        token = server.token(attempt_id=one.seat.attempt_id, only_result=True)
        context = await chromium.new_context()
        await context.clock.install()
        linked = await Sit.open(context, f"{server.settings.url}/sit#result={one.seat.attempt_id}&token={token}")
        await linked.score(SCORE_MPT)
        await _put_right(one, 500)
        await linked.page.clock.run_for(_LOOKS_AGAIN_MS)
        await linked.score(SCORE_MPT - 500)
        assert linked.errors == []
        await context.close()
