"""Real processes that end well, and early, and not at all."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator

import msgspec
import pytest

from protocol.codes import Code
from protocol.errors import Refused
from server.analysis.analyst import Analyst
from tests.server.analysis import ending
from tests.server.harness.waiting import eventually

_PIECE = b"x" * 100_000


async def _pieces(many: int = 20) -> AsyncIterator[bytes]:
    for _ in range(many):
        yield _PIECE


def _children() -> set[str]:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as children:
        return set(children.read().split())


async def test_one_that_reads_everything_says_what_it_found() -> None:
    assert await Analyst().ask("school", ending, b"0", _pieces()) == _PIECE * 20


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (1, Code.INTERNAL),
        (-signal.SIGKILL, Code.INTERNAL),
        (-signal.SIGSEGV, Code.INTERNAL),
        (-signal.SIGXCPU, Code.TOO_LARGE),
    ],
)
async def test_how_it_ended_early_is_told(status: int, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    analyst = Analyst()
    with caplog.at_level(logging.ERROR), pytest.raises(Refused) as refused:
        # It ends before it has read what is written to it.
        await analyst.ask("school", ending, str(status).encode(), _pieces())
    assert refused.value.refusal.code == code
    assert [str(status) in line for line in caplog.messages] == [True] * (code is Code.INTERNAL)
    assert await analyst.ask("school", ending, b"0", _pieces(1)) == _PIECE


async def test_a_caller_who_goes_away_takes_the_process_along() -> None:
    analyst = Analyst()
    before = _children()
    hers = asyncio.create_task(analyst.ask("school", ending, b"never", _pieces(0)))
    await eventually(lambda: _children() > before)
    theirs = [asyncio.create_task(analyst.ask(name, ending, b"0", _pieces(1))) for name in ("school", "college")]
    hers.cancel()
    assert await asyncio.gather(*theirs) == [_PIECE, _PIECE]
    assert _children() == before


async def test_it_gets_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCILSDOWN_TOKEN_SECRET", "a secret")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    given = msgspec.json.decode(await Analyst().ask(None, ending, b"given", _pieces(0)))
    assert given["XDG_CACHE_HOME"] == "/caches"
    assert "PENCILSDOWN_TOKEN_SECRET" not in given
