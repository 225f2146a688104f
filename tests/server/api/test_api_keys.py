"""Keys by which services call: what they open, until when, and for whom."""

from typing import Any

import pytest

from protocol.attempt.model import Actor, Role
from protocol.codes import Close, Code
from protocol.errors import Refused
from server.access.service_keys import ServiceKeys, make_secret
from storage.api_keys import MOST, ApiKeys
from tests.server.conftest import SELDOM_ON_POSTGRES, Pair, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import TEST
from tests.server.harness.running import HOUR_MS, Reply, RunningServer
from tests.storage.leftovers import found_in

SERVICE: dict[str, Any] = {"role": "service", "user_id": "gradebook", "name": "Grade book"}
DAY_MS = 24 * HOUR_MS


async def make(server: RunningServer, token: str | None = None, **given: Any) -> Reply:
    return await server.call("POST", "/api-keys", token or server.service, SERVICE | given)


async def token_by(server: RunningServer, key: str, **given: Any) -> str:
    body = {"user_id": "ada", **given}
    return str((await server.call("POST", "/tokens", key, body)).ok()["token"])


async def code_of(server: RunningServer, key: str, path: str = f"/tests/{TEST}") -> str | None:
    reply = await server.call("GET", path, key)
    return None if reply.status == 200 else reply.code


@SELDOM_ON_POSTGRES
async def test_a_key_opens_what_its_role_may_and_is_kept_as_a_digest(either_server: RunningServer) -> None:
    server = either_server
    made = (await make(server)).ok()
    key, shown = made["secret"], made["key"]
    assert key.startswith(f"pdk_{shown['key_id']}_")
    assert await code_of(server, key) is None
    secret = key[-43:]
    assert await found_in(server.node.database, server.settings.database, {key, secret}) == set()
    assert secret not in (await server.call("GET", "/api-keys", server.service)).raw.decode()
    assert (await server.call("GET", f"/api-keys/{shown['key_id']}", key)).ok()["name"] == "Grade book"
    entries = (await server.call("GET", "/audit?kind=api_key_changed", key)).ok()["entries"]
    assert [(one["entry"]["what"], one["entry"]["user_id"]) for one in entries] == [("made", "gradebook")]
    logged = (await server.call("PUT", "/people/ada", key, {"name": "Ada"})).ok()
    assert logged["user_id"] == "ada"
    assert (await server.call("GET", "/audit?by=gradebook", server.service)).ok()["entries"]


async def test_a_key_reaches_no_further_than_it_says_nor_than_its_maker(server: RunningServer) -> None:
    await server.make_test("other")
    limited = (await make(server, role="instructor", tests=[TEST])).ok()["secret"]
    assert await code_of(server, limited) is None
    assert await code_of(server, limited, "/tests/other") == Code.NOT_FOUND
    assert await code_of(server, limited, "/audit") == Code.FORBIDDEN
    for token, given in (
        (server.token(Role.ADMINISTRATOR, "dean"), {}),
        (server.token(Role.SERVICE, "part", tests=[TEST]), {"tests": [TEST]}),
        (server.instructor, {"role": "marker"}),
        (server.token(), {"role": "candidate"}),
    ):
        assert (await make(server, token, **given)).code == Code.FORBIDDEN, given
    assert (await make(server, role="candidate")).code == Code.OUT_OF_RANGE
    assert (await make(server, role="system")).code == Code.OUT_OF_RANGE
    assert (await make(server, server.token(Role.ADMINISTRATOR, "dean"), role="marker")).status == 201


async def test_a_key_makes_no_keys(server: RunningServer) -> None:
    made = (await make(server)).ok()
    assert (await make(server, made["secret"])).code == Code.FORBIDDEN
    path = f"/api-keys/{made['key']['key_id']}/secret"
    assert (await server.call("POST", path, made["secret"], {})).code == Code.FORBIDDEN
    dean = server.token(Role.ADMINISTRATOR, "dean")
    assert (await server.call("POST", path, dean, {})).code == Code.FORBIDDEN, "it would hand out a service's rights"


async def test_a_wrong_key_is_none_and_says_nothing(server: RunningServer) -> None:
    key = (await make(server)).ok()["secret"]
    other = "A" if key[-1] != "A" else "B"
    unknown = key.replace(key[4:12], "00000000", 1)
    for wrong in (key[:-1] + other, unknown, key + "A", key.upper(), "pdk_", f"pdk_{key[4:40]}_"):
        reply = await server.call("GET", f"/tests/{TEST}", wrong)
        assert (reply.status, reply.code) == (401, Code.TOKEN_INVALID)


