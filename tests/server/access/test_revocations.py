"""A token that was withdrawn opens nothing any more, on no node, and connections that stand on it end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import jwt
import pytest

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from protocol.limits import MAX_TOKEN_LIFE_MS
from server.access.revocations import Withdrawn
from server.access.tokens import Tokens
from server.ids import new_id
from storage.revocations import Revocation, Revocations
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.exam import TEST
from tests.server.harness.forged import forge
from tests.server.harness.running import HOUR_MS, Reply, RunningServer
from tests.server.harness.waiting import eventually


def id_of(token: str) -> str:
    return str(jwt.decode(token, SECRET, ["HS256"], audience="pencilsdown", options={"verify_exp": False})["jti"])


async def revoke(server: RunningServer, org: str = "school", **what: Any) -> Reply:
    token = server.token(Role.SERVICE, "platform", org)
    return await server.call("POST", "/revocations", token, {"reason": "lost laptop", **what})


async def status(server: RunningServer, attempt_id: str, token: str) -> Reply:
    return await server.call("GET", f"/test-attempts/{attempt_id}/status", token)


async def test_one_token_is_withdrawn_in_mid_exam_and_another_goes_on(server: RunningServer) -> None:
    attempt_id = await server.started()
    lost, kept = server.token(), server.token()
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(lost)
        await socket.until("welcome")
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await socket.until("ack", n=1)
        reply = await revoke(server, token_id=id_of(lost))
        assert (reply.status, reply.ok()["revoked_at_ms"] <= server.clock.now_ms()) == (201, True)
        assert await socket.refusal() == (Code.TOKEN_REVOKED, Close.TOKEN_INVALID)
    refused = await status(server, attempt_id, lost)
    assert (refused.status, refused.code) == (401, Code.TOKEN_REVOKED)
    async with await server.socket(f"/ws/attempts/{attempt_id}") as again:
        await again.hello(lost)
        assert await again.refusal() == (Code.TOKEN_REVOKED, Close.TOKEN_INVALID)
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(kept)
        assert (await socket.until("welcome"))["last_n"] == 1, "what was acknowledged is there"


async def test_all_tokens_of_a_user_up_to_now(server: RunningServer) -> None:
    attempt_id = await server.started()
    others = await server.started("bob")
    tokens = [server.token(), server.token(attempt_id=attempt_id), forge(server, iat=None)]
    async with await server.sit(attempt_id) as socket, await server.sit(others, "bob") as bystander:
        (await revoke(server, user_id="ada")).ok()
        assert await socket.refusal() == (Code.TOKEN_REVOKED, Close.TOKEN_INVALID)
        await bystander.send("beat", t0_ms=1)
        await bystander.until("echo")
    for token in tokens:
        assert (await status(server, attempt_id, token)).code == Code.TOKEN_REVOKED
    await server.advance(1)
    assert (await status(server, attempt_id, server.token())).status == 200, "asked for right after it"
    assert (await status(server, attempt_id, forge(server, iat=None))).code == Code.TOKEN_REVOKED


async def test_a_provider_whose_clock_is_ahead_gives_nobody_a_token_for_after_the_withdrawal(
    server: RunningServer,
) -> None:
    attempt_id = await server.started()
    now_s = server.clock.now_ms() // 1000
    ahead = forge(server, iat=now_s + 20)
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(ahead)
        await socket.until("welcome")
        await server.advance(1)
        (await revoke(server, user_id="ada")).ok()
        assert await socket.refusal() == (Code.TOKEN_REVOKED, Close.TOKEN_INVALID)
    for _ in range(4):
        assert (await status(server, attempt_id, ahead)).code == Code.TOKEN_REVOKED
        await server.advance(10_000)
    later = forge(server, iat=server.clock.now_ms() // 1000 + 20)
    assert (await status(server, attempt_id, later)).status == 200, "made after the withdrawal, by the same clock"
    far = forge(server, iat=now_s + 10**9)
    assert (await status(server, attempt_id, far)).code == Code.TOKEN_INVALID, "the end of time comes after everything"


async def test_an_instructors_room_is_left(server: RunningServer) -> None:
    async with await server.watch() as watcher:
        (await revoke(server, user_id="grace")).ok()
        rest, code = await watcher.end()
    assert (code, rest[-1]["t"]) == (Close.TOKEN_INVALID, "goodbye")


async def test_a_withdrawn_token_renews_nothing(server: RunningServer) -> None:
    attempt_id = await server.started()
    lost = server.token()
    (await revoke(server, token_id=id_of(lost))).ok()
    async with await server.sit(attempt_id) as socket:
        await socket.send("renew", token=lost)
        assert (await socket.until("refused"))["code"] == Code.TOKEN_REVOKED


async def test_another_organisation_withdraws_its_own_only(server: RunningServer) -> None:
    attempt_id, token = await server.started(), server.token()
    (await revoke(server, "elsewhere", user_id="ada")).ok()
    (await revoke(server, "elsewhere", token_id=id_of(token))).ok()
    assert (await status(server, attempt_id, token)).status == 200


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.INSTRUCTOR])
async def test_only_a_service_withdraws(server: RunningServer, role: Role) -> None:
    body = {"user_id": "ada", "reason": "r"}
    assert (await server.call("POST", "/revocations", server.token(role, "eve"), body)).code == Code.FORBIDDEN
    narrow = server.token(Role.SERVICE, "platform", tests=[TEST])
    assert (await server.call("POST", "/revocations", narrow, body)).code == Code.FORBIDDEN


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "r"}, Code.OUT_OF_RANGE),
        ({"reason": "r", "user_id": "a", "token_id": "b"}, Code.OUT_OF_RANGE),
        ({"user_id": "a"}, Code.MISSING_FIELD),
        ({"user_id": "a", "reason": "  "}, Code.REASON_REQUIRED),
        ({"user_id": "a", "reason": "\u200b"}, Code.REASON_REQUIRED),
        ({"user_id": "", "reason": "r"}, Code.OUT_OF_RANGE),
        # A text of PostgreSQL cannot hold it.
        ({"user_id": "a", "reason": "r\0"}, Code.OUT_OF_RANGE),
    ],
)
async def test_a_body_that_says_too_little(server: RunningServer, body: dict[str, Any], code: Code) -> None:
    assert (await server.call("POST", "/revocations", server.service, body)).code == code


async def test_a_withdrawal_is_forgotten_when_whatever_it_covers_has_ended(server: RunningServer) -> None:
    longest = server.token(lifetime_ms=MAX_TOKEN_LIFE_MS)
    (await revoke(server, token_id=id_of(longest))).ok()
    (await revoke(server, user_id="ada")).ok()
    withdrawn = server.node.withdrawn
    server.pass_time(MAX_TOKEN_LIFE_MS)
    # A year at once is more than a clock is believed.
    await server.node.ages.accept(server.clock.now_ms())
    await server.node.housekeeping.prune()
    assert (len(withdrawn._tokens), len(withdrawn._users)) == (1, 1)
    server.pass_time(2 * HOUR_MS + 1)
    await server.node.housekeeping.prune()
    assert (withdrawn._tokens, withdrawn._users, list(await withdrawn._store.since(0))) == ({}, {}, [])
    assert (await status(server, await server.started(), longest)).code == Code.TOKEN_EXPIRED


async def test_a_restart_forgets_nothing(start_server: StartServer) -> None:
    server = await start_server()
    await server.make_test()
    attempt_id, token = await server.started(), server.token()
    (await revoke(server, token_id=id_of(token))).ok()
    data = server.settings.data
    await server.stop()
    again = await start_server(data=data)
    assert (await status(again, attempt_id, token)).code == Code.TOKEN_REVOKED


@pytest.fixture
async def alone_together(migrated_postgres_url: str, start_server: StartServer) -> AsyncIterator[list[RunningServer]]:
    """Two nodes that cannot tell each other anything."""
    nodes = [await start_server(database_url=migrated_postgres_url) for _ in range(2)]
    await nodes[0].make_test()
    yield nodes
    await asyncio.gather(*(node.stop() for node in nodes))


async def test_without_a_relay_other_nodes_find_out_by_themselves(alone_together: list[RunningServer]) -> None:
    one, two = alone_together
    attempt_id, token = await one.started(), one.token()
    async with await two.sit(attempt_id) as socket:
        (await revoke(one, user_id="ada")).ok()
        assert await socket.refusal() == (Code.TOKEN_REVOKED, Close.TOKEN_INVALID)
    assert (await status(two, attempt_id, token)).code == Code.TOKEN_REVOKED


async def test_those_of_a_node_whose_clock_stood_still_are_found_too(alone_together: list[RunningServer]) -> None:
    one, two = alone_together
    attempt_id, token = await one.started(), one.token()
    two.clock.advance(HOUR_MS)
    (await revoke(two, user_id="somebody")).ok()
    (await revoke(one, token_id=id_of(token))).ok()
    await two.node.withdrawn.refresh()
    assert (await status(two, attempt_id, token)).code == Code.TOKEN_REVOKED


async def test_one_by_a_clock_that_is_ahead_hides_none_after_it(server: RunningServer) -> None:
    node, token = server.node, server.token()
    other = Withdrawn(Revocations(node.database), node.clock.now_ms, lambda _, user_id: user_id)
    ahead = Revocation(new_id(), "school", None, "somebody", node.clock.now_ms() + 5 * HOUR_MS, "platform", "x")
    await Revocations(node.database).add(ahead)
    assert await other.refresh() is True
    (await revoke(server, token_id=id_of(token))).ok()
    assert await other.refresh() is True
    assert other.covers(await Tokens(server.settings, node.clock).verify(token))


async def test_with_a_relay_they_are_told(
    migrated_postgres_url: str, redis_url: str, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.housekeeping._REVOCATIONS_EVERY_S", 3_600.0)
    one, two = [await start_server(database_url=migrated_postgres_url, redis_url=redis_url) for _ in range(2)]
    await one.make_test()
    attempt_id = await one.started()
    async with await two.sit(attempt_id) as socket:
        await eventually(lambda: one.node.relay.healthy and two.node.relay.healthy)
        (await revoke(one, user_id="ada")).ok()
        assert await socket.refusal() == (Code.TOKEN_REVOKED, Close.TOKEN_INVALID)
    await asyncio.gather(one.stop(), two.stop())


async def test_many_words_of_another_node_lead_to_a_few_looks(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of withdrawals and of erasures: a script that withdraws hundreds had every node read them all for each."""
    looks: list[str] = []

    def watched(inner: Callable[[int], Awaitable[Any]], name: str) -> Callable[[int], Awaitable[Any]]:
        async def look(at_ms: int) -> Any:
            looks.append(name)
            return await inner(at_ms)

        return look

    node = server.node
    for name, store in (("withdrawals", node.withdrawn._store), ("erasures", node.erasures._erasing)):
        monkeypatch.setattr(store, "since", watched(store.since, name))
    for _ in range(50):
        node.withdrawing.hear(b"another node")
        node._hear_of_erasures(b"another node")
    await eventually(lambda: not node._tasks)
    # The node looks by itself now and then, too.
    assert 1 <= looks.count("withdrawals") < 10
    assert 1 <= looks.count("erasures") < 10
