"""A token for one attempt ends some time after it; a result token shows its result, and nothing else, until its own
end."""

import asyncio
from typing import Any

import pytest
from typer.testing import CliRunner

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Close, Code
from protocol.errors import Refused
from server.access.claims import read_claims
from server.access.standing import OVER
from server.cli import app
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import ANSWERS, CANDIDATE, ORG, SCORE_MPT, TEST
from tests.server.harness.running import HOUR_MS, Reply, RunningServer
from tests.server.harness.socket import Socket

AFTER_MS = limits.LINK_AFTER_END_MS


async def link(server: RunningServer, **rules: Any) -> tuple[str, str]:
    """An attempt that has started, and the token that a service was given for it."""
    await server.make_test(**rules)
    made = (await server.call("POST", "/test-attempts", server.service, {"test_id": TEST, "user_id": CANDIDATE})).ok()
    (await server.call("POST", f"/test-attempts/{made['attempt_id']}/start", server.service, {})).ok()
    return made["attempt_id"], made["token"]


async def handed_in(server: RunningServer, **rules: Any) -> tuple[str, str]:
    attempt_id, token = await link(server, **rules)
    path = f"/test-attempts/{attempt_id}"
    answers = [
        {"n": n, "question_id": question_id, "value": value, "client_at_ms": 0}
        for n, (question_id, value) in enumerate(ANSWERS.items(), 1)
    ]
    (await server.call("POST", f"{path}/answers", server.service, {"answers": answers})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "completed")
    return attempt_id, token


async def looks(server: RunningServer, attempt_id: str, token: str) -> set[str]:
    """What the calls of a page that only looks are refused with, but that for the result; "" for none."""
    path = f"/test-attempts/{attempt_id}"
    replies = [await server.call("GET", f"{path}/{what}", token) for what in ("status", "answers")]
    replies.append(await server.call("GET", f"/test-attempts?test_id={TEST}", token))
    replies.append(await server.call("POST", f"{path}/resume", token, server.arrival()))
    return {"" if reply.status == 200 else reply.code for reply in replies}


async def test_a_reopened_attempt_waits_for_her_and_its_clock_runs_from_then(server: RunningServer) -> None:
    attempt_id, token = await handed_in(server)
    path = f"/test-attempts/{attempt_id}"
    body = {"left_ms": 60_000, "on_return": True, "reason": "by mistake"}
    reply = (await server.call("POST", f"{path}/reopen", server.instructor, body)).ok()
    assert reply["state"]["status"] == "paused"
    await server.advance(AFTER_MS)
    back_ms = server.clock.now_ms()
    socket = await knocks(server, attempt_id, token)
    await socket.until("welcome")
    state = await server.status(attempt_id)
    assert state["status"] == "in_progress"
    assert state["clocks"][0]["deadline_ms"] >= back_ms + 60_000


@pytest.mark.parametrize(("duration_ms", "code"), [(3_600_000, Code.OUT_OF_RANGE), (None, None)])
async def test_an_attempt_without_a_limit_is_reopened_without_one(
    server: RunningServer, duration_ms: int | None, code: Code | None
) -> None:
    attempt_id, _ = await handed_in(server, duration_ms=duration_ms)
    reply = await server.call("POST", f"/test-attempts/{attempt_id}/reopen", server.instructor, {"reason": "a mistake"})
    state = await server.status(attempt_id)
    if code is not None:
        assert (reply.code, state["status"]) == (code, "completed")
    else:
        assert (reply.ok()["state"]["clocks"], state["status"]) == ([], "in_progress")


async def knocks(server: RunningServer, attempt_id: str, token: str) -> Socket:
    socket = await server.socket(f"/ws/attempts/{attempt_id}")
    await socket.hello(token)
    return socket


async def hands_in(socket: Socket) -> None:
    await socket.until("welcome")
    await socket.send("submit", n=1, client_at_ms=0)
    await socket.until("ack", n=1)


async def reopen(server: RunningServer, attempt_id: str) -> None:
    again = {"left_ms": 10 * HOUR_MS, "reason": "ended by mistake"}
    (await server.call("POST", f"/test-attempts/{attempt_id}/reopen", server.instructor, again)).ok()


async def is_still_there(server: RunningServer, socket: Socket) -> None:
    now_ms = server.clock.now_ms()
    server.node.connections.look(now_ms)
    await socket.send("beat", t0_ms=now_ms)
    await socket.until("echo", t0_ms=now_ms)