async def test_a_key_ends_and_is_renewed_with_an_overlap(server: RunningServer) -> None:
    made = (await make(server, lifetime_ms=10 * DAY_MS)).ok()
    path = f"/api-keys/{made['key']['key_id']}/secret"
    new = (await server.call("POST", path, server.service, {"overlap_ms": HOUR_MS})).ok()
    assert new["key"]["key_id"] == made["key"]["key_id"]
    assert await code_of(server, made["secret"]) is await code_of(server, new["secret"]) is None
    # Once more, because the answer was lost: who calls by the first one is not shut out.
    new = (await server.call("POST", path, server.service, {"overlap_ms": 2 * HOUR_MS})).ok()
    assert await code_of(server, made["secret"]) is await code_of(server, new["secret"]) is None
    server.clock.advance(HOUR_MS)
    assert await code_of(server, made["secret"]) == Code.TOKEN_EXPIRED
    assert await code_of(server, new["secret"]) is None
    at_once = (await server.call("POST", path, server.service, {"overlap_ms": 0})).ok()
    assert await code_of(server, new["secret"]) == Code.TOKEN_INVALID
    assert at_once["old_ends_at_ms"] is None
    server.clock.advance(90 * DAY_MS)
    assert await code_of(server, at_once["secret"]) == Code.TOKEN_EXPIRED


async def test_a_withdrawn_key_opens_nothing_and_its_connections_end(server: RunningServer) -> None:
    made = (await make(server, role="instructor")).ok()
    path = f"/api-keys/{made['key']['key_id']}"
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(made["secret"])
        await socket.until("monitor_welcome")
        assert (await server.call("DELETE", path, server.service)).ok() == {"removed": True}
        _, code = await socket.end()
        assert code == Close.TOKEN_INVALID
    assert await code_of(server, made["secret"]) == Code.TOKEN_REVOKED
    assert (await server.call("DELETE", path, server.service)).ok() == {"removed": False}
    assert (await server.call("POST", f"{path}/secret", server.service, {})).code == Code.API_KEY_REVOKED
    assert (await server.call("GET", path, server.service)).ok()["revoked_at_ms"] <= server.clock.now_ms()


async def test_what_stands_on_a_replaced_secret_ends_with_it(start_server: StartServer) -> None:
    server = await start_server(clock=MovableClock())
    await server.make_test()
    made = (await make(server, role="instructor")).ok()
    path = f"/api-keys/{made['key']['key_id']}/secret"
    given = await token_by(server, made["secret"], role="invigilator")
    sockets = [await server.socket(f"/ws/monitor/{TEST}") for _ in range(2)]
    for socket, token in zip(sockets, (made["secret"], given), strict=True):
        await socket.hello(token)
        await socket.until("monitor_welcome")
    new = (await server.call("POST", path, server.service, {"overlap_ms": HOUR_MS})).ok()
    await server.node.housekeeping.learn_keys()
    assert len(server.node.connections) == 2
    server.pass_time(HOUR_MS)
    await server.node.housekeeping.learn_keys()
    for socket in sockets:
        _, code = await socket.end()
        assert code == Close.TOKEN_INVALID
    assert await code_of(server, given) == Code.TOKEN_REVOKED
    async with await server.socket(f"/ws/monitor/{TEST}") as stolen:
        await stolen.hello(new["secret"])
        await stolen.until("monitor_welcome")
        (await server.call("POST", path, server.service, {"overlap_ms": 0})).ok()
        _, code = await stolen.end()
        assert code == Close.TOKEN_INVALID


async def test_whoever_finds_a_key_does_not_stay_by_tokens_that_it_gives(server: RunningServer) -> None:
    attempt_id = await server.started()
    made, lost = [(await make(server)).ok() for _ in range(2)]
    token, hers = [await token_by(server, made["secret"], role=role) for role in ("service", "candidate")]
    again = await token_by(server, token, role="service")
    theirs = await token_by(server, lost["secret"], role="service")
    assert await code_of(server, again) is None
    for by in (token, again):
        assert (await make(server, by)).code == Code.FORBIDDEN
    (await server.call("DELETE", f"/api-keys/{made['key']['key_id']}", server.service)).ok()
    for by in (token, again):
        assert await code_of(server, by) == Code.TOKEN_REVOKED
    # An exam does not end with the key of the platform that it was begun from.
    status = await server.call("GET", f"/test-attempts/{attempt_id}/status", hers)
    assert status.status == 200
    assert await code_of(server, theirs) is None
    (await server.call("POST", "/revocations", server.service, {"user_id": "gradebook", "reason": "lost"})).ok()
    assert await code_of(server, theirs) == Code.TOKEN_REVOKED


