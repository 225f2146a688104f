"""What one person may ask for, whatever way she comes."""

import asyncio

import pytest
from msgspec.structs import replace

from protocol import limits
from protocol.attempt.digests import with_digest
from protocol.attempt.facts import Moved
from protocol.attempt.model import Actor, Role
from protocol.codes import Close, Code
from protocol.messages.operations import Answer
from protocol.rules.scope import WHOLE
from server.access.principal import Principal
from server.limits import budgets as module
from server.limits.budgets import Budget, Budgets, Paced
from server.metrics.tally import Tally
from server.settings import Settings
from tests.protocol.attempt.scene import Scene as LogScene
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import CANDIDATE, TEST


def person(user_id: str, role: Role = Role.CANDIDATE, org_id: str = "school") -> Principal:
    return Principal(Actor(role, user_id), org_id, None, None, None, WHOLE, 0)


class StillClock(MovableClock):
    """Goes only when it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.at_ms = 1_000_000

    def now_ms(self) -> int:
        return self.at_ms


class Scene:
    def __init__(self, **given: int) -> None:
        self.clock = StillClock()
        self.tally = Tally()
        self.budgets = Budgets(self.clock, Settings(token_secret=SECRET, **given), self.tally)

    def send(self, user_id: str, times: int = 1, size: int = 0, org_id: str = "school") -> int:
        """How long to wait after the last one."""
        return [self.budgets.charge(person(user_id, org_id=org_id), 1, size) for _ in range(times)][-1]


def test_a_burst_passes_then_the_rate() -> None:
    scene = Scene(rate_per_second=1, rate_burst=3)
    assert [scene.send("ada") for _ in range(4)] == [0, 0, 0, 1_000]
    assert scene.send("bob") == 0
    assert scene.send("ada", org_id="college") == 0
    scene.clock.at_ms += 1_000
    assert scene.send("ada") == 1_000
    assert scene.tally.paced["operations"] == 2


def test_bytes_count_too() -> None:
    scene = Scene()
    assert scene.send("ada", 16, limits.MAX_ANSWER_CHARS) == 0
    scene.send("ada", 1, limits.BYTES_BURST - 16 * limits.MAX_ANSWER_CHARS)
    assert scene.send("ada", 1, limits.BYTES_PER_SECOND) == 1_000
    assert {reason: times for reason, times in scene.tally.paced.items() if times} == {"bytes": 1}


def test_a_search_in_the_log_costs_as_much_as_many_operations() -> None:
    """Who sends numbers of long ago makes the database search for each."""
    scene = Scene(rate_per_second=10, rate_burst=5 * limits.SEARCH_COST)
    old = Answer(3, "q", "a", None, 0)
    attempt = replace(
        LogScene().started().attempt, operations=1_000, last_n=1_000, digests=with_digest(b"", 900, Moved(900, 0, 0))
    )
    for _ in range(5):
        scene.budgets.charge_search(person("ada"), attempt, old)
    assert scene.send("ada") == 100
    for recent in (replace(old, n=900), replace(old, n=1_001)):
        scene.budgets.charge_search(person("bob"), attempt, recent)
    assert scene.send("bob", 5 * limits.SEARCH_COST) == 0


def test_whoever_types_the_longest_answer_without_a_rest_never_waits() -> None:
    """A page saves it whole, every two seconds, here in an alphabet whose letters have three bytes; and she has sent a
    kept one of an hour without a connection first."""
    scene = Scene()
    size = 3 * limits.MAX_ANSWER_CHARS + 128
    assert scene.send("ada", 4, size) == 0
    for _ in range(3 * 3_600 // 2):
        scene.clock.at_ms += 2_000
        assert scene.send("ada", 1, size) == 0


def test_over_rest_a_little_debt_is_allowed() -> None:
    """Sockets and REST of one person share: a socket at full speed must not shut out her calls."""
    scene = Scene(rate_per_second=10, rate_burst=10)
    scene.send("ada", 20)
    scene.budgets.check(person("ada"))
    assert scene.send("ada", 5) == 1_500
    with pytest.raises(Paced) as caught:
        scene.budgets.check(person("ada"))
    assert (caught.value.after_ms, caught.value.refusal.code) == (500, Code.RATE_LIMITED)
    scene.clock.at_ms += 500
    scene.budgets.check(person("ada"))


def test_connections_wait_or_are_told_when_to_come_back() -> None:
    scene = Scene(connects_per_minute=1)
    for _ in range(limits.CONNECTS_BURST + 1):
        # So far apart that they are not spaced.
        scene.clock.at_ms += 100
        assert scene.budgets.connect(person("ada"), 0) == 0
    assert scene.budgets.connect(person("ada"), 60_000) == 57_000
    for _ in range(100):
        with pytest.raises(Paced) as caught:
            scene.budgets.connect(person("ada"), 60_000)
        assert caught.value.after_ms == 117_000, "a try that was put off costs nothing"
    assert scene.budgets.connect(person("bob"), 0) == 0


def test_connections_at_the_same_instant_are_let_in_one_after_the_other() -> None:
    """Each costs about a millisecond: before, 30 at once were thirty milliseconds in which nobody was served."""
    scene = Scene()
    waits = [scene.budgets.connect(person("ada"), 0) for _ in range(8)]
    assert waits == [0, 0, 0, 0, 100, 200, 300, 400]
    assert scene.budgets.connect(person("bob"), 0) == 0


def test_a_service_speaks_for_many() -> None:
    scene = Scene(rate_per_second=1, rate_burst=1, org_rate_per_second=1_000)
    service = person("ada", Role.SERVICE)
    assert not any(scene.budgets.charge(service, 1, 0) for _ in range(40))
    assert scene.budgets.charge(service, 1, 0) > 0
    assert scene.send("ada") == 0, "a person of the same name is somebody else"


def test_an_organisation_above_its_rate_holds_back_those_above_their_share() -> None:
    scene = Scene(org_rate_per_second=10, rate_per_second=1_000, rate_burst=100)
    for _ in range(3):
        for greedy in range(4):
            assert scene.send(f"greedy {greedy}", 30) >= 0
        scene.clock.at_ms += 100
    assert scene.send("greedy 1", 50) > 0
    assert scene.tally.paced["organisation"] > 0
    assert scene.tally.paced["operations"] == 0
    assert scene.send("modest", 100) == 0, "a burst of her own waits for nobody"
    assert scene.send("greedy 1", 1, org_id="college") == 0


def test_an_organisation_may_send_more_the_more_people_it_has() -> None:
    """Each of 400 people sends 9 a second: 3,600 a second pass where the base alone is 10."""
    scene = Scene(org_rate_per_second=10, rate_burst=1)
    waits: list[int] = []
    for _ in range(90):
        scene.clock.at_ms += 112
        waits = [scene.send(f"candidate {n}") for n in range(400)]
    assert set(waits) == {0}


def test_full_budgets_are_forgotten_and_spent_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PEOPLE", 10)
    scene = Scene(rate_per_second=1, rate_burst=5)
    scene.send("greedy", 3_600)
    for n in range(1_000):
        scene.clock.at_ms += 1_000
        scene.send(f"passing {n}")
    assert len(scene.budgets) <= 30
    assert scene.send("greedy") > 2_000_000


def test_whoever_has_kept_a_forgotten_budget_has_it_again_unless_another_is_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each beat of a room made one anew; and two sockets of one person must not have one each."""
    monkeypatch.setattr(module, "_PEOPLE", 1)
    scene = Scene(rate_per_second=1, rate_burst=5)
    ada = person("ada")

    def hers(kept: Budget | None = None) -> Budget:
        return scene.budgets.of(ada, scene.clock.now_ms(), kept)

    def pass_by() -> None:
        scene.clock.at_ms += 10_000
        for n in range(10):
            scene.send(f"passing {n}")
            scene.clock.at_ms += 10_000

    first = hers()
    pass_by()
    second = hers()
    assert second is not first
    assert hers(first) is second
    pass_by()
    assert (first.forgotten, second.forgotten) == (True, True)
    assert hers(second) is second
    assert (first.forgotten, second.forgotten) == (True, False)
    assert second.organisation.people == len(scene.budgets)
    assert scene.send("ada", 6) > 0


