"""Pictures from the camera and of the screen: when one is kept, what one is, who sees it, and for how long."""

import struct
from typing import Any

import pytest

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rules.retention import DAY_MS
from tests.server.conftest import SELDOM_ON_POSTGRES, StartServer
from tests.server.harness.exam import ORG, exam
from tests.server.harness.running import Reply, RunningServer
from tests.server.media.files import jpeg, png, webp

CAMERA = {"source": "camera", "asks": "offered", "every_ms": 60_000, "keep_days": 7}
SAYS = {"source": "camera", "says": "agreed", "every_ms": 60_000, "keep_days": 7, "client_at_ms": 0}

YAML = b"""
test_id: logic
title: Logic
rules:
  captures: {camera: {asks: offered, every: 60s, keep_days: 7}}
questions:
  - {id: one, type: true_false, prompt: So, correct: true}
"""


async def agreed(server: RunningServer, user: str = "ada", **rules: Any) -> str:
    """An attempt under way whose candidate has agreed."""
    await server.make_test(duration_ms=36_000_000, captures=[CAMERA], **rules)
    path = f"/test-attempts/{await server.started(user)}"
    (await server.act("PUT", f"{path}/consents", server.token(user=user), {**SAYS, "n": 1})).ok()
    return path


async def send(
    server: RunningServer, path: str, picture: bytes | None = None, user: str = "ada", source: str = "camera"
) -> Reply:
    token = server.token(user=user)
    return await server.call("POST", f"{path}/captured-pictures?source={source}", token, raw=picture or jpeg(320, 240))


async def see(
    server: RunningServer, path: str, role: Role = Role.INVIGILATOR, query: str = "", source: str = "camera"
) -> Reply:
    return await server.call("GET", f"{path}/captured-pictures?source={source}{query}", server.token(role, "grace"))


async def test_one_is_kept_for_each_interval_and_each_look_is_in_the_audit_log(
    either_server: RunningServer,
) -> None:
    server = either_server
    path = await agreed(server)
    kept = (await send(server, path)).ok()
    assert kept["delete_at_ms"] == kept["at_ms"] + 7 * DAY_MS
    assert (await send(server, path)).code == Code.CAPTURED_TOO_SOON
    await server.advance(60_000)
    (await send(server, path, webp(b"VP8 ", 240, 320))).ok()
    seen = await see(server, path)
    pictures = seen.ok()["pictures"]
    assert [(one["n"], one["type"]) for one in pictures] == [(6, "image/webp"), (0, "image/jpeg")]
    assert (seen.ok()["total"], seen.ok()["before"], seen.headers["cache-control"]) == (2, None, "no-store")
    assert [one["n"] for one in (await see(server, path, query="&before=1")).ok()["pictures"]] == [0]
    looks = (await server.call("GET", "/audit?kind=captured_pictures_read", server.service)).ok()["entries"]
    assert [(look["by"], look["entry"]["pictures"]) for look in looks] == [("grace", 2), ("grace", 1)]


async def test_each_source_is_agreed_to_sent_seen_and_deleted_on_its_own(server: RunningServer) -> None:
    screen = {**CAMERA, "source": "screen", "every_ms": 30_000}
    await server.make_test(duration_ms=36_000_000, captures=[CAMERA, screen])
    path = f"/test-attempts/{await server.started('ada')}"
    says = {**SAYS, "source": "screen", "every_ms": 30_000, "n": 1}
    (await server.act("PUT", f"{path}/consents", server.token(), says)).ok()
    large = jpeg(limits.MAX_SCREEN_SIDE, 540)
    assert (await send(server, path)).code == Code.NOT_CONSENTED
    (await send(server, path, large, source="screen")).ok()
    (await server.act("PUT", f"{path}/consents", server.token(), {**SAYS, "n": 2})).ok()
    assert (await send(server, path, large)).code == Code.INVALID_MEDIA
    (await send(server, path)).ok()
    (await server.act("PUT", f"{path}/consents", server.token(), {**says, "says": "declined", "n": 3})).ok()
    await server.advance(60_000)
    assert (await send(server, path, large, source="screen")).code == Code.NOT_CONSENTED
    (await send(server, path)).ok()
    screens = f"{path}/captured-pictures?source=screen"
    assert [(await see(server, path, source=one)).ok()["total"] for one in ("camera", "screen")] == [2, 1]
    assert (await server.call("DELETE", screens, server.service)).ok() == {"removed": True}
    assert [(await see(server, path, source=one)).ok()["total"] for one in ("camera", "screen")] == [2, 0]
    looks = (await server.call("GET", "/audit?kind=captured_pictures_read", server.service)).ok()["entries"]
    assert [look["entry"]["source"] for look in looks] == ["camera", "screen"] * 2
    assert (await see(server, path, source="microphone")).code == Code.OUT_OF_RANGE


