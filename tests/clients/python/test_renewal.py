"""A client that can get a fresh token gives it to the server while it is connected."""

from collections.abc import AsyncIterator

import pytest

from clients.python.watch import Watch
from protocol.codes import Close
from protocol.messages.connection import Renew, Renewed, TokenExpiring
from tests.clients.python.peer import Peer
from tests.clients.python.scene import NOW, acked, welcome
from tests.clients.python.test_client import make_client
from tests.clients.python.test_link import make_link, online


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer.open() as peer:
        yield peer


def test_the_token_is_given_on_the_connection_and_used_for_the_next_hello() -> None:
    link = online(make_link(renewable=True))
    link.expiring()
    assert link.wants_token
    link.renewed("token-2")
    assert (list(link.outgoing), link.wants_token) == ([Renew("token-2")], False)


def test_without_a_connection_it_waits_for_the_next_hello() -> None:
    link = online(make_link(renewable=True))
    link.closed(Close.TOKEN_EXPIRED, "", NOW)
    link.renewed("token-2")
    assert not link.outgoing


def test_without_a_way_to_get_one_the_warning_changes_nothing() -> None:
    link = online(make_link())
    link.expiring()
    assert not link.wants_token


def test_an_instructors_client_hears_the_warning_too() -> None:
    link = online(make_link(renewable=True))
    watch = Watch(link)
    watch.received(TokenExpiring(NOW + 60_000), NOW)
    assert link.wants_token
    watch.received(Renewed(NOW + 3_600_000), NOW)
    assert not watch.events


async def test_nothing_is_sent_again_for_it(peer: Peer) -> None:
    async def renew() -> str:
        return "token-2"

    async with make_client(peer, renew=renew) as client:
        line = await peer.line()
        await line.say(welcome())
        asked = client.answer("q1", "a")
        await line.hear()
        await line.say(TokenExpiring(NOW + 60_000))
        assert await line.hear() == Renew("token-2")
        await line.say(Renewed(NOW + 3_600_000), acked(1, 5))
        await asked
        assert client.connections == 1
        await line.cut()
        assert (await peer.line()).hello.token == "token-2"


async def test_a_failed_renewal_waits_for_the_end_of_the_old_token(peer: Peer) -> None:
    tries: list[str] = []

    async def renew() -> str:
        tries.append("try")
        if len(tries) == 1:
            raise OSError("the identity provider is down")
        return "token-2"

    async with make_client(peer, renew=renew):
        line = await peer.line()
        await line.say(welcome(), TokenExpiring(NOW + 60_000))
        await line.close(Close.TOKEN_EXPIRED)
        assert (await peer.line()).hello.token == "token-2"
    assert len(tries) == 2