async def test_a_link_shows_the_end_for_an_hour_and_then_the_result_alone(server: RunningServer) -> None:
    """Staff may release results weeks later: whoever has the link finds them there. It opens nothing else any more."""
    attempt_id, token = await handed_in(server, release="by_staff")
    server.pass_time(AFTER_MS - 60_000)
    assert await looks(server, attempt_id, token) == {""}
    assert (await result(server, attempt_id, token)).code == Code.NOT_RELEASED
    async with await knocks(server, attempt_id, token) as socket:
        assert (await socket.until("welcome"))["state"]["ended_as"] == "submitted"
    server.pass_time(60_000)
    assert await looks(server, attempt_id, token) == {Code.TOKEN_EXPIRED}
    async with await knocks(server, attempt_id, token) as socket:
        assert await socket.refusal() == (Code.TOKEN_EXPIRED, Close.TOKEN_EXPIRED)
    reply = await server.call("GET", f"/test-attempts/{attempt_id}/status", token)
    assert (reply.status, reply.body["detail"]) == (401, OVER)
    server.pass_time(20 * 24 * HOUR_MS)
    assert (await result(server, attempt_id, token)).code == Code.NOT_RELEASED
    (await server.call("POST", f"/tests/{TEST}/release", server.instructor, {})).ok()
    assert (await result(server, attempt_id, token)).ok()["score_mpt"] == SCORE_MPT
    assert await looks(server, attempt_id, token) == {Code.TOKEN_EXPIRED}
    server.pass_time(10 * 24 * HOUR_MS)
    assert (await result(server, attempt_id, token)).code == Code.TOKEN_EXPIRED, "the token itself has ended"


async def test_the_result_comes_on_any_device_when_the_link_opens_nothing_else(server: RunningServer) -> None:
    attempt_id, token = await handed_in(server, links="once")
    server.pass_time(AFTER_MS - 60_000)
    assert (await result(server, attempt_id, token)).code == Code.LINK_USED
    server.pass_time(60_000)
    assert (await result(server, attempt_id, token)).ok()["score_mpt"] == SCORE_MPT
    await reopen(server, attempt_id)
    assert (await result(server, attempt_id, token)).code == Code.LINK_USED, "it goes on, and so does its rule"


async def test_a_page_that_was_open_is_sent_away_then(server: RunningServer) -> None:
    attempt_id, token = await link(server)
    async with await knocks(server, attempt_id, token) as socket:
        await hands_in(socket)
        # Far enough from the end for a machine that has other things to do.
        server.pass_time(AFTER_MS - 60_000)
        await is_still_there(server, socket)
        server.pass_time(60_000)
        server.node.connections.look(server.clock.now_ms())
        messages, code = await socket.end()
        assert (code, messages[-1]["detail"]) == (Close.TOKEN_EXPIRED, OVER)


async def test_a_reopened_attempt_is_open_to_its_link_again_however_late(server: RunningServer) -> None:
    attempt_id, token = await handed_in(server)
    server.pass_time(5 * AFTER_MS)
    await reopen(server, attempt_id)
    async with await knocks(server, attempt_id, token) as socket:
        await socket.until("welcome")
        await is_still_there(server, socket)
        await socket.send("answer", n=100, question_id="word", value="Euler", client_at_ms=0)
        await socket.until("ack", n=100)


async def test_an_open_page_stays_where_its_attempt_was_reopened(server: RunningServer) -> None:
    attempt_id, token = await link(server)
    async with await knocks(server, attempt_id, token) as socket:
        await hands_in(socket)
        await reopen(server, attempt_id)
        server.pass_time(2 * AFTER_MS)
        await is_still_there(server, socket)


async def test_a_token_of_an_identity_provider_is_the_persons_and_goes_on(server: RunningServer) -> None:
    attempt_id, _ = await handed_in(server)
    server.pass_time(5 * AFTER_MS)
    assert await looks(server, attempt_id, server.token()) == {""}


# Result tokens


async def result_token(server: RunningServer, attempt_id: str, by: str, **wanted: Any) -> Reply:
    return await server.call("POST", f"/test-attempts/{attempt_id}/result-token", by, wanted)


async def result(server: RunningServer, attempt_id: str, token: str) -> Reply:
    return await server.call("GET", f"/test-attempts/{attempt_id}/result", token)


