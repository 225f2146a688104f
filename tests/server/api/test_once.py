"""A POST with an idempotency key is carried out once, and answered alike."""

import asyncio
from typing import Any

import pytest

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.keyed_calls import KEPT_MS, UNDER_WAY_MS
from tests.server.harness.running import Reply, RunningServer
from tests.storage.leftovers import found_in

STREAM: dict[str, Any] = {"role": "instructor", "user_id": "grace", "lifetime_ms": 60_000}


async def give(
    server: RunningServer, key: str, body: dict[str, Any] = STREAM, token: str | None = None, path: str = "/tokens"
) -> Reply:
    return await server.call("POST", path, token or server.service, body, None, **{"Idempotency-Key": key})


async def test_the_same_call_again_has_the_same_answer_and_does_nothing(either_server: RunningServer) -> None:
    server = either_server
    first = await give(server, "one")
    again = await give(server, '"one"')
    assert first.status == again.status == 201
    assert first.raw == again.raw
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["cache-control"] == "no-store"
    given = (await server.call("GET", "/audit?kind=token_given", server.service)).ok()
    assert len(given["entries"]) == 1
    assert (await give(server, "two")).raw != first.raw
    # What was answered is a token: it lies nowhere to be read.
    if server.node.database.dialect == "sqlite":
        assert await found_in(server.node.database, server.settings.database, {first.body["token"], '"one"'}) == set()


async def test_a_key_is_for_one_call(server: RunningServer) -> None:
    (await give(server, "one")).ok()
    other_body = await give(server, "one", {**STREAM, "user_id": "alan"})
    other_address = await give(server, "one", path="/tokens?a=b")
    other_call = await give(server, "one", {"user_id": "grace", "reason": "x"}, path="/revocations")
    for other in (other_body, other_call):
        assert (other.status, other.code) == (422, Code.IDEMPOTENCY_KEY_REUSED)
    assert other_address.status in (400, 422)
    given = (await server.call("GET", "/audit?kind=token_given", server.service)).ok()["entries"]
    assert [one["kind"] for one in given] == ["token_given"], given


async def test_a_key_is_one_callers_with_one_reach(server: RunningServer) -> None:
    first = (await give(server, "one")).ok()
    others = [
        server.token(Role.SERVICE, "another"),
        server.token(Role.SERVICE, "platform", tests=["algebra-1"]),
        server.token(Role.INSTRUCTOR, "platform"),
        server.token(Role.SERVICE, "platform", org="college"),
    ]
    for token in others:
        reply = await give(server, "one", token=token)
        assert "idempotency-replayed" not in reply.headers
        assert reply.body.get("token") != first["token"]


async def test_a_key_of_a_service_never_hears_what_its_user_was_answered(server: RunningServer) -> None:
    body = {"role": "service", "user_id": "platform"}
    made = (await give(server, "one", body, path="/api-keys")).ok()
    again = await give(server, "one", body, token=made["secret"], path="/api-keys")
    assert again.code == Code.FORBIDDEN


async def test_what_is_refused_leaves_the_key_free(server: RunningServer) -> None:
    wrong = await give(server, "one", {**STREAM, "role": "dean"})
    assert wrong.code == Code.OUT_OF_RANGE
    assert (await give(server, "one")).status == 201


async def test_while_the_first_is_under_way_the_second_is_told_when_to_ask(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    add = server.node.audit.add

    async def slow(*given: Any) -> None:
        begun.set()
        await go_on.wait()
        await add(*given)

    monkeypatch.setattr(server.node.audit, "add", slow)
    first = asyncio.create_task(give(server, "one"))
    await begun.wait()
    second = await give(server, "one")
    assert (second.status, second.code) == (409, Code.IDEMPOTENCY_KEY_IN_USE)
    assert int(second.headers["retry-after"]) >= 1
    server.clock.advance(UNDER_WAY_MS)
    assert (await give(server, "one")).code == Code.OUTCOME_UNKNOWN
    go_on.set()
    assert (await first).raw == (await give(server, "one")).raw


async def test_of_what_broke_in_the_middle_nobody_knows(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*given: Any) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(server.node.audit, "add", broken)
        assert (await give(server, "one")).code == Code.STORAGE_UNAVAILABLE
    assert (await give(server, "one")).code == Code.OUTCOME_UNKNOWN


async def test_where_the_answer_cannot_be_kept_it_is_given_all_the_same(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Database.write
    writes = 0

    async def away(self: Database, work: Any) -> Any:
        nonlocal writes
        if getattr(work, "__qualname__", "").startswith("KeyedCalls.finish"):
            writes += 1
            raise StorageUnavailable("away")
        return await write(self, work)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", away)
        assert (await give(server, "one")).status == 201
    assert writes == 1
    assert (await give(server, "one")).code == Code.IDEMPOTENCY_KEY_IN_USE


async def test_a_long_answer_is_not_kept_and_said_so(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_KEPT_ANSWER_BYTES", 10)
    assert (await give(server, "one")).status == 201
    assert (await give(server, "one")).code == Code.ANSWER_GONE


async def test_a_key_that_is_none_is_refused(server: RunningServer) -> None:
    for key in ("", '""', "a b", "é", 'a"b', "x" * (limits.MAX_IDEMPOTENCY_KEY_CHARS + 1)):
        reply = await give(server, key)
        assert (reply.status, reply.code) == (400, Code.INVALID_IDEMPOTENCY_KEY), key


async def test_a_key_is_forgotten_after_a_day(server: RunningServer) -> None:
    first = await give(server, "one")
    server.clock.advance(KEPT_MS + 1)
    await server.node.housekeeping.prune()
    assert (await give(server, "one")).raw != first.raw


async def test_after_an_erasure_no_answer_is_left(server: RunningServer) -> None:
    await server.make_attempt("ada")
    made = await give(server, "one", {"test_id": "algebra-1", "user_id": "ada"}, path="/test-attempts")
    assert made.status in (200, 201)
    assert (await server.call("DELETE", "/users/ada", server.service)).status == 200
    again = await give(server, "one", {"test_id": "algebra-1", "user_id": "ada"}, path="/test-attempts")
    assert again.code == Code.ANSWER_GONE


async def test_a_candidates_operation_may_have_a_key_too(server: RunningServer) -> None:
    attempt_id = await server.started("ada")
    path = f"/test-attempts/{attempt_id}/complete"
    token = server.token(user="ada")
    acting = await server.with_connection(path, token, {})
    first = await give(server, "one", acting, token, path)
    again = await give(server, "one", acting, token, path)
    assert first.status == 200, first.raw
    assert again.raw == first.raw
    assert again.headers["idempotency-replayed"] == "true"
