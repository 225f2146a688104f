"""What the carrier does with frames that a server of ours never sends, but a proxy in between may."""

from protocol import codec
from tests.clients.python.peer import Peer
from tests.clients.python.scene import acked, welcome
from tests.clients.python.test_client import make_client


async def test_a_message_in_fragments_is_one_message() -> None:
    async with Peer.open() as peer, make_client(peer) as client:
        line = await peer.line()
        data = codec.encode(welcome())
        await line.say_bytes(data[:10], data[10:20], data[20:])
        await client.welcomed()
        asked = client.answer("q1", "a")
        await line.hear()
        ack = codec.encode(acked(1, 4))
        await line.say_bytes(ack[:1], ack[1:])
        await asked


async def test_a_ping_is_answered() -> None:
    async with Peer.open() as peer, make_client(peer) as client:
        line = await peer.line()
        await line.ping()
        await line.say(welcome())
        await client.welcomed()