async def test_other_rules_with_longer_intervals_leave_room_for_each_picture_and_keep_their_order(
    server: RunningServer,
) -> None:
    await server.make_test(duration_ms=36_000_000)
    path = f"/test-attempts/{await server.started('ada')}"
    for n, (every_ms, pictures) in enumerate([(10_000, 6), (60_000, 3)], 1):
        await server.make_test(duration_ms=36_000_000, captures=[{**CAMERA, "every_ms": every_ms}])
        (await server.call("POST", f"{path}/apply-rules", server.instructor, {})).ok()
        says = {**SAYS, "every_ms": every_ms, "n": n}
        (await server.act("PUT", f"{path}/consents", server.token(), says)).ok()
        for _ in range(pictures):
            (await send(server, path)).ok()
            await server.advance(every_ms)
    shown = [one["at_ms"] for one in (await see(server, path)).ok()["pictures"]]
    assert (len(shown), shown) == (9, sorted(shown, reverse=True))


async def test_what_the_candidate_sees_of_herself_is_no_look_of_staff(server: RunningServer) -> None:
    path = await agreed(server)
    (await send(server, path)).ok()
    assert (await server.call("GET", f"{path}/captured-pictures?source=camera", server.token())).ok()["total"] == 1
    assert (await server.call("GET", "/audit?kind=captured_pictures_read", server.service)).ok()["entries"] == []


async def test_many_are_shown_a_few_at_a_time(server: RunningServer) -> None:
    path = await agreed(server)
    for _ in range(limits.CAPTURED_PICTURES_SHOWN + 1):
        (await send(server, path)).ok()
        await server.advance(60_000)
    first = (await see(server, path)).ok()
    assert (len(first["pictures"]), first["total"]) == (
        limits.CAPTURED_PICTURES_SHOWN,
        limits.CAPTURED_PICTURES_SHOWN + 1,
    )
    rest = (await see(server, path, query=f"&before={first['before']}")).ok()
    assert ([one["n"] for one in rest["pictures"]], rest["before"]) == ([0], None)


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (png(), Code.INVALID_MEDIA),
        (jpeg(321, 240), Code.INVALID_MEDIA),
        (b"<html>", Code.INVALID_MEDIA),
        (jpeg() + b"\0" * limits.MAX_CAPTURED_BYTES, Code.TOO_LARGE),
        (jpeg()[:20] + struct.pack(">H", 0), Code.INVALID_MEDIA),
    ],
)
async def test_what_is_no_small_picture_is_refused(server: RunningServer, picture: bytes, code: Code) -> None:
    path = await agreed(server)
    assert (await send(server, path, picture)).code == code
    assert (await see(server, path)).ok()["total"] == 0


async def test_none_is_taken_before_she_agrees_or_after_she_has_taken_it_back(server: RunningServer) -> None:
    await server.make_test(captures=[CAMERA])
    attempt_id = await server.make_attempt()
    path = f"/test-attempts/{attempt_id}"
    assert (await send(server, path)).code == Code.NOT_STARTED
    (await server.call("POST", f"{path}/start", server.service, {})).ok()
    assert (await send(server, path)).code == Code.NOT_CONSENTED
    for n, says in enumerate(("agreed", "declined"), 1):
        (await server.act("PUT", f"{path}/consents", server.token(), {**SAYS, "says": says, "n": n})).ok()
    assert (await send(server, path)).code == Code.NOT_CONSENTED
    assert (await server.status(attempt_id))["status"] == "in_progress"


