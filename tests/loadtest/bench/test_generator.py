"""The load generator is compiled when it is needed."""

import subprocess
from pathlib import Path

import pytest

from loadtest.bench import generator
from loadtest.bench.generator import SOURCES, compiled
from loadtest.drill.process import Impossible


async def test_it_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "_BUILD", tmp_path / "build")
    program = await compiled()
    made_at = program.stat().st_mtime_ns
    assert await compiled() == program
    assert program.stat().st_mtime_ns == made_at


def test_the_compiler_has_nothing_to_say(tmp_path: Path) -> None:
    """Here and not in a run: another compiler finds other things."""
    strict = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(tmp_path / "generator")]
    command = [*strict, *map(str, SOURCES.glob("*.c"))]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


async def test_without_a_compiler_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "_BUILD", tmp_path / "build")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Impossible, match="no C compiler"):
        await compiled()
