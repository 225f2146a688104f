"""Acts on many from the monitor: a fire alarm in a room of 300, and what is said of whoever was left out."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from clients.python.rest import Rest
from protocol.attempt.facts import Extended, Messaged, Paused, Record
from protocol.content import Rules
from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Watch, monitor_link

_MINUTE_MS = 60_000
_COUNT_CLICKS = "window.clicks = 0; addEventListener('pointerdown', () => { window.clicks += 1 }, true)"


async def _room(service: Rest, sitting: int, waiting: int, over: int) -> list[str]:
    """The attempts of so many who sit, have not begun, and have handed in."""
    await service.put_test("exam", short_texts(1, Rules(duration_ms=60 * _MINUTE_MS)))
    total = sitting + waiting + over
    attempts: list[str] = []
    for begin in range(0, total, 20):
        numbers = range(begin, min(begin + 20, total))
        page = await asyncio.gather(*(seat(service, "exam", f"user-{number:03}") for number in numbers))
        attempts += [one.attempt_id for one in page]
    started = [*attempts[:sitting], *attempts[sitting + waiting :]]
    for begin in range(0, len(started), 20):
        await asyncio.gather(*(service.start(one) for one in started[begin : begin + 20]))
    for one in attempts[sitting + waiting :]:
        await service.complete(one)
    return attempts


@pytest.mark.long
async def test_a_fire_alarm_in_a_room_of_300(tenant: Tenant, chromium: Browser, tmp_path: Path) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        attempts = await _room(service, sitting=290, waiting=6, over=4)
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await expect(watch.part("count-in_progress")).to_have_text("290")
        await watch.page.evaluate(_COUNT_CLICKS)
        acts = watch.part("bulk-act")

        await watch.part("select-all").click()
        await watch.part("bulk-pause").click()
        await expect(watch.part("bulk-dialog")).to_contain_text("Pause: 300 candidates")
        await expect(watch.part("bulk-left-out")).to_contain_text("10 candidates can't take it")
        await watch.part("dialog-confirm").click()
        await watch.part("bulk-message").click()
        await watch.part("dialog-text").fill("Fire alarm: leave the room. You lose no time.")
        await watch.part("dialog-confirm").click()
        await watch.part("bulk-extend").click()
        await watch.part("dialog-minutes").fill("10")
        await watch.part("dialog-confirm").click()
        for at, done in ((2, 290), (1, 296), (0, 290)):
            await expect(acts.nth(at)).to_have_attribute("data-ended", "true")
            await expect(acts.nth(at)).to_have_attribute("data-done", str(done))
        await acts.nth(2).get_by_test_id("bulk-report").click()
        missed = watch.part("bulk-missed").get_by_role("listitem")
        await expect(missed).to_have_count(10)
        async with watch.page.expect_download() as saving:
            await watch.part("bulk-csv").click()
        assert await watch.page.evaluate("window.clicks") < 10

        file = tmp_path / "report.csv"
        await (await saving.value).save_as(file)
        rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
        assert sorted(row["attempt"] for row in rows) == sorted(attempts[290:])
        assert {row["why"] for row in rows} == {
            "The candidate has not begun this attempt yet.",
            "This attempt has been handed in. Reopen it first.",
        }
        await expect(watch.part("count-paused")).to_have_text("290")
        assert watch.errors == []
        for attempt_id in (*attempts[:290:29], attempts[289]):
            facts = [record.entry.fact for record in (await tenant.log(attempt_id))[0]]
            assert [type(fact) for fact in facts if isinstance(fact, Paused | Messaged | Extended)] == [
                Paused,
                Messaged,
                Extended,
            ]


async def test_those_who_are_chosen_and_nobody_else(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        ada, bob, cy, dee = await _room(service, sitting=3, waiting=0, over=1)
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await expect(watch.row(dee)).to_be_visible()
        for one in (ada, cy):
            await watch.part(f"choose-{one}").check()
        # It reaches the server when it is no longer meant, and is asked for again.
        await watch.page.route("**/bulk", _LateOnce())
        await watch.part("bulk-pause").click()
        await watch.part("dialog-confirm").click()
        await expect(watch.part("bulk-unconfirmed")).to_contain_text("came too late")
        await watch.row_has(ada, status="in_progress")
        await watch.part("bulk-again").click()
        for one in (ada, cy):
            await watch.row_has(one, status="paused")
        await watch.row_has(bob, status="in_progress")
        await expect(watch.part("bulk-act")).to_have_attribute("data-ended", "true")
        await watch.part("bulk-report").click()
        await expect(watch.part("bulk-nobody")).to_be_visible()
        await watch.part("bulk-report-close").click()
        # Whoever starts after the act was given is named.
        await watch.part("bulk-hide").click()
        await watch.part("filter-in_progress").click()
        await watch.part("select-all").click()
        await watch.part("bulk-end").or_(watch.part("bulk-more")).first.wait_for()
        await watch.part("bulk-message").click()
        await watch.part("dialog-text").fill("Five minutes left.")
        await watch.part("dialog-confirm").click()
        await expect(watch.part("bulk-act")).to_have_attribute("data-done", "1")
        (await service.resume(ada))
        await watch.part("bulk-report").click()
        await expect(watch.part("bulk-missed")).to_contain_text("Came later")
        await watch.part("bulk-report-close").click()
        # One more attempt for the one who has handed in.
        await watch.part("filter-in_progress").click()
        await watch.act(dee, "grant_attempt", reason="The screen broke.")
        await expect(watch.part("bulk-act").first).to_have_attribute("data-command", "grant_attempt")
        await expect(watch.part("bulk-act").first).to_have_attribute("data-done", "1")
        (granted,) = (await service.bulk_acts("exam")).acts[:1]
        assert (granted.command, granted.reason) == ("grant_attempt", "The screen broke.")
        # Somebody else grants one, or gives time, while she is being asked: she hears of it first.
        await watch.part(f"row-menu-{dee}").click()
        await watch.part("action-grant_attempt").click()
        await watch.part("dialog-reason").wait_for()
        await service.grant_attempt(dee)
        await watch.part("dialog-confirm").click()
        await expect(watch.part("bulk-act").first).to_have_attribute("data-refused", "1")
        await watch.part("bulk-report").first.click()
        await expect(watch.part("bulk-missed")).to_contain_text("changed what the candidate is granted")
        await watch.part("bulk-report-close").click()
        for one in (ada, bob):
            await watch.part(f"choose-{one}").check()
        await watch.part("bulk-extend").or_(watch.part("bulk-more")).first.wait_for()
        await watch.part("bulk-extend").click()
        await watch.part("dialog-minutes").fill("5")
        await service.extend(bob, add_ms=60_000)
        await watch.part("dialog-confirm").click()
        await expect(watch.part("bulk-act").first).to_have_attribute("data-refused", "1")
        await expect(watch.part("bulk-act").first).to_have_attribute("data-done", "1")
        assert watch.errors == []


class _LateOnce:
    """The first act is on its way for a minute."""

    def __init__(self) -> None:
        self._over = False

    async def __call__(self, route: Route) -> None:
        body = route.request.post_data_json
        if self._over or body is None:
            await route.continue_()
            return
        self._over = True
        await route.continue_(post_data=json.dumps({**body, "until_ms": body["until_ms"] - _MINUTE_MS}))


# `tests/e2e/test_bulk.py` kills a node in the middle of such an act in each run.
@pytest.mark.long
async def test_the_report_names_everybody_although_the_server_died_half_way(
    embedded: Deployment, chromium: Browser
) -> None:
    """The server is killed while it pauses a room, and started again: the page comes back, the act is carried on where
    it was, and who was left out is said by name, whoever came meanwhile too."""
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        attempts = await _room(service, sitting=120, waiting=3, over=2)
        await node.terminate()
        dying = embedded.node(port=node.port, failpoints="before.commit:2")
        await dying.start()
        watch = await Watch.open(chromium, monitor_link(embedded, dying, "exam"))
        await expect(watch.part("count-in_progress")).to_have_text("120")
        await watch.part("select-all").click()
        await watch.part("bulk-pause").click()
        await watch.part("dialog-confirm").click()
        assert dying.process is not None
        await dying.process.exit()
        paused = [_paused(records) for records, _ in await embedded.logs(attempts)]
        assert sum(paused) < 120, "it died before everybody was reached"
        await expect(watch.part("stale")).to_be_visible()

        again = embedded.node(port=node.port)
        await again.start()
        act = watch.part("bulk-act")
        await expect(act).to_have_attribute("data-ended", "true")
        await expect(act).to_have_attribute("data-done", "120")
        late = await seat(service, "exam", "late")
        await service.start(late.attempt_id)
        await act.get_by_test_id("bulk-report").click()
        missed = watch.part("bulk-missed").get_by_role("listitem")
        await expect(missed).to_have_count(6)
        await expect(missed.filter(has_text="Late")).to_contain_text("Came later: it was not there")
        await expect(missed.filter(has_text="User-120")).to_contain_text(
            "The candidate has not begun this attempt yet."
        )
        await expect(missed.filter(has_text="User-124")).to_contain_text("This attempt has been handed in.")
        await expect(watch.part("count-paused")).to_have_text("120")
        assert [_paused(records) for records, _ in await embedded.logs(attempts)] == [1] * 120 + [0] * 5
        assert watch.errors == []
    assert await embedded.verify() == 126


def _paused(records: list[Record]) -> int:
    return sum(isinstance(record.entry.fact, Paused) for record in records)
