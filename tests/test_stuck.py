"""Tests that never end, run by a pytest of their own: each fails by itself, and the one after them passes."""

import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_ENDLESS = """
import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st


async def test_a_callback_that_never_ends():
    def endless():
        while True:
            time.sleep(0.01)

    asyncio.get_running_loop().call_soon(endless)
    await asyncio.Event().wait()


async def test_a_task_that_never_waits():
    async def endless():
        while True:
            time.sleep(0.01)

    await asyncio.gather(asyncio.create_task(endless()), return_exceptions=True)
    await asyncio.Event().wait()


@given(st.integers())
def test_a_search_that_never_ends(number):
    time.sleep(1_000)


def test_what_keeps_an_interrupt():
    for _ in range(2):
        try:
            time.sleep(1_000)
        except BaseException:
            pass
    time.sleep(1_000)


@pytest.fixture
def tidy():
    yield
    assert False, "tidied up"


@pytest.fixture
async def endless(tidy):
    yield
    await asyncio.Event().wait()


def test_a_fixture_that_never_ends(endless):
    pass


def test_the_next():
    pass
"""


def test_each_fails_by_itself_and_the_next_one_runs(tmp_path: Path) -> None:
    (tmp_path / "test_endless.py").write_text(_ENDLESS)
    options = ["-p", "tests.stuck", "-p", "no:cacheprovider", "--timeout", "0.5", "-o", "asyncio_mode=auto", "-rA"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", tmp_path, tmp_path],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    outcomes = set(re.findall(r"^([A-Z]+) \S+::(test_\w+)(?: - .*)?$", done.stdout, re.MULTILINE))
    assert outcomes == {
        ("FAILED", "test_a_callback_that_never_ends"),
        ("FAILED", "test_a_task_that_never_waits"),
        ("FAILED", "test_a_search_that_never_ends"),
        ("FAILED", "test_what_keeps_an_interrupt"),
        ("PASSED", "test_a_fixture_that_never_ends"),
        ("ERROR", "test_a_fixture_that_never_ends"),
        ("PASSED", "test_the_next"),
    }, done.stdout + done.stderr
    assert "tidied up" in done.stdout, "the other fixtures have ended in order"
    assert len(re.findall(r"^[E|\s]+Failed: takes longer than 0.5 s$", done.stdout, re.MULTILINE)) == 5, done.stdout
