"""How often one person may call."""

import pytest

from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from server import throttle as module
from server.principal import Principal
from server.throttle import Throttle
from tests.server.conftest import StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import TEST


def person(user_id: str, role: Role = Role.CANDIDATE, org_id: str = "school") -> Principal:
    return Principal(Actor(role, user_id), org_id, None, None, None, None, 0)


def test_a_burst_passes_then_the_rate() -> None:
    clock = MovableClock()
    throttle = Throttle(clock, 1, 3)
    assert [throttle.passes(person("ada")) for _ in range(4)] == [True, True, True, False]
    assert throttle.passes(person("bob"))
    assert throttle.passes(person("ada", org_id="college"))
    clock.advance(1_000)
    assert throttle.passes(person("ada"))
    assert not throttle.passes(person("ada"))


def test_a_service_is_not_slowed_down() -> None:
    throttle = Throttle(MovableClock(), 1, 1)
    assert all(throttle.passes(person("platform", Role.SERVICE)) for _ in range(100))


def test_it_remembers_a_bounded_number_of_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 10)
    throttle = Throttle(MovableClock(), 1, 1)
    for n in range(100):
        throttle.passes(person(str(n)))
    assert len(throttle._buckets) == 10


async def test_a_flood_over_rest_is_refused_while_a_neighbour_is_served(start_server: StartServer) -> None:
    server = await start_server(rate_per_second=1, rate_burst=5)
    await server.make_test()
    attempt_id, theirs = await server.make_attempt(), await server.make_attempt("bob")
    path = f"/test-attempts/{attempt_id}/status"
    replies = [await server.call("GET", path, server.token()) for _ in range(30)]
    refused = [reply for reply in replies if reply.status != 200]
    assert len(refused) >= 20
    assert {(reply.status, reply.code) for reply in refused} == {(429, Code.RATE_LIMITED)}
    assert {reply.headers["retry-after"] for reply in refused} == {"1"}
    (await server.call("GET", f"/test-attempts/{theirs}/status", server.token(user="bob"))).ok()
    (await server.call("GET", f"/tests/{TEST}", server.service)).ok()
