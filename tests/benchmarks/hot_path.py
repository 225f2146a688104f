"""What an answer costs the server, step by step and end to end: `python -m tests.benchmarks.hot_path`.

CPU microseconds per answer, beside a reference measured in the same run (SHA-256 of 1 KiB), since machines differ and
are noisy: read the ratios. The end-to-end figure is that of `answering`, without frames.

With `--against COMMIT` the end-to-end figure is compared with that of another version, both run in turn; with `--python
COMMAND` this Python's with that of another one, which has the packages.
"""

import argparse
import hashlib
import platform
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
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
from protocol.messages.candidate import Ack
from protocol.messages.operations import Answer
from tests.benchmarks import answering
from tests.benchmarks.answering import QUESTIONS, content
from tests.benchmarks.versions import compare, compare_pythons
from tests.benchmarks.wire import message_us

CANDIDATE: Final = Actor(Role.CANDIDATE, "c1")


class Figure(msgspec.Struct, frozen=True):
    """One result. `ratio` is to what `of` names; `least` and `most` are its bounds over several runs. `goal` is the
    greatest ratio that is good enough; None: there is none."""

    name: str
    value: float
    unit: str
    ratio: float
    of: str
    least: float | None = None
    most: float | None = None
    goal: float | None = None
    met: bool | None = None


class Report(msgspec.Struct, frozen=True):
    """All results of a run, and the machine."""

    figures: list[Figure]
    machine: str


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

    read_us, write_us = uvloop.run(message_us(len(data)))
    return [
        ("read the frame of an answer", read_us),
        ("write one of that length", write_us),
        ("decode", _cpu_us(lambda: codec.decode_from_candidate(data), 20_000)),
        ("decide (with seal)", _cpu_us(lambda: decide(attempt, command, attempt.created_at_ms, sheet), 20_000)),
        ("  of which seal", _cpu_us(seal_it, 20_000)),
        ("evolve", _cpu_us(lambda: evolve(attempt, record), 20_000)),
        ("encode an ack", _cpu_us(lambda: codec.encode(Ack(1, 2, 1_700_000_000_000, attempt.head.hex())), 20_000)),
    ]


def measure(candidates: int, answers: int, window: int, otlp_endpoint: str) -> list[Figure]:
    """Each step, and all of them together."""
    reference = reference_us()
    cost, attempt = uvloop.run(answering.answer(candidates, answers, window, otlp_endpoint))
    found = [*steps(_fresh(attempt)), (f"end to end, {cost.records_per_commit:.0f} records a commit", cost.cpu_us)]
    return [Figure(name, us, "CPU µs", us / reference, "SHA-256 of 1 KiB") for name, us in found]


def against(commit: str, candidates: int, answers: int, window: int, pairs: int) -> Figure:
    """The end-to-end figure beside that of another version."""
    arguments = [f"--candidates={candidates}", f"--answers={answers}", f"--window={window}"]
    both = compare(Path(answering.__file__), commit, arguments, pairs, "cpu_us")
    name = f"end to end, {candidates} candidates"
    of = f"{commit} ({both.before:.1f})"
    return Figure(name, both.now, "CPU µs", both.ratio, of, both.least, both.most, 1.0, both.ratio <= 1.0)


def other_python(command: str, candidates: int, answers: int, window: int, pairs: int) -> Figure:
    """The end-to-end figure on another Python beside that on this one."""
    arguments = [f"--candidates={candidates}", f"--answers={answers}", f"--window={window}"]
    both = compare_pythons(Path(answering.__file__), shlex.split(command), arguments, pairs, "cpu_us")
    of = f"Python {platform.python_version()} ({both.before:.1f})"
    return Figure(command, both.now, "CPU µs", both.ratio, of, both.least, both.most)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--answers", type=int, default=QUESTIONS, help="answers of each candidate")
    parser.add_argument("--window", type=int, default=1, help="answers that each candidate sends at once")
    parser.add_argument("--otlp-endpoint", default="", help="a collector that takes a span of each answer")
    parser.add_argument("--against", metavar="COMMIT", help="compare with this version")
    parser.add_argument("--python", metavar="COMMAND", help="compare with the Python that this starts")
    parser.add_argument("--pairs", type=int, default=7, help="runs of both versions, with --against or --python")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    size = options.candidates, options.answers, options.window
    if options.against is not None:
        figures = [against(options.against, *size, options.pairs)]
    elif options.python is not None:
        figures = [other_python(options.python, *size, options.pairs)]
    else:
        figures = measure(*size, options.otlp_endpoint)
    table = Table("step", "CPU µs", f"× {figures[0].of}")
    for one in figures:
        spread = "" if one.least is None else f" ({one.least:.2f} to {one.most:.2f})"
        table.add_row(one.name, f"{one.value:.2f}", f"{one.ratio:.2f}{spread}")
    Console().print(table)
    if options.report is not None:
        options.report.write_bytes(msgspec.json.encode(Report(figures, platform.platform())))


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
    paper = make_paper("t", 1, content(), None)
    return make_sheet(paper, index_paper(paper), content().rules, lay_out(content(), None, 7))


if __name__ == "__main__":
    main()
