"""Access codes and address ranges at a real server: over the socket and over REST, and what is kept of a code."""

import asyncio
import logging
from typing import Any

import pytest

from protocol import limits
from protocol.codes import Code
from tests.server.conftest import StartServer
from tests.server.harness.exam import ORG
from tests.server.harness.running import RunningServer

CODE = "Blue Harbour 7"


async def start(server: RunningServer, attempt_id: str, code: str | None, user: str = "ada") -> Any:
    """A start over REST, by the candidate herself."""
    path = f"/test-attempts/{attempt_id}/start"
    return await server.act("POST", path, server.token(user=user), {"access_code": code})


async def test_over_a_socket_and_over_rest(server: RunningServer) -> None:
    await server.make_test(access_code=CODE)
    one, other = await server.make_attempt("ada"), await server.make_attempt("bob")
    assert (await start(server, one, None)).code == Code.CODE_REQUIRED
    assert (await start(server, one, "Blue Harbour 8")).code == Code.WRONG_CODE
    assert (await start(server, one, "blue harbour 7")).ok()["state"]["status"] == "in_progress"
    socket = await server.sit(other, "bob")
    for n, (code, refusal) in enumerate([(None, Code.CODE_REQUIRED), ("x", Code.WRONG_CODE)], 1):
        await socket.send("start", n=n, access_code=code, client_at_ms=0)
        refused = await socket.until("refused")
        assert (refused["code"], refused["retry"]) == (refusal, "never")
        server.pass_time(60_000)
    await socket.send("start", n=3, access_code=CODE, client_at_ms=0)
    assert (await socket.until("state"))["state"]["status"] == "in_progress"


async def test_a_service_that_acts_for_her_needs_no_code(server: RunningServer) -> None:
    await server.make_test(access_code=CODE, address_ranges=["192.0.2.0/24"])
    attempt_id = await server.started()
    assert (await server.status(attempt_id))["status"] == "in_progress"


async def test_a_code_is_in_no_log_of_the_attempt_and_of_the_server(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await server.make_test(access_code=CODE)
    attempt_id = await server.make_attempt()
    await start(server, attempt_id, "a wrong harbour")
    server.pass_time(60_000)
    (await start(server, attempt_id, CODE)).ok()
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)).raw
    everything = log.decode().casefold() + caplog.text.casefold()
    assert "started" in everything
    assert "harbour" not in everything


async def test_whoever_tries_codes_has_to_wait(paced_server: RunningServer) -> None:
    server = paced_server
    await server.make_test(access_code=CODE)
    attempt_id = await server.make_attempt()
    refused = [(await start(server, attempt_id, f"guess {n}")).code for n in range(3)]
    assert refused[0] == Code.WRONG_CODE
    assert refused[-1] == Code.RATE_LIMITED, "the burst is used up"
    seconds = limits.WRONG_CODE_COST // limits.RATE_PER_SECOND
    server.clock.advance(2 * seconds * 1_000)
    assert (await start(server, attempt_id, CODE)).ok()["state"]["status"] == "in_progress"
    others = await server.make_attempt("bob")
    assert (await start(server, others, CODE, "bob")).status == 200, "nobody else waits for that"


async def test_a_hundred_codes_at_once_are_not_a_hundred_guesses(paced_server: RunningServer) -> None:
    server = paced_server
    await server.make_test(access_code=CODE)
    attempt_id = await server.make_attempt()
    await start(server, attempt_id, None)
    replies = await asyncio.gather(*(start(server, attempt_id, f"guess {n}") for n in range(100)))
    guessed = [reply.code for reply in replies].count(Code.WRONG_CODE)
    debt_ms = server.node.budgets.of(await principal(server), server.clock.now_ms()).operations.debt_ms(
        server.clock.now_ms()
    )
    # Calls that were on their way are paid for with the next one; the burst is one guess, and what came before it.
    assert debt_ms >= (guessed - 2) * 1_000 * limits.WRONG_CODE_COST // limits.RATE_PER_SECOND


async def principal(server: RunningServer) -> Any:
    return await server.node.tokens.verify(server.token(user="ada", org=ORG))


@pytest.mark.parametrize(
    ("ranges", "let_in"), [(["127.0.0.0/8", "::1/128"], True), (["192.0.2.0/24", "2001:db8::/32"], False)]
)
async def test_she_starts_from_an_address_of_the_test_alone(
    server: RunningServer, ranges: list[str], let_in: bool
) -> None:
    await server.make_test(address_ranges=ranges)
    one, other = await server.make_attempt("ada"), await server.make_attempt("bob")
    reply = await start(server, one, None)
    assert (reply.status == 200) if let_in else (reply.code == Code.WRONG_ADDRESS)
    socket = await server.sit(other, "bob")
    await socket.send("start", n=1, client_at_ms=0)
    if let_in:
        await socket.until("state")
    else:
        assert (await socket.until("refused"))["code"] == Code.WRONG_ADDRESS


async def test_whoever_has_started_goes_on_from_anywhere(server: RunningServer) -> None:
    attempt_id = await server.started()
    await server.make_test(address_ranges=["192.0.2.0/24"], access_code=CODE)
    await server.sit(attempt_id)


async def test_what_keeps_her_is_told_on_the_socket_and_over_rest(start_server: StartServer) -> None:
    server = await start_server()
    await server.make_test(access_code=CODE, address_ranges=["192.0.2.0/24"])
    attempt_id = await server.make_attempt()
    expected = [Code.WRONG_ADDRESS, Code.CODE_REQUIRED]
    body = (await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), server.arrival())).ok()
    assert [one["code"] for one in body["hindrances"]] == expected
    beat = {"connection_id": body["connection_id"], "t0_ms": 0}
    path = f"/test-attempts/{attempt_id}/heartbeat"
    told = (await server.call("PUT", path, server.token(), beat)).ok()["offer"]
    assert [one["code"] for one in told["hindrances"]] == expected
    await server.make_test()
    told = (await server.call("PUT", path, server.token(), beat)).ok()["offer"]
    assert told["hindrances"] == []
    start_it = {"connection_id": body["connection_id"]}
    (await server.call("POST", f"/test-attempts/{attempt_id}/start", server.token(), start_it)).ok()
    assert (await server.call("PUT", path, server.token(), beat)).ok()["offer"] is None
