"""What row-level security costs on PostgreSQL: `python -m tests.benchmarks.walls`.

One client at a time calls a real server, with and without the walls in turn: without them nodes have a superuser's role
and no transaction says what it sees, as if there were none. Told are milliseconds at the client, the middle and the
99th of a hundred.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console
from rich.table import Table

from loadtest.ports import free_port
from server.settings import Settings
from storage.database import Database
from storage.migrate import migrate
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.services.postgres import PLAIN, SUPERUSER, PostgresServer

LISTED: Final = 200
"""Attempts in the list."""
CALLS: Final = ("make an attempt", "start it", "list 200 attempts", "who may begin", "an answer, until its ack")


class Bench:
    """One server, and what its calls took: call → milliseconds."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.took: dict[str, list[float]] = defaultdict(list)
        self._number = 0

    async def round(self) -> None:
        """Each call once."""
        self._number += 1
        server, user = self.server, f"user-{self._number}"
        wanted = {"test_id": TEST, "user_id": user}
        made = await self._timed("make an attempt", "POST", "/test-attempts", wanted)
        attempt_id = made["attempt_id"]
        await self._timed("start it", "POST", f"/test-attempts/{attempt_id}/start", {})
        await self._timed("list 200 attempts", "GET", f"/tests/{TEST}/attempts?limit={LISTED}")
        await self._timed("who may begin", "GET", f"/tests/{TEST}/admission?user_id={user}")
        async with await server.sit(attempt_id, user) as socket:
            for n in range(1, 6):
                began = time.perf_counter()
                await socket.send("answer", n=n, question_id="word", value=f"Euler {n}", client_at_ms=0)
                await socket.until("ack", n=n)
                self.took["an answer, until its ack"].append((time.perf_counter() - began) * 1_000)

    async def _timed(self, name: str, method: str, path: str, body: object = None) -> dict[str, str]:
        began = time.perf_counter()
        reply = await self.server.call(method, path, self.server.service, body)
        self.took[name].append((time.perf_counter() - began) * 1_000)
        found: dict[str, str] = reply.ok()
        return found


async def open_bench(folder: Path, url: str) -> Bench:
    await migrate(url)
    settings = Settings(
        data=folder,
        database_url=url,
        token_secret="x" * 40,
        port=free_port(),
        ops_port=free_port(),
        rate_per_second=10_000,
        rate_burst=10_000,
        connects_per_minute=100_000,
    )
    server = RunningServer(settings, MovableClock())
    await server.start()
    await server.make_test()
    for number in range(LISTED):
        await server.make_attempt(f"listed-{number}")
    return Bench(server)


async def measure(postgres: PostgresServer, rounds: int) -> dict[bool, Bench]:
    """With the walls, or without → what was measured."""
    walled = Database.for_org
    benches: dict[bool, Bench] = {}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for has_walls, folder in ((True, one), (False, other)):
            database = postgres.create_database()
            benches[has_walls] = await open_bench(
                Path(folder), postgres.url(database, PLAIN if has_walls else SUPERUSER)
            )
        try:
            for number in range(2 * rounds):
                has_walls = number % 2 == 0
                Database.for_org = walled if has_walls else lambda self, org_id: self  # type: ignore[method-assign]
                await benches[has_walls].round()
        finally:
            Database.for_org = walled  # type: ignore[method-assign]
        for bench in benches.values():
            await bench.server.stop()
    return benches


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    with PostgresServer(durable=True) as postgres:
        postgres.start()
        benches = uvloop.run(measure(postgres, options.rounds))
    table = Table("call", "without: median", "p99", "with walls: median", "p99", "ratio of medians")
    for call in CALLS:
        without, with_walls = benches[False].took[call], benches[True].took[call]
        figures = [
            f"{figure(took):.2f} ms"
            for took in (without, with_walls)
            for figure in (statistics.median, lambda took: statistics.quantiles(took, n=100)[98])
        ]
        table.add_row(call, *figures, f"{statistics.median(with_walls) / statistics.median(without):.2f} ×")
    Console().print(table)


if __name__ == "__main__":
    main()
