"""Prints a report as a PDF in a process of its own: python -m server.analysis.report_file

It reads a line of JSON from its standard input, the order, and writes the file. It may take so much of memory and of
the processor and no more: what takes more is ended, and says so by the way it ends.
"""

import os
import resource
import signal
import sys
from typing import Final

import msgspec

from protocol.rest.analytics import AttemptAnalytics, TestAnalytics
from protocol.rest.statistics import QuestionFigures
from server.exporting.report import Language, report_of_attempt, report_of_test

_NICE: Final = 10
"""Those who sit go first."""
_MOST_BYTES: Final = 2 << 30
_MOST_S: Final = 60
"""Of the processor."""
_LAST_S: Final = 5
"""The end at the bound can be told from a kill. Whoever outlives it is killed after so many seconds more."""


class Order(msgspec.Struct, frozen=True):
    """Of whom or what the report is: of a test, or of one attempt at it."""

    title: str
    language: Language
    test: TestAnalytics | None = None
    questions: list[QuestionFigures] = []
    attempt: AttemptAnalytics | None = None


def page_of(order: Order) -> str:
    """The report as HTML."""
    if order.attempt is not None:
        return report_of_attempt(order.title, order.attempt, order.language)
    assert order.test is not None
    return report_of_test(order.title, order.test, order.questions, order.language)


def main() -> None:
    os.nice(_NICE)
    # The memory of a process that is ended by a signal would be written to a file: it has names in it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_S, _MOST_S + _LAST_S))
    try:
        from server.exporting.pdf import write_pdf

        order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
        sys.stdout.buffer.write(write_pdf(page_of(order)))
    except MemoryError:
        # The same end at either bound.
        signal.raise_signal(signal.SIGXCPU)


if __name__ == "__main__":
    main()
