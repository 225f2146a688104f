"""A test that takes longer than its limit fails by itself, and those after it run.

pytest-timeout raises an ordinary failure, once. An event loop keeps what a callback or a task of its own raises, and
Hypothesis takes it for one more failing example and searches on. This plugin interrupts like Ctrl-C, which both let
through, and does so again and again until the test has ended. A process that can't be interrupted ends itself; xdist
then starts another one.
"""

import faulthandler
import os
import signal
import sys
from collections.abc import Generator
from types import FrameType
from typing import Any, Final

import pytest
from hypothesis.internal.conjecture import engine
from pytest_timeout import is_debugging  # type: ignore[import-untyped]

_AGAIN_S: Final = 1.0
_LAST_S: Final = 60.0
"""How long after its limit a test ends its process."""
_SHRINKING_S: Final = 60
"""How long Hypothesis may look for a smaller example: it must tell the one that it has before the limit."""

_stderr = pytest.StashKey[int]()
_limit_s = pytest.StashKey[float]()


class Stuck(KeyboardInterrupt):
    """Nothing but this plugin knows it, and nobody takes it for an error of their own."""


def pytest_configure(config: pytest.Config) -> None:
    assert sys.__stderr__ is not None
    # While a test runs, its own is caught by pytest.
    config.stash[_stderr] = os.dup(sys.__stderr__.fileno())
    engine.MAX_SHRINKING_SECONDS = _SHRINKING_S


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool:
    item.stash[_limit_s] = settings.timeout
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_cancel_timer() -> bool:
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _limited(item, Stuck))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _limited(item, Stuck))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    # After an ordinary failure pytest goes on to the other fixtures.
    return (yield from _limited(item, pytest.fail.Exception))


def _limited(item: pytest.Item, kind: type[BaseException]) -> Generator[None, object, object]:
    limit_s = item.stash.get(_limit_s, None)
    if limit_s is None:
        return (yield)
    why = f"takes longer than {limit_s:g} s"

    def interrupt(signum: int, frame: FrameType | None) -> None:
        if not is_debugging():
            raise kind(why)

    signal.signal(signal.SIGALRM, interrupt)
    faulthandler.dump_traceback_later(limit_s + _LAST_S, exit=True, file=item.config.stash[_stderr])
    signal.setitimer(signal.ITIMER_REAL, limit_s, _AGAIN_S)
    try:
        return (yield)
    except Stuck:
        pytest.fail(why)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
