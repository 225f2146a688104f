"""What an answer costs the server, step by step and end to end: `python -m tests.benchmarks.hot_path`.

CPU microseconds per answer, beside a reference measured in the same run (SHA-256 of 1 KiB), since machines differ and
are noisy: read the ratios. The end-to-end figure feeds real sessions of a real node on SQLite as the shell does, but
without sockets.
"""

import argparse
import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from protocol import codec
from protocol.answering import index_paper
from protocol.attempt.chain import seal
from protocol.attempt.commands import Create, Operate
from protocol.attempt.decide import create, decide
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Started
from protocol.attempt.laying import lay_out
from protocol.attempt.model import Actor, Attempt, Role
from protocol.attempt.paper import make_paper
from protocol.attempt.sheet import Sheet, make_sheet
from protocol.content import Option, SingleChoice, TestContent
from protocol.messages import Ack, Answer, Hello, Start
from protocol.rest import NewAttempt
from server.admission import admit
from server.attempts.live import LiveAttempt
from server.node import Node
from server.settings import Settings
from server.sockets.candidate import CandidateSession
from server.sockets.outbound import Outbound
from storage.database import Database
from storage.migrate import migrate

QUESTIONS = 180
ORG = "bench"
CANDIDATE = Actor(Role.CANDIDATE, "c1")


def _content() -> TestContent:
    options = [Option(str(number), f"Option {number}") for number in range(1, 5)]
    return TestContent(
        title="Benchmark",
        questions=[
            SingleChoice(question_id=f"q{number}", prompt="?", options=options, correct="1")
            for number in range(QUESTIONS)
        ],
    )


def _cpu_us(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def reference_us() -> float:
    """SHA-256 of 1 KiB."""
    block = bytes(1024)
    return _cpu_us(lambda: hashlib.sha256(block).digest(), 20_000)


def steps(attempt: Attempt) -> list[tuple[str, float]]:
    """Each step alone, on an attempt with half its questions answered."""
    sheet = _sheet()
    n = 0
    for n in range(1, QUESTIONS // 2):
        command = Operate(CANDIDATE, None, Answer(n, f"q{n}", "1", None, 1_700_000_000_000))
        decision = decide(attempt, command, attempt.created_at_ms, sheet)
        assert isinstance(decision, tuple)
        attempt = evolve(attempt, decision[0])
    answer = Answer(n + 1, "q100", "2", None, 1_700_000_000_000)
    data = codec.encode(answer)
    command = Operate(CANDIDATE, None, answer)
    decision = decide(attempt, command, attempt.created_at_ms, sheet)
    assert isinstance(decision, tuple)
    record = decision[0]
    fact = record.entry.fact

    def seal_it() -> object:
        return seal(attempt.head, attempt.key, attempt.seq + 1, 1, CANDIDATE, fact)

    return [
        ("decode", _cpu_us(lambda: codec.decode_from_candidate(data), 20_000)),
        ("decide (with seal)", _cpu_us(lambda: decide(attempt, command, attempt.created_at_ms, sheet), 20_000)),
        (
            "  of which seal",
            _cpu_us(seal_it, 20_000),
        ),
        ("evolve", _cpu_us(lambda: evolve(attempt, record), 20_000)),
        ("encode an ack", _cpu_us(lambda: codec.encode(Ack(1, 2, 1_700_000_000_000)), 20_000)),
    ]


async def end_to_end(candidates: int, window: int, otlp_endpoint: str = "") -> tuple[float, float, Attempt]:
    """CPU µs per durable answer of the whole process, and records per commit."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), rate_per_second=10_000, rate_burst=100_000, otlp_endpoint=otlp_endpoint)
        await migrate(settings.database)
        node = Node(settings, await Database.open(settings.database))
        await node.start()
        await node.tests.put(ORG, "t", _content(), node.clock.now_ms())
        lives: list[LiveAttempt] = []
        sessions: list[tuple[CandidateSession, Outbound]] = []
        for number in range(candidates):
            user = f"c{number}"
            live, _ = await admit(node, Actor(Role.CANDIDATE, user), ORG, None, user, user, NewAttempt(test_id="t"))
            lives.append(live)
            outbound = Outbound()
            session = CandidateSession(node, outbound, live.attempt_id, "127.0.0.1", "bench")
            token = node.tokens.mint(Role.CANDIDATE, user, ORG, lifetime_ms=3_600_000)
            assert await session.open(codec.encode(Hello(1, token, "bench", 1, [], "bench", 1, True, None)))
            sessions.append((session, outbound))
            session.feed(codec.encode(Start(1, None, 1)))
        await node.registry.settle()
        stats = node.journal.stats
        commits, records = stats.commits, stats.records
        frames = [codec.encode(Answer(n, f"q{n - 2}", "2", None, 1_700_000_000_000)) for n in range(2, QUESTIONS + 2)]
        began = time.process_time()
        for start in range(0, len(frames), window):
            for session, _ in sessions:
                for frame in frames[start : start + window]:
                    session.feed(frame)
                    assert not session.charge(len(frame))
            await node.registry.settle()
            await asyncio.sleep(0)
            for _, outbound in sessions:
                while outbound.waiting:
                    await outbound.next()
        cpu_us = (time.process_time() - began) / (candidates * len(frames)) * 1e6
        batch = (stats.records - records) / max(1, stats.commits - commits)
        attempt = lives[0].committed
        await node.stop()
        return cpu_us, batch, attempt


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--window", type=int, default=1, help="answers that each candidate sends at once")
    parser.add_argument("--otlp-endpoint", default="", help="a collector that takes a span of each answer")
    options = parser.parse_args()
    reference = reference_us()
    cpu_us, batch, attempt = uvloop.run(end_to_end(options.candidates, options.window, options.otlp_endpoint))
    table = Table("step", "CPU µs", "× SHA-256 of 1 KiB")
    fresh = _fresh(attempt)
    for name, cost in [*steps(fresh), (f"end to end, {batch:.0f} records a commit", cpu_us)]:
        table.add_row(name, f"{cost:.1f}", f"{cost / reference:.1f}")
    Console().print(table)


def _fresh(attempt: Attempt) -> Attempt:
    """A just started attempt with the identity of `attempt`."""
    record = create(
        Create(CANDIDATE, attempt.identity, attempt.seed, attempt.accommodation, attempt.key), 1_700_000_000_000
    )[0]
    made, sheet = evolve(None, record), _sheet()
    assert sheet.layout is not None
    started = Started(None, 0, 1, sheet.terms, sheet.layout)
    return evolve(made, seal(made.head, made.key, 2, 1_700_000_000_000, CANDIDATE, started))


def _sheet() -> Sheet:
    paper = make_paper("t", 1, _content(), None)
    return make_sheet(paper, index_paper(paper), _content().rules, lay_out(_content(), None, 7))


if __name__ == "__main__":
    main()
