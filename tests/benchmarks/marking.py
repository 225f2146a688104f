"""What marking takes when the bell rings for everybody: `python -m tests.benchmarks.marking`.

A real node without sockets; all candidates have answered, and hand in at the same moment. Told are the seconds from the
last submission's commit until everybody's result is there, the transactions that took, and for how long the loop was
held at most: in that time nobody was served.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from protocol.attempt.commands import Begin, HandIn, Operate
from protocol.attempt.model import Actor, Role
from protocol.content import Option, Question, SingleChoice, TestContent
from protocol.errors import Refusal
from protocol.messages.operations import Answer
from protocol.rest.attempts import NewAttempt
from server.admission import admit
from server.attempts.live import LiveAttempt
from server.node import Node
from server.settings import Settings
from storage.database import Database
from storage.migrate import migrate
from tests.services.postgres import PostgresServer

ORG = "bench"
ANSWERED_AT_ONCE = 20


def content(questions: int) -> TestContent:
    options = [Option(str(number), f"Option {number}") for number in range(1, 5)]
    return TestContent(
        title="Benchmark",
        questions=[
            Question(question_id=f"q{number}", body="?", interactions=[SingleChoice(options=options, correct="1")])
            for number in range(questions)
        ],
    )


async def sat(node: Node, candidates: int, questions: int) -> list[LiveAttempt]:
    """Everybody has answered everything, and the snapshots are taken."""
    await node.tests.put(ORG, "t", content(questions), node.clock.now_ms())
    lives = []
    for number in range(candidates):
        actor = Actor(Role.CANDIDATE, f"c{number}")
        live, _ = await admit(node, actor, ORG, None, actor.id, actor.id, NewAttempt(test_id="t"))
        # With other nodes about, an attempt that nobody sits at is let go of after a second.
        live.presence.sit(Chair())
        lives.append(live)
        live.offer(Begin(actor, 0), lambda outcome: None)
    for first in range(0, questions, ANSWERED_AT_ONCE):
        for live in lives:
            actor = Actor(Role.CANDIDATE, live.committed.identity.user_id)
            for n in range(first, min(questions, first + ANSWERED_AT_ONCE)):
                live.offer(Operate(actor, None, Answer(n + 1, f"q{n}", "1", None, 0)), lambda outcome: None)
        await node.registry.settle()
    await node.snapshotter.take(everything=True)
    return lives


class Chair:
    """A connection that does nothing."""

    connection_id = "chair"

    def record_committed(self, *_: object) -> None:
        """Does nothing."""

    def sheet_changed(self) -> None:
        pass

    def send_away(self, after_ms: int) -> None:
        """Does nothing."""


class Watch:
    """How long the loop was held, and how many transactions were written."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._write = node.database.write
        self.writes = 0
        self.held_s = 0.0
        self._commits = 0

    async def __aenter__(self) -> "Watch":
        async def write(work: Callable[..., Any]) -> Any:
            self.writes += 1
            return await self._write(work)

        self._commits = self._node.journal.stats.commits
        self._node.database.write = write  # type: ignore[method-assign]
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        self.writes += self._node.journal.stats.commits - self._commits

    async def _tick(self) -> None:
        while True:
            before_s = time.perf_counter()
            await asyncio.sleep(0.001)
            self.held_s = max(self.held_s, time.perf_counter() - before_s - 0.001)


async def measure(url: str, candidates: int, questions: int) -> tuple[float, int, float, int]:
    """Seconds until all are marked, transactions, the longest hold of the loop, and submissions that were saved but
    not acknowledged within `PATIENCE_S`."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data=Path(folder), database_url=url, token_secret="x" * 40, rate_per_second=10_000, rate_burst=100_000
        )
        await migrate(settings.database)
        node = Node(settings, await Database.open(settings.database))
        await node.start()
        lives = await sat(node, candidates, questions)
        ends = [live.run(HandIn(Actor(Role.CANDIDATE, live.committed.identity.user_id), 0)) for live in lives]
        async with Watch(node) as watch:
            outcomes = await asyncio.gather(*ends)
            refused = sum(isinstance(outcome, Refusal) for outcome in outcomes)
            began_s = time.perf_counter()
            while node.tally.marked < candidates:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            took_s = time.perf_counter() - began_s
        await node.stop()
        return took_s, watch.writes, watch.held_s, refused


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=1_000)
    parser.add_argument("--questions", type=int, default=60)
    options = parser.parse_args()
    table = Table(
        "database", "until all are marked", "transactions", "longest hold of the loop", "not acknowledged in time"
    )
    with PostgresServer() as postgres:
        postgres.start()
        for name, url in (("SQLite", ""), ("PostgreSQL", postgres.url(postgres.create_database()))):
            took_s, writes, held_s, refused = uvloop.run(measure(url, options.candidates, options.questions))
            table.add_row(name, f"{took_s:.2f} s", f"{writes:,}", f"{held_s * 1000:.0f} ms", str(refused))
    Console().print(table)


if __name__ == "__main__":
    main()
