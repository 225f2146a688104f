"""What a record costs in the journal, by the size of the group it is committed in.

`python -m tests.benchmarks.journal [URL]`; without a URL, SQLite in a temporary folder and a private PostgreSQL.
Trust the ratios within one run, never an absolute figure.
"""
# ruff: noqa: T201

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from protocol.attempt.commands import Begin
from storage.database import Database
from storage.log.batch import make_rows
from storage.log.journal import Append, Committed, Journal, Outcome
from storage.migrate import migrate
from tests.services.postgres import PostgresServer
from tests.storage.making import CANDIDATE, NEWCOMER, Owner, open_database

ATTEMPTS = 1_000
SIZES = (1, 10, 100, 1_000)
RECORDS = {1: 1_000, 10: 5_000, 100: 20_000, 1_000: 40_000}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def measure(database: Database, journal: Journal, owners: list[Owner], size: int) -> None:
    """Commits groups of `size` answers, each of another attempt, one group after the other."""
    loop = asyncio.get_running_loop()
    rounds = RECORDS[size] // size
    seconds: list[float] = []
    cpu = 0.0
    turn = 0
    for number in range(rounds):
        told: asyncio.Future[None] = loop.create_future()
        left = size

        def on_outcome(outcome: Outcome, told: asyncio.Future[None] = told) -> None:
            nonlocal left
            assert isinstance(outcome, Committed), outcome
            left -= 1
            if left == 0:
                told.set_result(None)

        appends: list[Append] = []
        for _ in range(size):
            turn += 1
            owner = owners[turn % len(owners)]
            appends.append(owner.answered(f"q{1 + number % 9}", "abc"[number % 3], on_outcome=on_outcome))
        began, cpu_began = time.perf_counter(), time.process_time()
        for append in appends:
            journal.submit(append)
        await told
        seconds.append(time.perf_counter() - began)
        cpu += time.process_time() - cpu_began
    records = rounds * size
    print(
        f"{database.dialect:10} group {size:5}: {sum(seconds) / records * 1e6:8.1f} µs a record,"
        f" of it {cpu / records * 1e6:7.1f} µs of this process; a commit takes"
        f" {statistics.median(seconds) * 1e3:6.2f} ms"
    )


def measure_rows(owners: list[Owner]) -> None:
    """What making the rows costs alone."""
    appends = [owner.answered("q1", "a") for owner in owners]
    best = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        make_rows("sqlite", appends, 0)
        best = min(best, time.perf_counter() - began)
    print(f"rows alone: {best / len(appends) * 1e6:.2f} µs a record")


async def run(url: str) -> None:
    await migrate(url)
    database = await open_database(url)
    journal = Journal(database, now_ms)
    await journal.start()
    owners = [Owner(now_ms=now_ms()) for _ in range(ATTEMPTS)]
    assert NEWCOMER is not None
    for owner in owners:
        assert journal.submit(owner.made())
    await owners[-1].heard()
    began = time.perf_counter()
    for owner in owners:
        assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    await owners[-1].heard(2)
    print(
        f"{database.dialect:10} {ATTEMPTS} starts at once: {(time.perf_counter() - began) / ATTEMPTS * 1e6:.1f} µs each"
    )
    for size in SIZES:
        await measure(database, journal, owners, size)
    measure_rows(owners)
    await journal.close()
    await database.close()


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(run(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(f"sqlite:///{Path(folder) / 'journal.sqlite3'}"))
    with PostgresServer(durable=True) as server:
        server.start()
        asyncio.run(run(server.url(server.create_database())))


if __name__ == "__main__":
    main()
