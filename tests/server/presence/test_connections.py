"""Open connections: who is lost, whose token is due, and the way out."""

import asyncio
from dataclasses import dataclass, field

import pytest

from protocol import limits
from protocol.attempt.model import Actor, Role
from protocol.codes import Close, Code
from protocol.errors import Refusal
from protocol.rules.scope import WHOLE
from server.access.principal import Principal
from server.presence.connections import Connections
from server.sockets.outbound import Outbound

BEAT_MS = 1_000
SILENCE_MS = (limits.MISSED_BEATS + 1) * BEAT_MS


@dataclass(eq=False)
class Peer:
    """A connection that remembers what it was told."""

    kind: str = "candidate"
    last_contact_ms: int = 0
    principal: Principal | None = None
    token_due_ms: int = limits.MAX_INT
    out: Outbound = field(default_factory=Outbound)
    looked_at_ms: int | None = None
    refused: Code | None = None

    def check_token(self, now_ms: int) -> None:
        self.looked_at_ms = now_ms

    def end(self, refusal: Refusal) -> None:
        self.refused = refusal.code


@pytest.fixture
def connections() -> Connections:
    return Connections(BEAT_MS)


def test_whoever_says_nothing_for_too_long_is_closed(connections: Connections) -> None:
    silent, alive = Peer(last_contact_ms=0), Peer(last_contact_ms=1)
    connections.opened(silent)
    connections.opened(alive)
    connections.look(SILENCE_MS)
    assert (silent.out.closing, alive.out.closing) == (None, None)
    connections.look(SILENCE_MS + 1)
    assert (silent.out.closing, alive.out.closing) == (Close.HEARTBEAT_LOST, None)


def test_tokens_are_looked_at_when_they_are_due(connections: Connections) -> None:
    due, later = Peer(token_due_ms=500), Peer(token_due_ms=501)
    connections.opened(due)
    connections.opened(later)
    connections.look(500)
    assert (due.looked_at_ms, later.looked_at_ms) == (500, None)


def test_only_what_is_withdrawn_ends(connections: Connections) -> None:
    def peer(name: str) -> Peer:
        actor = Actor(Role.CANDIDATE, name)
        return Peer(principal=Principal(actor, "school", None, name, None, WHOLE, expires_at_ms=1))

    ada, bob, unknown = peer("ada"), peer("bob"), Peer()
    for one in (ada, bob, unknown):
        connections.opened(one)
    connections.end_revoked(lambda principal: principal.actor.id == "ada")
    assert [one.refused for one in (ada, bob, unknown)] == [Code.TOKEN_REVOKED, None, None]


async def test_sent_away_until_nobody_is_left(connections: Connections) -> None:
    peers = [Peer(), Peer()]
    for one in peers:
        connections.opened(one)
    connections.send_away(lambda: 7)
    assert [one.out.closing for one in peers] == [Close.TRY_AGAIN, Close.TRY_AGAIN]
    waiting = asyncio.create_task(connections.until_deserted(60))
    await asyncio.sleep(0)
    connections.closed(peers[0])
    await asyncio.sleep(0)
    assert not waiting.done()
    connections.closed(peers[1])
    await waiting
    assert len(connections) == 0
    await connections.until_deserted(60)


async def test_those_who_do_not_go_are_not_waited_for(connections: Connections) -> None:
    connections.opened(Peer())
    await connections.until_deserted(0)
    assert len(connections) == 1
