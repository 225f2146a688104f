"""The load generator is compiled when it is needed."""

from pathlib import Path

import pytest

from loadtest.bench import generator
from loadtest.bench.generator import compiled
from loadtest.drill.process import Impossible


async def test_it_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "_BUILD", tmp_path / "build")
    program = await compiled()
    made_at = program.stat().st_mtime_ns
    assert await compiled() == program
    assert program.stat().st_mtime_ns == made_at


async def test_without_a_compiler_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "_BUILD", tmp_path / "build")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Impossible, match="no C compiler"):
        await compiled()
