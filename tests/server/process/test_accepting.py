"""Connections are taken one by one, however many come at the same instant."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator

import pytest

from server.pacing.turns import turns
from server.process import accepting
from server.process.accepting import Acceptor
from tests.server.harness.waiting import eventually

MANY = 40


class Greeter(asyncio.Protocol):
    """Tells that it is there, and says so to its peer."""

    def __init__(self, order: list[str]) -> None:
        self._order = order

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._order.append("a connection")
        transport.write(b"hello\n")


class Full(socket.socket):
    """Has no descriptor left, once."""

    refused = False

    def accept(self) -> tuple[socket.socket, object]:
        if not self.refused:
            self.refused = True
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


@pytest.fixture
async def order() -> list[str]:
    return []


@pytest.fixture
async def peers() -> AsyncIterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    yield opened
    for one in opened:
        one.close()


def bound(kind: type[socket.socket] = socket.socket) -> socket.socket:
    made = kind(socket.AF_INET, socket.SOCK_STREAM)
    made.bind(("127.0.0.1", 0))
    return made


async def test_those_of_one_instant_are_taken_one_by_one(order: list[str], peers: list[socket.socket]) -> None:
    """Before, all of them were taken in one turn of the loop, and nobody's message was read meanwhile."""
    listening = bound()
    acceptor = Acceptor(listening, lambda: Greeter(order), MANY)
    # The kernel takes them before anybody here looks.
    peers.extend(socket.create_connection(listening.getsockname()) for _ in range(MANY))

    def read() -> None:
        order.append("a message")
        if order.count("a connection") < MANY:
            asyncio.get_running_loop().call_soon(read)

    read()
    await eventually(lambda: order.count("a connection") == MANY)
    assert "a connection a connection" not in " ".join(order)
    acceptor.close()
    listening.close()


async def test_without_descriptors_it_goes_on_later(
    order: list[str], peers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "_PAUSE_S", 0.01)
    listening = bound(Full)
    acceptor = Acceptor(listening, lambda: Greeter(order), MANY)
    peers.append(socket.create_connection(listening.getsockname()))
    await eventually(lambda: order)
    acceptor.close()
    listening.close()


async def test_once_closed_it_takes_nobody(order: list[str], peers: list[socket.socket]) -> None:
    listening = bound()
    acceptor = Acceptor(listening, lambda: Greeter(order), MANY)
    peers.append(socket.create_connection(listening.getsockname()))
    await eventually(lambda: order)
    acceptor.close()
    peers.append(socket.create_connection(listening.getsockname()))
    listening.close()
    with pytest.raises(ConnectionResetError):
        await asyncio.to_thread(peers[1].recv, 1)
    assert order == ["a connection"]


async def test_those_who_wait_for_their_turn_are_as_many_as_there_is_room_for(
    order: list[str], peers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "most_unread", lambda: 2)
    listening = bound()
    acceptor = Acceptor(listening, lambda: Greeter(order), MANY)
    peers.extend(socket.create_connection(listening.getsockname()) for _ in range(MANY))
    most = 0

    def look() -> bool:
        nonlocal most
        most = max(most, len(acceptor._unread))
        return len(order) == MANY

    await eventually(look)
    assert most <= 2
    acceptor.close()
    listening.close()


async def test_the_kernels_queue_is_emptied_before_anybody_has_her_turn(
    order: list[str], peers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is short: of ten thousand who came within a second, those who found it full were cut off."""
    monkeypatch.setattr("server.pacing.turns._MOST_WAY_S", 3_600)
    turns().give_way(True)
    listening = bound()
    acceptor = Acceptor(listening, lambda: Greeter(order), MANY)
    peers.extend(socket.create_connection(listening.getsockname(), timeout=10) for _ in range(MANY))
    await eventually(lambda: len(acceptor._unread) == MANY)
    acceptor.close()
    listening.close()
    assert {one.recv(1) for one in peers} == {b""}, "whoever has not been read is let go"
    assert order == []
