"""Several processes on one port: one may die, and the exam goes on."""

import asyncio
import os
import signal
import socket
from contextlib import AsyncExitStack

import aiohttp
import pytest

from loadtest.ports import LOOPBACK, free_port, is_listening
from tests.e2e.candidates import Writer, answers_in
from tests.e2e.deployment import Deployment, ServerNode
from tests.e2e.exams import seat, short_texts
from tests.services.patience import SCENARIO_S

WORKERS = 2
QUESTIONS = 8
ROUNDS = 6
CANDIDATES = 8
_RUNS = r"Worker {index} runs as process (\d+)"


def two_free_ports() -> int:
    """The first of two ports in a row on which nobody listens."""
    while True:
        port = free_port()
        if not is_listening(port + 1):
            return port


async def running(node: ServerNode) -> list[int]:
    """The processes of the workers, in the order of their numbers; they serve by now."""
    assert node.process is not None
    await served(node, WORKERS)
    return [int((await node.process.line(_RUNS.format(index=index)))[1]) for index in range(WORKERS)]


async def served(node: ServerNode, times: int) -> None:
    """Returns when so many workers have begun to serve."""
    assert node.process is not None
    async with asyncio.timeout(SCENARIO_S):
        while node.output.count("Serving at") < times:
            assert node.process.running, node.output
            await asyncio.sleep(0.05)


async def scrape(port: int) -> str:
    async with (
        aiohttp.ClientSession(trust_env=False) as http,
        http.get(f"http://{LOOPBACK}:{port}/metrics", headers={"connection": "close"}) as response,
    ):
        assert response.status == 200
        return await response.text()


async def test_one_worker_dies_and_the_others_go_on(cluster: Deployment) -> None:
    own = two_free_ports()
    node = cluster.node(f"serve --workers {WORKERS}", ops_port=str(own))
    await node.start()
    pids = await running(node)
    assert len({*pids, node.process.pid if node.process else 0}) == WORKERS + 1
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(cluster.service(node))
        await service.put_test("exam", short_texts(QUESTIONS))
        writers = [
            Writer(node.url, await seat(service, "exam", f"user-{number}"), QUESTIONS, ROUNDS)
            for number in range(CANDIDATES)
        ]
        for writer in writers:
            await stack.enter_async_context(writer.client)
        async with asyncio.timeout(SCENARIO_S), asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.write())
            for writer in writers:
                await writer.has_acked(3)
            os.kill(pids[0], signal.SIGKILL)
            assert node.process is not None
            await node.process.line(r"Worker 0 ended with status -9")
            await served(node, WORKERS + 1)
        for writer in writers:
            records, _ = await cluster.log(writer.seat.attempt_id)
            answers = answers_in(records)
            assert sorted(answers) == sorted(writer.asked), "each answer is there once"
        for index in range(WORKERS):
            assert "pencilsdown_build_info" in await scrape(own + index)
    assert await cluster.verify() == CANDIDATES
    assert await node.terminate() == 0, node.output
    assert not is_listening(node.port)
    for pid in pids:
        assert not os.path.exists(f"/proc/{pid}")


async def test_workers_leave_when_their_parent_dies(cluster: Deployment) -> None:
    node = cluster.node(f"serve --workers {WORKERS}")
    await node.start()
    pids = await running(node)
    handles = [os.pidfd_open(pid) for pid in pids]
    await node.kill()
    loop = asyncio.get_running_loop()
    for handle in handles:
        ended = asyncio.Event()
        loop.add_reader(handle, ended.set)
        async with asyncio.timeout(SCENARIO_S):
            await ended.wait()
        loop.remove_reader(handle)
        os.close(handle)
    assert not is_listening(node.port)


async def test_a_port_that_is_taken_is_named_before_any_worker_starts(cluster: Deployment) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        node = cluster.node(f"serve --workers {WORKERS}", port=port)
        child = node.launch()
        assert await child.exit() == 1
        assert f"{LOOPBACK}:{port}: Address already in use" in child.output
        assert "Worker" not in child.output


async def test_several_workers_name_what_they_need(embedded: Deployment) -> None:
    child = embedded.node(f"serve --workers {WORKERS}").launch()
    assert await child.exit() == 2
    assert "PENCILSDOWN_DATABASE_URL" in child.output
    assert "PENCILSDOWN_REDIS_URL" in child.output


def sockets_in(metrics: str) -> int:
    """Candidates' sockets of one worker."""
    (line,) = [
        line for line in metrics.splitlines() if line.startswith('pencilsdown_connected_sockets{kind="candidate"')
    ]
    return int(float(line.split()[-1]))


@pytest.mark.long
async def test_connections_even_out_after_a_death(cluster: Deployment) -> None:
    """By chance each worker gets its share: with 40 candidates the new one's is 15, and below 4 once in thousands."""
    own, candidates = two_free_ports(), 40
    node = cluster.node(f"serve --workers {WORKERS}", ops_port=str(own))
    await node.start()
    pids = await running(node)
    assert node.process is not None
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(cluster.service(node))
        await service.put_test("exam", short_texts(1))
        for number in range(candidates):
            writer = Writer(node.url, await seat(service, "exam", f"user-{number}"), 1, 1)
            await writer_is_in(stack, writer)
        os.kill(pids[0], signal.SIGKILL)
        await served(node, WORKERS + 1)
        await node.process.line("connections are sent away to be redistributed")
        async with asyncio.timeout(SCENARIO_S):
            while True:
                counts = [sockets_in(await scrape(own + index)) for index in range(WORKERS)]
                if sum(counts) == candidates and min(counts) >= 4:
                    break
                await asyncio.sleep(0.2)


async def writer_is_in(stack: AsyncExitStack, writer: Writer) -> None:
    client = await stack.enter_async_context(writer.client)
    await client.welcomed()


@pytest.mark.long
async def test_a_hangup_changes_nothing(cluster: Deployment, embedded: Deployment) -> None:
    for node, processes in ((cluster.node(f"serve --workers {WORKERS}"), WORKERS), (embedded.node(), 1)):
        await node.start()
        await served(node, processes)
        assert node.process is not None
        node.process.signal(signal.SIGHUP)
        await node.process.line("SIGHUP is ignored")
        assert await node.terminate() == 0, node.output