# Through the door


async def test_a_flood_over_rest_is_refused_while_a_neighbour_is_served(start_server: StartServer) -> None:
    server = await start_server(rate_per_second=1, rate_burst=5)
    await server.make_test()
    attempt_id, theirs = await server.make_attempt(), await server.make_attempt("bob")
    path = f"/test-attempts/{attempt_id}/status"
    replies = await asyncio.gather(*(server.call("GET", path, server.token()) for _ in range(30)))
    refused = [reply for reply in replies if reply.status != 200]
    assert len(refused) >= 20
    assert {(reply.status, reply.code) for reply in refused} == {(429, Code.RATE_LIMITED)}
    assert all(int(reply.headers["retry-after"]) >= 1 for reply in refused)
    (await server.call("GET", f"/test-attempts/{theirs}/status", server.token(user="bob"))).ok()
    (await server.call("GET", f"/tests/{TEST}", server.service)).ok()


async def test_a_call_with_many_answers_counts_as_many(start_server: StartServer) -> None:
    """Before, 64 operations a call made 64 times the rate."""
    server = await start_server(rate_per_second=1, rate_burst=130)
    await server.make_test()
    attempt_id = await server.started()
    statuses, after_s = [], ""
    for call in range(4):
        answers = [
            {"n": call * 64 + k + 1, "question_id": "single", "value": "b", "client_at_ms": 0} for k in range(64)
        ]
        reply = await server.act("POST", f"/test-attempts/{attempt_id}/answers", server.token(), {"answers": answers})
        statuses.append(reply.status)
        after_s = reply.headers.get("retry-after", "")
    assert statuses == [200, 200, 200, 429], "the third call is let through, and has spent more than there was"
    assert int(after_s) > 30