async def test_who_withdraws_all_tokens_of_somebody_withdraws_her_keys(server: RunningServer) -> None:
    key = (await make(server)).ok()["secret"]
    (await server.call("POST", "/revocations", server.service, {"user_id": "gradebook", "reason": "lost"})).ok()
    assert await code_of(server, key) == Code.TOKEN_REVOKED


async def test_erasing_whom_a_key_acts_for_withdraws_it(server: RunningServer) -> None:
    made = (await make(server, user_id="mary")).ok()
    assert (await server.call("DELETE", "/users/mary", server.service)).status == 200
    await server.node.housekeeping.learn_keys()
    assert await code_of(server, made["secret"]) == Code.TOKEN_REVOKED
    shown = (await server.call("GET", f"/api-keys/{made['key']['key_id']}", server.service)).ok()
    assert "mary" not in str(shown)


async def test_another_node_learns_of_keys(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    made = (await make(one)).ok()
    assert await code_of(two, made["secret"]) == Code.TOKEN_INVALID
    await two.node.housekeeping.learn_keys()
    assert await code_of(two, made["secret"]) is None
    (await two.call("DELETE", f"/api-keys/{made['key']['key_id']}", two.service)).ok()
    await one.node.housekeeping.learn_keys()
    assert await code_of(one, made["secret"]) == Code.TOKEN_REVOKED


async def test_a_withdrawal_holds_although_the_clock_before_it_was_ahead(server: RunningServer) -> None:
    node, by = server.node, Actor(Role.SERVICE, "platform")
    other = ServiceKeys(node.api_keys, node.clock.now_ms)
    made, later = [(await make(server)).ok() for _ in range(2)]
    key_id, late_id = (one["key"]["key_id"] for one in (made, later))
    ahead_ms = node.clock.now_ms() + 5 * HOUR_MS
    text, secret = make_secret(key_id, ahead_ms, DAY_MS)
    assert await node.api_keys.renew("school", key_id, secret, ahead_ms, by, ahead_ms) is not None
    await other.refresh()
    assert other.check(text).actor.id == "gradebook"
    for one in (key_id, late_id):
        (await server.call("DELETE", f"/api-keys/{one}", server.service)).ok()
    assert await other.refresh() is True
    for one in (text, later["secret"]):
        with pytest.raises(Refused) as refused:
            other.check(one)
        assert refused.value.refusal.code is Code.TOKEN_REVOKED


async def test_when_a_key_was_used_is_known_to_the_hour(server: RunningServer) -> None:
    made = (await make(server)).ok()
    path = f"/api-keys/{made['key']['key_id']}"
    assert made["key"]["last_used_ms"] is None
    await code_of(server, made["secret"])
    await server.node.service_keys.keep_used()
    used_ms = (await server.call("GET", path, server.service)).ok()["last_used_ms"]
    assert used_ms == server.clock.now_ms() // HOUR_MS * HOUR_MS


async def test_an_organisation_has_so_many_keys_and_its_own_alone(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.api_keys.MOST", 2)
    assert MOST > 2
    made = [await make(server) for _ in range(3)]
    assert [reply.status for reply in made] == [201, 201, 409]
    assert made[2].code == Code.API_KEYS_FULL
    college = server.token(Role.SERVICE, "platform", org="college")
    path = f"/api-keys/{made[0].body['key']['key_id']}"
    assert (await server.call("GET", "/api-keys", college)).ok() == {"keys": [], "next": None}
    for method, address in (("GET", path), ("DELETE", path), ("POST", f"{path}/secret")):
        reply = await server.call(method, address, college, {} if method == "POST" else None)
        assert reply.code == Code.NOT_FOUND
    (await server.call("DELETE", path, server.service)).ok()
    assert (await make(server)).status == 201


async def test_what_was_withdrawn_long_ago_is_forgotten(server: RunningServer) -> None:
    made = (await make(server)).ok()
    (await server.call("DELETE", f"/api-keys/{made['key']['key_id']}", server.service)).ok()
    server.clock.advance(400 * DAY_MS)
    await server.node.service_keys.prune()
    assert await code_of(server, made["secret"]) == Code.TOKEN_INVALID
    fresh = ServiceKeys(ApiKeys(server.node.database), server.clock.now_ms)
    assert await fresh.refresh() is False
