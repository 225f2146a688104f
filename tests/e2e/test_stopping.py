"""A server that is told to stop ends by itself, whatever keeps it waiting."""

import signal
import socket as sockets
from contextlib import AsyncExitStack

from loadtest.ports import LOOPBACK
from protocol.messages.operations import Start
from tests.e2e.candidates import Writer
from tests.e2e.deployment import Deployment
from tests.e2e.exams import seat, short_texts
from tests.e2e.raw import RawSocket
from tests.services.postgres import PostgresServer

QUESTIONS = 5


async def test_it_ends_while_the_database_does_not_answer(cluster: Deployment, postgres_server: PostgresServer) -> None:
    node = cluster.node(stop_ms="3000")
    await node.start()
    async with cluster.service(node) as service:
        await service.put_test("exam", short_texts(QUESTIONS))
        place = await seat(service, "exam", "ada")
    writer = Writer(node.url, place, QUESTIONS, 2)
    async with writer.client:
        await writer.client.start()
        with postgres_server.frozen():
            writer.client.answer("q1", "in vain")
            assert await node.terminate() == 1, node.output
    assert "ends now" in node.output


async def test_it_ends_in_order_though_peers_neither_read_nor_answer(embedded: Deployment) -> None:
    node = embedded.node()
    await node.start()
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(embedded.service(node))
        await service.put_test("exam", short_texts(QUESTIONS))
        tab = await stack.enter_async_context(RawSocket(node.url, await seat(service, "exam", "ada")))
        await tab.welcome()
        await tab.send(Start(1, None, 0))
        tab.pause_reading()
        halves = [stack.enter_context(sockets.create_connection((LOOPBACK, node.port))) for _ in range(3)]
        halves[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
        halves[1].sendall(b"POST /test-attempts HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert await node.terminate() == 0, node.output


async def test_a_second_signal_is_no_reason_to_lose_anything(embedded: Deployment) -> None:
    node = embedded.node(drain_notice_ms="600000")
    await node.start()
    assert node.process is not None
    node.process.signal(signal.SIGTERM)
    await node.process.line("Leaving")
    assert await node.terminate() == 0, node.output
    assert " 0 broken" in await embedded.run("verify-log")