async def test_none_is_taken_while_the_clock_stands_or_after_the_end(server: RunningServer) -> None:
    path = await agreed(server)
    (await server.call("POST", f"{path}/pause", server.instructor, {})).ok()
    assert (await send(server, path)).code == Code.PAUSED
    (await server.call("POST", f"{path}/resume", server.instructor, {})).ok()
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    assert (await send(server, path)).code == Code.ALREADY_SUBMITTED


async def test_nobody_else_sends_or_sees_one(server: RunningServer) -> None:
    path = await agreed(server)
    (await send(server, path)).ok()
    assert (await send(server, path, user="bob")).code == Code.NOT_FOUND
    assert (await see(server, path, Role.MARKER)).code == Code.FORBIDDEN
    for token in (server.token(user="bob"), server.token(Role.ADMINISTRATOR, "eve", "college")):
        assert (await server.call("GET", f"{path}/captured-pictures?source=camera", token)).code == Code.NOT_FOUND
    assert (
        await server.call("DELETE", f"{path}/captured-pictures?source=camera", server.instructor)
    ).code == Code.FORBIDDEN


async def test_there_is_no_room_for_any_number(start_server: StartServer) -> None:
    picture = jpeg(320, 240)
    server = await start_server(captured_quota_bytes=len(picture))
    path = await agreed(server)
    (await send(server, path)).ok()
    await server.advance(60_000)
    assert (await send(server, path)).code == Code.CAPTURED_FULL
    (await server.call("DELETE", f"{path}/captured-pictures?source=camera", server.service)).ok()
    # What is taken is counted once a minute.
    await server.advance(60_000)
    (await send(server, path)).ok()


async def test_a_busy_node_takes_answers_and_no_pictures(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await agreed(server)
    monkeypatch.setattr(type(server.node.capacity), "busy", property(lambda _: True))
    assert (await send(server, path)).code == Code.OVERLOADED
    answer = {"n": 2, "question_id": "single", "value": "a", "client_at_ms": 0}
    assert (await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})).ok()["acked"] == [2]


async def test_they_are_deleted_in_their_time_by_a_clock_that_is_good(server: RunningServer) -> None:
    path = await agreed(server)
    (await send(server, path)).ok()
    await server.node.housekeeping.prune()
    assert (await see(server, path)).ok()["total"] == 1
    pictures, attempt_id = server.node.captured_pictures, path.rpartition("/")[2]
    # By a clock that has leapt nothing is deleted.
    server.clock.advance(8 * DAY_MS)
    await server.node.housekeeping.prune()
    assert await pictures.count(ORG, attempt_id, "camera") == 1
    await server.node.ages.accept(server.clock.now_ms())
    await server.node.housekeeping.prune()
    assert await pictures.count(ORG, attempt_id, "camera") == 0


@SELDOM_ON_POSTGRES
async def test_the_operator_says_for_how_long_they_are_kept_at_most(
    migrated_url: str, start_server: StartServer
) -> None:
    server = await start_server(database_url=migrated_url)
    await agreed(server)
    await server.stop()
    server = await start_server(database_url=migrated_url, keep_at_most=("captured_days=6",))
    # No test may say more, however it comes.
    says = "`captures`: the operator keeps pictures for 6 days at most, and `keep_days` is 7."
    put = await server.call("PUT", "/tests/algebra-1", server.service, exam(captures=[CAMERA], grace_ms=0))
    for dry_run in ("yes", "no"):
        brought = await server.call("POST", f"/imports?dry_run={dry_run}", server.service, raw=YAML)
        assert (brought.code, says in brought.body["detail"]) == (Code.INVALID_TEST, True)
    assert (put.code, says in put.body["detail"]) == (Code.INVALID_TEST, True)
    tests = (await server.call("GET", "/tests", server.service)).ok()["tests"]
    assert [(one["test_id"], one["version"]) for one in tests] == [("algebra-1", 1)]
    # Of one that was stored before, pictures are deleted sooner than the candidate was told.
    path = f"/test-attempts/{await server.started('bob')}"
    (await server.act("PUT", f"{path}/consents", server.token(user="bob"), {**SAYS, "n": 1})).ok()
    kept = (await send(server, path, user="bob")).ok()
    assert kept["delete_at_ms"] == kept["at_ms"] + 6 * DAY_MS
    await server.make_test(captures=[{**CAMERA, "keep_days": 6}])
    await server.stop()
