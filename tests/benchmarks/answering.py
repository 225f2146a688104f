"""A room that answers: real sessions of a real node on SQLite, fed as the shell feeds them, but without sockets.

It also runs on older versions: `hot_path --against` runs this file with the code of another checkout. So it uses only
what all of them have, and makes messages by the names of their fields.
"""

import argparse
import asyncio
import gc
import importlib
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import uvloop

from protocol import codec
from protocol.attempt.model import Actor, Attempt, Role
from protocol.content import Option, TestContent
from server.admission import admit
from server.node import Node
from server.settings import Settings
from server.sockets.candidate import CandidateSession
from server.sockets.outbound import Outbound
from storage.database import Database
from storage.migrate import migrate

QUESTIONS: Final = 180
ORG: Final = "bench"
_WHAT_CLIENTS_SAY: Final[dict[str, Any]] = {
    "protocol": 1, "oldest_protocol": 1, "capabilities": [], "client": "bench", "device": "bench", "connect_n": 1,
    "takeover": True, "seen_seq": None, "seen_head": None, "access_code": None, "value": "2", "position": None,
    "client_at_ms": 1_700_000_000_000,
}  # fmt: skip

_M = TypeVar("_M", bound=msgspec.Struct)


def _named(name: str, *modules: str) -> Any:
    """What has this name in one of these modules: older versions have fewer modules, and larger ones."""
    for module in modules:
        with suppress(ModuleNotFoundError, AttributeError):
            return getattr(importlib.import_module(module), name)
    raise LookupError(name)


Hello: Final = _named("Hello", "protocol.messages.candidate", "protocol.messages")
Answer: Final = _named("Answer", "protocol.messages.operations", "protocol.messages")
Start: Final = _named("Start", "protocol.messages.operations", "protocol.messages")
Question: Final = _named("Question", "protocol.content")
SingleChoice: Final = _named("SingleChoice", "protocol.content")
NewAttempt: Final = _named("NewAttempt", "protocol.rest.attempts", "protocol.rest")


class Cost(msgspec.Struct, frozen=True):
    """CPU microseconds of the whole process for each durable and acknowledged answer, and records in a commit."""

    cpu_us: float
    records_per_commit: float


def content() -> TestContent:
    """A test of `QUESTIONS` questions."""
    options = [Option(str(number), f"Option {number}") for number in range(1, 5)]
    return TestContent(
        title="Benchmark",
        questions=[_question(f"q{number}", options) for number in range(QUESTIONS)],
    )


def _question(question_id: str, options: list[Option]) -> Any:
    if "question_id" in SingleChoice.__struct_fields__:
        # Before a question had interactions.
        return SingleChoice(question_id=question_id, prompt="?", options=options, correct="1")
    return Question(question_id=question_id, body="?", interactions=[SingleChoice(options=options, correct="1")])


def _say(kind: type[_M], **values: object) -> bytes:
    said = {**_WHAT_CLIENTS_SAY, **values}
    return codec.encode(kind(**{name: said[name] for name in kind.__struct_fields__}))


class _Acks:
    """Waits for the acknowledgement of one number on all connections."""

    def __init__(self) -> None:
        self._missing = 0
        self._all: asyncio.Future[None] | None = None
        self.last = b""

    def expect(self, n: int, connections: int) -> None:
        self.last = b"\xa1n" + codec.encode(n)
        self._missing = connections
        self._all = asyncio.get_running_loop().create_future()

    def came(self) -> None:
        self._missing -= 1
        if not self._missing and self._all is not None:
            self._all.set_result(None)

    async def all(self) -> None:
        assert self._all is not None
        await self._all


class _Reader(Outbound):
    """A peer that takes every message at once."""

    def __init__(self, acks: _Acks) -> None:
        super().__init__()
        self._acks = acks

    def send(self, data: bytes, *, at_once: bool = False) -> None:
        if self._acks.last and self._acks.last in data:
            self._acks.came()


async def answer(candidates: int, answers: int, window: int, otlp_endpoint: str = "") -> tuple[Cost, Attempt]:
    """The cost of `answers` answers of each candidate, who sends `window` of them at once. Returns one attempt, too."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), rate_per_second=10_000, rate_burst=100_000, otlp_endpoint=otlp_endpoint)
        await migrate(settings.database)
        node = Node(settings, await Database.open(settings.database))
        await node.start()
        await node.tests.put(ORG, "t", content(), node.clock.now_ms())
        acks = _Acks()
        sessions = [await _sit(node, f"c{number}", acks) for number in range(candidates)]
        await node.registry.settle()
        charges = hasattr(CandidateSession, "charge")
        frames = [_say(Answer, n=n, question_id=f"q{(n - 2) % QUESTIONS}") for n in range(2, answers + 2)]
        _settle_garbage()
        stats = node.journal.stats
        commits, records = stats.commits, stats.records
        began = time.process_time()
        for start in range(0, answers, window):
            together = frames[start : start + window]
            acks.expect(start + len(together) + 1, candidates)
            for session in sessions:
                for frame in together:
                    session.feed(frame)
                    if charges:
                        session.charge(len(frame))
            await acks.all()
        cpu_us = (time.process_time() - began) / (candidates * answers) * 1e6
        batch = (stats.records - records) / max(1, stats.commits - commits)
        (live,) = (live for live in node.registry.all() if live.committed.identity.user_id == "c0")
        attempt = live.committed
        assert attempt.last_n == answers + 1
        await node.stop()
        return Cost(cpu_us, batch), attempt


def _settle_garbage() -> None:
    """As a server does at its start. Older versions have nothing to call for it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 5, 50)


async def _sit(node: Node, user: str, acks: _Acks) -> CandidateSession:
    live, _ = await admit(node, Actor(Role.CANDIDATE, user), ORG, None, user, user, NewAttempt(test_id="t"))
    session = CandidateSession(node, _Reader(acks), live.attempt_id, "127.0.0.1", "bench")
    token = node.tokens.mint(Role.CANDIDATE, user, ORG, lifetime_ms=3_600_000)
    assert await session.open(_say(Hello, token=token))
    session.feed(_say(Start, n=1))
    return session


def main() -> None:
    """Prints the cost as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, required=True)
    parser.add_argument("--answers", type=int, required=True)
    parser.add_argument("--window", type=int, required=True)
    options = parser.parse_args()
    cost, _ = uvloop.run(answer(options.candidates, options.answers, options.window))
    sys.stdout.write(msgspec.json.encode(cost).decode())


if __name__ == "__main__":
    main()
