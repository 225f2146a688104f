"""Two of the staff who grant the same candidate a further attempt: each sees the other's act first."""

import asyncio
from typing import Any

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.api.test_bulk import done
from tests.server.conftest import Pair
from tests.server.harness.exam import TEST
from tests.server.harness.running import Reply, RunningServer

OVERRIDE = f"/tests/{TEST}/overrides/users/ada"


def ian(server: RunningServer) -> str:
    return server.token(Role.INSTRUCTOR, "ian")


async def grant(server: RunningServer, attempt_id: str, token: str, **body: Any) -> Reply:
    return await server.call("POST", f"/test-attempts/{attempt_id}/grant-attempt", token, body)


async def ended(server: RunningServer) -> str:
    attempt_id = await server.started("ada")
    (await server.call("POST", f"/test-attempts/{attempt_id}/complete", server.service, {})).ok()
    return attempt_id


async def test_the_second_hears_of_the_first(either_server: RunningServer) -> None:
    server = either_server
    ada = await ended(server)
    seen_ms = server.clock.now_ms()
    for _ in range(2):
        granted = await grant(server, ada, server.instructor, command_id="g", seen_ms=seen_ms)
        assert granted.ok()["extra_attempts"] == 1
    refused = await grant(server, ada, ian(server), command_id="i", seen_ms=seen_ms)
    assert refused.code == Code.ACTED_MEANWHILE
    assert "grace (instructor) changed what the candidate is granted" in refused.body["detail"]
    # The same command again is answered as before, also after another's; one's own is none of another's.
    assert (await grant(server, ada, ian(server), command_id="i")).ok()["extra_attempts"] == 2
    assert (await grant(server, ada, ian(server), command_id="i", seen_ms=seen_ms)).ok()["extra_attempts"] == 2
    assert (await grant(server, ada, server.instructor, command_id="g", seen_ms=seen_ms)).ok()["extra_attempts"] == 2
    # Her own later act does not hide another's.
    assert (await grant(server, ada, ian(server), seen_ms=seen_ms)).code == Code.ACTED_MEANWHILE
    now_ms = server.clock.now_ms()
    assert (await grant(server, ada, ian(server), seen_ms=now_ms + 1)).ok()["extra_attempts"] == 3
    assert (await grant(server, ada, ian(server), seen_ms=now_ms + 1)).ok()["extra_attempts"] == 4


async def test_of_two_at_two_nodes_at_the_same_moment_one_is_refused(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    ada = await ended(one)
    seen_ms = min(server.clock.now_ms() for server in deaf_pair)
    both = await asyncio.gather(
        grant(one, ada, one.instructor, seen_ms=seen_ms), grant(two, ada, ian(two), seen_ms=seen_ms)
    )
    (refused,) = (reply for reply in both if reply.status != 200)
    assert refused.code == Code.ACTED_MEANWHILE
    (override,) = (await one.call("GET", f"/tests/{TEST}/overrides", one.service)).ok()["overrides"]
    assert override["override"]["extra_attempts"] == 1


async def test_so_does_whoever_acts_on_many(server: RunningServer) -> None:
    ada, bob = await ended(server), await server.started("bob")
    order = {"t": "grant_attempt", "seen_ms": server.clock.now_ms()}
    (await grant(server, ada, ian(server))).ok()
    said = await done(server, order, attempt_ids=[ada, bob])
    assert said["targets"] == {"ada": Code.ACTED_MEANWHILE, "bob": "done"}
    assert (await done(server, order, bulk_id="c", attempt_ids=[bob]))["done"] == 1
    assert (await done(server, {**order, "seen_ms": None}, bulk_id="d", attempt_ids=[ada]))["done"] == 1


async def test_whatever_else_she_was_given_meanwhile_counts(server: RunningServer) -> None:
    """Also what was taken back again, and what holds for every test; nothing of another candidate, or another test."""
    ada, seen_ms = await ended(server), server.clock.now_ms()
    await server.make_test("geometry")
    for user in ("ada", "bob"):
        (await server.call("PUT", f"/people/{user}", server.service, {"name": user})).ok()
    more = {"override": {"extra_attempts": 1}}
    for path in (OVERRIDE.replace("ada", "bob"), OVERRIDE.replace(TEST, "geometry")):
        (await server.call("PUT", path, server.service, more)).ok()
    assert (await grant(server, ada, server.instructor, seen_ms=seen_ms)).ok()["extra_attempts"] == 1

    async def is_refused(seen_ms: int) -> None:
        refused = await grant(server, ada, server.instructor, seen_ms=seen_ms)
        assert refused.code == Code.ACTED_MEANWHILE
        assert "platform (service)" in refused.body["detail"]

    for method, path, body in (("DELETE", OVERRIDE, None), ("PUT", "/overrides/users/ada", more)):
        server.clock.advance(1)
        seen_ms = server.clock.now_ms()
        (await server.call(method, path, server.service, body)).ok()
        await is_refused(seen_ms)


async def test_what_was_done_to_the_attempt_meanwhile_counts(server: RunningServer) -> None:
    ada, seen_ms = await ended(server), server.clock.now_ms()
    reopening = {"left_ms": 60_000, "reason": "The screen broke."}
    (await server.call("POST", f"/test-attempts/{ada}/reopen", ian(server), reopening)).ok()
    refused = await grant(server, ada, server.instructor, seen_ms=seen_ms)
    assert refused.code == Code.ACTED_MEANWHILE
    assert "ian (instructor) reopened the attempt" in refused.body["detail"]
    assert (await server.call("GET", f"/tests/{TEST}/overrides", server.service)).ok()["overrides"] == []
