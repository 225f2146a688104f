"""What a candidate in the middle of an exam takes of a node's memory. Each database has a fresh process for it."""

import secrets
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import msgspec

from loadtest.drill.postgres import Postgres
from loadtest.drill.process import run_program

_DATABASES: Final = ("sqlite", "postgresql")


class Held(msgspec.Struct, frozen=True):
    """Resident memory of the process before anybody came, and after each virtual hour."""

    empty_kib: int
    after_hours_kib: list[int]


class Memory(msgspec.Struct, frozen=True):
    """Of one database, in bytes for each candidate: after the hour in which all answers were given, and after another
    one in which they were changed. What grows with time alone shows in the difference."""

    database: str
    candidates: int
    first_hour_bytes: int
    second_hour_bytes: int

    @property
    def row(self) -> dict[str, str]:
        return {
            "database": self.database,
            "candidates": f"{self.candidates:,}",
            "KiB each after an hour": f"{self.first_hour_bytes / 1024:.1f}",
            "after two": f"{self.second_hour_bytes / 1024:.1f}",
        }


async def measure_memory(candidates: int) -> list[Memory]:
    """On SQLite, then on PostgreSQL. Raises `StageError`."""
    return [await _measure(database, candidates) for database in _DATABASES]


async def _measure(database: str, candidates: int) -> Memory:
    async with AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="pencilsdown-bench-")))
        env = {
            "PENCILSDOWN_DATA": str(folder / "data"),
            "PENCILSDOWN_TOKEN_SECRET": secrets.token_urlsafe(48),
            # One for each attempt and ten virtual minutes: they cost time, and nothing that stays.
            "PENCILSDOWN_SNAPSHOT_MS": "600000",
            "PENCILSDOWN_MAX_SEATS": str(2 * candidates),
        }
        if database == "postgresql":
            postgres = Postgres(folder, on_disk=True)
            exits.push_async_callback(postgres.close)
            await postgres.create()
            env["PENCILSDOWN_DATABASE_URL"] = postgres.url(await postgres.create_database())
        result = folder / "result.json"
        settings = [f"{name}={value}" for name, value in env.items()]
        program = [sys.executable, "-m", "loadtest.bench.crowded", str(candidates), str(result)]
        await run_program(["env", *settings, *program], folder, timeout_s=3600)
        held = msgspec.json.decode(result.read_bytes(), type=Held)
    each = [(kib - held.empty_kib) * 1024 // candidates for kib in held.after_hours_kib]
    return Memory(database, candidates, *each)
