"""A load that goes on until it is told to end, while something else is measured."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.script import Script
from loadtest.drill.process import StageError

_MOST_S: Final = 600.0
_POLL_S: Final = 0.05
_SETTLE_S: Final = 2.0


async def settled() -> None:
    """Some time after somebody has come, so that the coming is not counted."""
    await asyncio.sleep(_SETTLE_S)


class Stream:
    """`measured` is there when it has ended."""

    def __init__(self) -> None:
        self._measured: Measured | None = None

    @property
    def measured(self) -> Measured:
        assert self._measured is not None, "it still goes on"
        return self._measured

    def end(self, measured: Measured) -> None:
        self._measured = measured


@asynccontextmanager
async def streaming(
    script: Script, port: int, rate: float | None, pid: int, folder: Path, most_s: float = _MOST_S
) -> AsyncIterator[Stream]:
    """Inside of the block everybody of the script is there, and sends, for `most_s` at most. `pid`: the server's.
    Raises `StageError`, and `Lost` where a message was not acknowledged in time and once."""
    name = secrets.token_hex(4)
    opened, until, stream = folder / f"opened-{name}", folder / f"until-{name}", Stream()
    load = Load(port, rate, 0, most_s, pid, opened=opened, until=until)
    task = asyncio.create_task(generate(script, load, folder))
    try:
        while not opened.exists():
            if task.done():
                (await task).check()
                raise StageError("the load ended before everybody was there")
            await asyncio.sleep(_POLL_S)
        yield stream
        until.touch()
        measured = await task
    finally:
        task.cancel()
    measured.check()
    stream.end(measured)