async def test_coming_again_brings_no_new_budget(start_server: StartServer) -> None:
    """Connect, send 20, connect again: before, each connection had a burst of its own."""
    server = await start_server(rate_per_second=1, rate_burst=50, heartbeat_ms=60_000)
    await server.make_test()
    attempt_id = await server.started()
    for turn in range(4):
        async with await server.sit(attempt_id) as socket:
            for k in range(20):
                await socket.send("progress", n=turn * 20 + k + 1, question_index=k % 2, client_at_ms=0)
            if turn < 2:
                await socket.until("ack", n=turn * 20 + 20)
            else:
                # What is left of the burst is read, and then one a second.
                await socket.until("ack")
    state = await server.status(attempt_id)
    assert state["seq"] < 80, "connects and all that was read; the rest waits for its turn"
    assert server.node.tally.paced["operations"] > 0


async def test_who_comes_again_and_again_is_told_when_to_come_back(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CONNECT_WAIT_MS", 500)
    server = await start_server(clock=MovableClock(), connects_per_minute=1)
    await server.make_test()
    attempt_id = await server.started()
    for _ in range(limits.CONNECTS_BURST + 1):
        async with await server.sit(attempt_id):
            pass
    async with await server.socket(f"/ws/attempts/{attempt_id}") as first:
        await first.hello(server.token())
        assert (await first.end())[1] == Close.TRY_AGAIN
    seq = (await server.status(attempt_id))["seq"]
    async with await server.socket(f"/ws/attempts/{attempt_id}") as again:
        await again.hello(server.token())
        messages, code = await again.end()
    (goodbye,) = (message for message in messages if message["t"] == "goodbye")
    assert code == goodbye["code"] == Close.TRY_AGAIN
    assert 20_000 < goodbye["after_ms"] <= 120_000
    body = {"client": "stranger/1"}
    reply = await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), body)
    assert (reply.status, reply.code) == (429, Code.RATE_LIMITED)
    assert int(reply.headers["retry-after"]) > 30
    assert (await server.status(attempt_id))["seq"] - seq <= 1, "nothing was written for those who were put off"


async def test_what_was_spent_is_in_the_metrics_without_a_name(start_server: StartServer) -> None:
    server = await start_server(rate_per_second=1, rate_burst=1)
    await server.make_test()
    attempt_id = await server.started()
    for _ in range(3):
        await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token())
    text = (await server.ops("/metrics")).raw.decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(values['pencilsdown_paced_total{budget="operations"}']) > 0
    assert float(values["pencilsdown_budgets"]) >= 1
    assert CANDIDATE not in text


def test_who_sends_more_at_once_than_a_client_keeps_is_hasty_until_she_has_waited_for_it() -> None:
    scene = Scene()
    ada, service = person("ada"), person("platform", Role.SERVICE)
    scene.send("ada", limits.SEND_WINDOW)
    assert not scene.budgets.is_hasty(ada)
    scene.send("ada")
    assert scene.budgets.is_hasty(ada)
    assert not scene.budgets.is_hasty(person("bob"))
    scene.clock.at_ms += 1_000
    scene.send("ada")
    assert not scene.budgets.is_hasty(ada)
    # A service acts for many.
    for _ in range(10 * limits.SEND_WINDOW):
        scene.budgets.charge(service, 1, 0)
    assert not scene.budgets.is_hasty(service)
