"""Lets a process of its own work out what takes seconds of arithmetic: everybody who sits would feel it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from types import ModuleType


class Analyst:
    """One analysis at a time: further callers wait for their turn."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def ask(self, program: ModuleType, order: bytes, attempts: AsyncIterator[bytes]) -> bytes:
        """What `program` writes, given as its input a line of JSON, the `order`, and then what it reads of each
        attempt."""
        async with self._turn:
            # It needs nothing of our settings, and so none of our secrets.
            environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", program.__name__, stdin=PIPE, stdout=PIPE, env=environment
            )
            try:
                return await _converse(process, order, attempts)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()


async def _converse(process: Process, order: bytes, attempts: AsyncIterator[bytes]) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(order + b"\n")
    async for one in attempts:
        process.stdin.write(one)
        await process.stdin.drain()
    process.stdin.close()
    found = await process.stdout.read()
    await process.wait()
    return found
