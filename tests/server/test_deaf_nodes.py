"""Two nodes without a relay: what one has acknowledged the other honours, by reading the log before it says no."""

from typing import Any

import pytest

from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.running import RunningServer


class Sitting:
    """An attempt of which both nodes have a copy. `one` acts; `two` is asked, over a connection that `one` made."""

    def __init__(self, pair: Pair, attempt_id: str) -> None:
        self.one, self.two = pair
        self.path = f"/test-attempts/{attempt_id}"
        self.token = self.one.token()
        self.connection_id = ""
        self._connects = 0

    async def come(self, server: RunningServer) -> None:
        self._connects += 1
        body = {"device": "phone", "connect_n": self._connects, "takeover": self._connects == 1}
        reply = await server.call("POST", f"{self.path}/resume", self.token, body)
        self.connection_id = reply.ok()["connection_id"]

    async def act(self, server: RunningServer, verb: str, **fields: Any) -> Any:
        body = {"connection_id": self.connection_id, **fields}
        return await server.call("POST", f"{self.path}/{verb}", self.token, body)

    async def look(self, verb: str) -> Any:
        """At the other node, which has a copy of its own."""
        live = self.two.node.registry.at_hand(self.path.rpartition("/")[2])
        assert live is not None, "it has a copy"
        return await self.two.call("GET", f"{self.path}/{verb}", self.token)

    async def staff(self, verb: str, **fields: Any) -> None:
        (await self.one.call("POST", f"{self.path}/{verb}", self.one.instructor, fields)).ok()


@pytest.fixture
async def sitting(deaf_pair: Pair) -> Sitting:
    """Not started; and the second node does not look by itself while the test runs."""
    one, two = deaf_pair
    sitting = Sitting(deaf_pair, await one.make_attempt())
    await sitting.come(one)
    two.node.registry._is_idle = lambda live, now_ms: False  # type: ignore[method-assign]
    await two.call("GET", f"{sitting.path}/status", sitting.token)
    return sitting


async def test_a_start_that_was_acknowledged_opens_the_paper_on_every_node(sitting: Sitting) -> None:
    (await sitting.act(sitting.one, "start")).ok()
    assert (await sitting.look("paper")).ok()["questions"]


async def test_what_was_acknowledged_is_in_what_every_node_tells(sitting: Sitting) -> None:
    (await sitting.act(sitting.one, "start")).ok()
    assert (await sitting.look("status")).ok()["state"]["status"] == "in_progress"
    answer = {"n": 1, "question_id": "word", "value": "Euler", "client_at_ms": 0}
    (await sitting.act(sitting.one, "answers", answers=[answer])).ok()
    assert [one["value"] for one in (await sitting.look("answers")).ok()["answers"]] == ["Euler"]
    await sitting.staff("pause", reason="fire")
    beat = (await sitting.act(sitting.two, "heartbeat", t0_ms=1)).ok()
    assert beat["state"]["status"] == "paused"


async def test_a_connection_made_on_one_node_is_good_on_every_node(sitting: Sitting) -> None:
    (await sitting.act(sitting.two, "start")).ok()
    await sitting.come(sitting.one)
    answer = {"n": 1, "question_id": "word", "value": "Euler", "client_at_ms": 0}
    assert (await sitting.act(sitting.two, "answers", answers=[answer])).ok()["acked"] == [1]
    await sitting.come(sitting.two)
    (await sitting.act(sitting.one, "heartbeat", t0_ms=1)).ok()
    assert (await sitting.act(sitting.one, "complete")).ok()["state"]["status"] == "submitted"


async def test_an_end_and_a_reopening_hold_on_every_node(sitting: Sitting) -> None:
    (await sitting.act(sitting.one, "start")).ok()
    assert (await sitting.look("paper")).ok()
    (await sitting.act(sitting.one, "complete")).ok()
    assert (await sitting.look("status")).ok()["state"]["ended_as"] == "submitted"
    await sitting.one.reaches(sitting.path.rpartition("/")[2], "completed")
    assert (await sitting.look("result")).ok()["complete"] is True
    await sitting.staff("reopen", left_ms=60_000, reason="by mistake")
    assert (await sitting.look("paper")).ok()["questions"]
    assert (await sitting.look("result")).code == Code.NOT_ENDED


async def test_an_older_connect_does_not_win_on_a_node_that_has_not_heard_of_the_newer(sitting: Sitting) -> None:
    await sitting.come(sitting.one)
    late = {"device": "phone", "connect_n": 1, "takeover": True}
    assert (await sitting.two.call("POST", f"{sitting.path}/resume", sitting.token, late)).code == Code.SUPERSEDED
    other = {"device": "tablet", "connect_n": 1, "takeover": False}
    reply = await sitting.two.call("POST", f"{sitting.path}/resume", sitting.token, other)
    assert reply.code == Code.CONNECTION_EXISTS
