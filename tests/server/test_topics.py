"""Every topic of events is told of by a running server, after the act that it names."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from protocol.events.topics import TOPICS
from protocol.limits import AWAY_AFTER_MS
from protocol.rules.retention import DAY_MS
from tests.server.api.test_openapi import Tour, _successes
from tests.server.api.test_regrades import applied, store, with_key
from tests.server.conftest import StartServer
from tests.server.harness.exam import ANSWERS, exam
from tests.server.harness.running import RunningServer
from tests.server.marking.test_marker import submitted
from tests.server.media.files import SVG
from tests.server.presence.test_absences import come, gone
from tests.server.test_archivist import over
from tests.server.test_disconnection import still
from tests.server.test_links import LAPTOP, TABLET, allow, bound, resume
from tests.services.patience import PATIENCE_S

MINUTE: Final = 60_000


async def somebody_is_exported(server: RunningServer) -> None:
    await server.make_attempt("emma")
    (await server.call("GET", "/users/emma/export", server.service)).ok()


async def a_key_was_wrong(server: RunningServer) -> None:
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    await applied(server, await store(server, with_key("c")))


async def another_device_comes(server: RunningServer) -> None:
    path = await bound(server)
    (await resume(server, path, LAPTOP, 1)).ok()
    await resume(server, path, TABLET, 1)
    (await allow(server, path, "her laptop has broken")).ok()


async def something_is_noticed(server: RunningServer) -> None:
    await server.make_test("watched", integrity=[{"signal": "focus_lost", "alert_from": 1}])
    path = f"/test-attempts/{await server.started('wanda', test_id='watched')}"
    seen = {"n": 1, "signal": "focus_lost", "count": 1, "size": 0, "client_at_ms": 0}
    (await server.act("POST", f"{path}/observations", server.token(user="wanda"), seen)).ok()


async def she_is_away_and_comes_back(server: RunningServer) -> None:
    # No look but those of the test.
    await still(server)
    await server.make_test("long", duration_ms=60 * MINUTE)
    attempt_id = await server.started(test_id="long")
    device = await come(server, attempt_id)
    await device.leave()
    await gone(server, attempt_id)
    server.clock.advance(AWAY_AFTER_MS)
    await server.node.absences.look()
    await device.come(server, takeover=False)
    await server.node.absences.look()
    await device.leave()


async def somebody_wants_to_know_how_far_they_are(server: RunningServer) -> None:
    await server.make_test("followed")
    wanted = {"kind": "webhook", "target": "https://hook.invalid/", "topics": ["progress.*"]}
    (await server.call("POST", "/subscriptions", server.service, wanted)).ok()
    path = f"/test-attempts/{await server.started('fay', test_id='followed')}"
    answer = {"n": 1, "question_id": "fact", "value": "true", "client_at_ms": 1}
    (await server.act("POST", f"{path}/answers", server.token(user="fay"), {"answers": [answer]})).ok()
    await server.node.snapshotter.take(everything=True)
    await server.node.live_analytics.look()


async def time_runs_out(server: RunningServer) -> None:
    """The notice of a minute; the end of a part that has its own; and of a time that only informs."""
    await server.make_test("timed")
    await server.started("tim", test_id="timed")
    parts = [{"section_id": name, "title": name, "items": [name], "limit_ms": MINUTE} for name in ANSWERS]
    await put(server, "timed-parts", {**exam(order="by_section"), "sections": parts})
    await server.started("tim", test_id="timed-parts")
    await put(server, "informed", exam(limit="soft"))
    await server.started("tim", test_id="informed")
    await server.advance(9 * MINUTE + 1)
    await server.advance(MINUTE + 2_000)


async def the_window_closes(server: RunningServer) -> None:
    """On somebody who has not come, and on a pause that nobody has ended."""
    closes_ms = server.clock.now_ms() + 30 * MINUTE
    await put(server, "closing", exam(closes_at_ms=closes_ms, duration_ms=60 * MINUTE))
    path = f"/test-attempts/{await server.started('clara', test_id='closing')}"
    await server.make_attempt("carl", test_id="closing")
    (await server.call("POST", f"{path}/pause", server.instructor, {"reason": "fire"})).ok()
    await server.advance(30 * MINUTE + 1_000)
    await server.node.sweeper.find_absent()


async def a_file_is_named_by_no_test(server: RunningServer) -> None:
    (await server.call("POST", "/media", server.service, raw=SVG)).ok()
    (await server.call("PUT", "/retention", server.service, {"media_days": 1})).ok()
    await server.node.housekeeping.prune()
    server.clock.advance(DAY_MS + 1)
    await server.node.housekeeping.prune()


async def logs_grow_old(server: RunningServer) -> None:
    node = server.node
    await over(server, 2)
    rule = {"archive_after_days": 1, "drop_after_days": 1}
    (await server.call("PUT", "/retention", server.service, rule)).ok()
    await node.archivist.look()
    await node.archivist.look()
    server.clock.advance(2 * DAY_MS)
    await node.archivist.look()


async def entries_grow_old(server: RunningServer) -> None:
    (await server.call("PUT", "/retention", server.service, {"audit_days": 30})).ok()
    server.clock.advance(40 * DAY_MS)
    await server.node.ages.accept(server.clock.now_ms())
    await server.node.housekeeping.prune()


async def put(server: RunningServer, test_id: str, body: dict[str, Any]) -> None:
    (await server.call("PUT", f"/tests/{test_id}", server.service, body)).ok()


Act = Callable[[RunningServer], Awaitable[None]]
CASES: Final[list[tuple[Act, set[str]]]] = [
    (somebody_is_exported, {"audit.person_exported"}),
    (a_key_was_wrong, {"attempt.regraded"}),
    (another_device_comes, {"security.device_refused", "attempt.device_allowed"}),
    (something_is_noticed, {"integrity.alerted"}),
    (
        somebody_wants_to_know_how_far_they_are,
        {"progress.updated", "progress.answers_saved", "progress.analytics"},
    ),
    (time_runs_out, {"attempt.warned", "attempt.section_closed", "attempt.overran"}),
    (the_window_closes, {"attempt.absent", "attempt.pause_forgotten"}),
    (a_file_is_named_by_no_test, {"audit.media_dropped"}),
    (logs_grow_old, {"audit.logs_archived", "audit.archive_dropped"}),
    (entries_grow_old, {"audit.entries_dropped"}),
    (she_is_away_and_comes_back, {"presence.away", "presence.returned"}),
]

BY_THE_TOUR: Final = TOPICS.keys() - set().union(*(topics for _, topics in CASES))
"""A new topic is told of by the tour, or has an act of its own."""


async def test_the_tour_of_the_api_tells_of_what_is_done_in_it(start_server: StartServer) -> None:
    server = await start_server()
    await _successes(Tour(server, (await server.call("GET", "/openapi.json")).ok()))
    assert BY_THE_TOUR - {event["type"] for event in await told(server)} == set()


@pytest.mark.parametrize(("act", "topics"), CASES)
async def test_every_topic_is_told_after_the_act_that_it_names(
    start_server: StartServer, tmp_path: Path, act: Act, topics: set[str]
) -> None:
    server = await start_server(archives_folder=tmp_path / "archives")
    await server.make_test()
    await act(server)
    found: set[str] = set()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while not topics <= found:
                await asyncio.sleep(0.02)
                found = {event["type"] for event in await told(server)}
    assert topics - found == set()


async def told(server: RunningServer) -> list[dict[str, Any]]:
    """All events that are kept."""
    await server.node.events.take_over(server.clock.now_ms())
    events: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await server.call("GET", f"/events?limit=500{after}", server.service)).ok()
        events += page["events"]
        if not page["more"]:
            return events
        after = f"&after={page['next']}"
