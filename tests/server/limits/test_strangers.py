"""Those without a token take turns, and nobody who sits waits for them."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from protocol.codes import Code
from server.limits.strangers import Strangers, _network
from server.metrics.tally import Tally
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S, SCENARIO_S


def strangers(most_half_open: int = 10, per_second: int = 200) -> Strangers:
    return Strangers(Tally(), most_half_open, per_second)


async def test_addresses_take_turns() -> None:
    """A hundred requests of one address wait, and one of another comes after the next."""
    gate, order = strangers(), list[str]()

    async def ask(address: str) -> None:
        await gate.turn(address)
        order.append(address)

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        for _ in range(100):
            group.create_task(ask("10.0.0.1"))
        await asyncio.sleep(0)
        already = len(order)
        group.create_task(ask("10.0.0.2"))
    assert len(order) == 101
    assert order.index("10.0.0.2") <= already + 2
    assert gate.waiting == 0


async def test_who_gives_up_waiting_takes_no_turn() -> None:
    gate = strangers(per_second=1)
    for _ in range(9):
        await gate.turn("10.0.0.1")
    waiting = asyncio.create_task(gate.turn("10.0.0.1"))
    await asyncio.sleep(0)
    assert gate.waiting == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    after = asyncio.create_task(gate.turn("10.0.0.1"))
    async with asyncio.timeout(PATIENCE_S):
        await after


async def test_a_server_that_stops_lets_nobody_wait() -> None:
    gate = strangers(per_second=1)
    for _ in range(9):
        await gate.turn("10.0.0.1")
    waiting = [asyncio.create_task(gate.turn(f"10.0.0.{n % 2}")) for n in range(20)]
    await asyncio.sleep(0)
    assert gate.waiting == 20
    gate.end()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*waiting, gate.turn("10.0.0.3"))
    assert gate.waiting == 0


async def test_sockets_without_a_hello_are_limited_overall_and_by_address() -> None:
    gate = strangers(most_half_open=10, per_second=10_000)
    assert [await gate.enter("10.0.0.1") for _ in range(6)] == [True] * 5 + [False]
    assert [await gate.enter("10.0.0.2") for _ in range(5)] == [True] * 5
    assert not await gate.enter("10.0.0.3")
    gate.leave("10.0.0.2", known=True)
    assert await gate.enter("10.0.0.3")
    assert gate.half_open == 10


async def test_an_address_that_leaves_sockets_without_a_hello_waits_for_turns_with_the_next() -> None:
    gate = strangers(per_second=1)
    for _ in range(9):
        await gate.turn("10.0.0.9")
    assert await gate.enter("10.0.0.1")
    gate.leave("10.0.0.1", known=False)
    waiting = asyncio.create_task(gate.enter("10.0.0.1"))
    await asyncio.sleep(0)
    assert gate.waiting == 1
    assert await gate.enter("10.0.0.2"), "nobody else waits for it"
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_sockets_that_wait_for_a_turn_are_limited_too() -> None:
    """Before, one address could make thousands of them wait, until the server had no descriptor left."""
    gate = strangers(most_half_open=10, per_second=1)
    for _ in range(9):
        await gate.turn("10.0.0.9")
    for _ in range(5):
        assert await gate.enter("10.0.0.1")
    for _ in range(5):
        gate.leave("10.0.0.1", known=False)
    waiting = [asyncio.create_task(gate.enter("10.0.0.1")) for _ in range(5)]
    await asyncio.sleep(0)
    assert (gate.waiting, gate.half_open) == (5, 5)
    assert not await gate.enter("10.0.0.1"), "refused at once"
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert gate.half_open == 0


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("", "no address", False),
    ],
)
def test_a_network_of_ipv6_is_one_address(address: str, other: str, same: bool) -> None:
    assert (_network(address) == _network(other)) is same


# Through the door


@pytest.mark.parametrize(
    ("method", "path", "token"),
    [
        ("GET", "/openapi.json", None),
        ("GET", "/sit", None),
        ("GET", "/sit", "no token"),
        ("GET", "/assets/nothing.js", None),
        ("GET", "/nowhere", "no token"),
        ("GET", "/test-attempts", None),
        ("GET", "/test-attempts", "no token"),
        ("GET", "/test-attempts/x/nowhere", "no token"),
        ("POST", "/tests", "no token"),
        ("OPTIONS", "/tests", "no token"),
    ],
)
async def test_every_request_without_a_valid_token_waits_for_its_turn(
    server: RunningServer, method: str, path: str, token: str | None
) -> None:
    server.node.strangers._bucket.charge(int(asyncio.get_running_loop().time() * 1000), 400 * 1_000)
    preflight: dict[str, Any] = {"origin": "https://elsewhere.example", "access-control-request-method": "PUT"}
    asked = asyncio.create_task(server.call(method, path, token, **(preflight if method == "OPTIONS" else {})))
    async with asyncio.timeout(PATIENCE_S):
        await eventually(lambda: server.node.strangers.waiting == 1)
        attempt_id = await server.started()
        async with await server.sit(attempt_id) as socket:
            await socket.send("beat", t0_ms=1)
            await socket.until("echo")
        assert (await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token())).status == 200
    assert not asked.done(), "who has a token went by"
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


@pytest.mark.parametrize(
    ("path", "origin"), [("/ws/attempts/x", "https://elsewhere.example"), ("/ws/nowhere", None), ("/sit", None)]
)
async def test_who_asked_for_a_socket_that_is_none_waits_with_the_next(
    server: RunningServer, path: str, origin: str | None
) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await server.socket(path, origin)
    server.node.strangers._bucket.charge(int(asyncio.get_running_loop().time() * 1000), 400 * 1_000)
    again = asyncio.create_task(server.socket(path, origin))
    async with asyncio.timeout(PATIENCE_S):
        await eventually(lambda: server.node.strangers.waiting == 1)
    assert not again.done()
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)


async def test_a_call_too_many_waits_for_its_refusal(start_server: StartServer) -> None:
    """Whoever goes on without regard for `Retry-After` gets her refusals one after the other."""
    server = await start_server(rate_per_second=1, rate_burst=1)
    await server.make_test()
    attempt_id = await server.started()
    path, before = f"/test-attempts/{attempt_id}/status", server.node.tally.paced["strangers"]
    replies = await asyncio.gather(*(server.call("GET", path, server.token()) for _ in range(60)))
    assert {reply.code for reply in replies if reply.status != 200} == {Code.RATE_LIMITED}
    assert server.node.tally.paced["strangers"] > before


@pytest.mark.parametrize("crowd", [300, pytest.param(1_000, marks=pytest.mark.long)])
async def test_a_school_behind_one_address_comes_in(server: RunningServer, crowd: int) -> None:
    """As fast as they can: none is refused, and none waits for a turn."""
    attempts = [await server.make_attempt(f"candidate {n}") for n in range(crowd)]
    async with AsyncExitStack() as sockets, asyncio.timeout(SCENARIO_S):
        for start in range(0, crowd, 50):
            group = range(start, start + 50)
            for socket in await asyncio.gather(*(server.sit(attempts[n], f"candidate {n}") for n in group)):
                sockets.push_async_callback(socket.close)
        assert server.node.capacity.sitting == crowd
        paced = server.node.tally.paced
        assert (paced["half_open"], paced["connects"], paced["strangers"]) == (0, 0, 0)


async def test_too_many_sockets_without_a_hello_are_told_to_come_later(server: RunningServer) -> None:
    attempt_id = await server.started()
    server.node.strangers._most_half_open = 4
    async with AsyncExitStack() as half_open:
        for _ in range(2):
            await half_open.enter_async_context(await server.socket(f"/ws/attempts/{attempt_id}"))
        with pytest.raises(InvalidStatus) as caught:
            await server.socket(f"/ws/attempts/{attempt_id}")
        assert caught.value.response.status_code == 503
        assert caught.value.response.headers["retry-after"] == "5"
    await eventually(lambda: not server.node.strangers.half_open)
    await (await server.sit(attempt_id)).close()
    assert server.node.strangers.half_open == 0