async def test_staff_make_one_and_it_shows_what_the_candidate_may_see(server: RunningServer) -> None:
    attempt_id, _ = await handed_in(server)
    for by in (server.service, server.instructor):
        before_s = server.clock.now_ms() // 1000
        made = (await result_token(server, attempt_id, by)).ok()
        assert made["attempt_id"] == attempt_id
        made_at_s = (made["expires_at_ms"] - limits.RESULT_TOKEN_LIFE_MS) // 1000
        assert before_s <= made_at_s <= server.clock.now_ms() // 1000
        server.pass_time(5 * AFTER_MS)
        shown = (await result(server, attempt_id, made["token"])).ok()
        assert shown["score_mpt"] == SCORE_MPT
        assert {mark["marked_by"] for mark in shown["marks"]} == {None}
    assert (await result_token(server, attempt_id, server.token())).code == Code.FORBIDDEN
    assert (await result_token(server, attempt_id, server.service, lifetime_ms=1)).code == Code.OUT_OF_RANGE


async def test_one_shows_nothing_that_the_test_does_not_show(server: RunningServer) -> None:
    attempt_id, _ = await handed_in(server, shows="reference")
    token = (await result_token(server, attempt_id, server.service)).ok()["token"]
    assert (await result(server, attempt_id, token)).code == Code.RESULT_HIDDEN


async def test_one_ends_by_its_own_time_also_where_the_attempt_goes_on(server: RunningServer) -> None:
    attempt_id = await server.started()
    token = (await result_token(server, attempt_id, server.service, lifetime_ms=60_000)).ok()["token"]
    assert (await result(server, attempt_id, token)).code == Code.NOT_ENDED
    server.pass_time(60_000)
    assert (await result(server, attempt_id, token)).code == Code.TOKEN_EXPIRED


async def test_one_is_withdrawn_like_any_token(server: RunningServer) -> None:
    attempt_id, _ = await handed_in(server)
    token = (await result_token(server, attempt_id, server.service)).ok()["token"]
    server.pass_time(2_000)
    (await server.call("POST", "/revocations", server.service, {"user_id": CANDIDATE, "reason": "x"})).ok()
    assert (await result(server, attempt_id, token)).code == Code.TOKEN_REVOKED


async def test_one_works_on_any_device_where_links_open_once(server: RunningServer) -> None:
    attempt_id, link_token = await handed_in(server, links="once")
    assert (await result(server, attempt_id, link_token)).code == Code.LINK_USED
    token = (await result_token(server, attempt_id, server.service)).ok()["token"]
    (await result(server, attempt_id, token)).ok()


async def test_one_renews_no_connection(server: RunningServer) -> None:
    attempt_id = await server.started()
    token = server.token(attempt_id=attempt_id, only_result=True)
    async with await server.sit(attempt_id) as socket:
        await socket.send("renew", token=token)
        assert (await socket.until("refused"))["code"] == Code.FORBIDDEN


async def test_the_command_line_makes_one(start_server: StartServer) -> None:
    # The command line goes by the host's time.
    server = await start_server(clock=MovableClock())
    await server.make_test()
    attempt_id, _ = await handed_in(server)
    env = {"PENCILSDOWN_DATA": str(server.settings.data), "PENCILSDOWN_TOKEN_SECRET": SECRET}

    async def made(*options: str) -> tuple[int, str]:
        command = ["token", "--role", "candidate", "--user", CANDIDATE, "--org", ORG, *options]
        run = await asyncio.to_thread(CliRunner().invoke, app, command, env=env)
        return run.exit_code, run.stdout.strip()

    status, token = await made("--attempt", attempt_id, "--only", "result")
    assert status == 0
    principal = await server.node.tokens.verify(token)
    assert (principal.role, principal.attempt_id, principal.only_result) == (Role.CANDIDATE, attempt_id, True)
    for options in (("--only", "result"), ("--attempt", attempt_id, "--only", "answers")):
        assert (await made(*options))[0] == 2


@pytest.mark.parametrize(
    "claims",
    [{"only": "results"}, {"only": ""}, {"only": True}, {"only": "result", "attempt": None}, {"role": "service"}],
    ids=["another thing", "nothing", "no text", "no attempt", "staff"],
)
def test_what_a_token_is_narrowed_to_must_be_understood(claims: dict[str, Any]) -> None:
    """What is narrower than this version knows must not open more here."""
    now_ms = 1_800_000_000_000
    whole = {"sub": "ada", "org": "school", "role": "candidate", "exp": now_ms // 1000 + 60}
    whole |= {"attempt": "a", "only": "result"}
    assert read_claims(whole, now_ms).only_result
    with pytest.raises(Refused) as caught:
        read_claims({**whole, **claims}, now_ms)
    assert caught.value.refusal.code is Code.TOKEN_INVALID
    assert "only" in caught.value.refusal.detail
