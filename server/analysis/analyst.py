"""Lets a process of its own work out what takes seconds of arithmetic: everybody who sits would feel it."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from types import ModuleType

from server import programs


class Analyst:
    """One analysis at a time: further callers wait for their turn."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def ask(self, program: ModuleType, order: bytes, attempts: AsyncIterator[bytes]) -> bytes:
        """What `program` writes, given as its input a line of JSON, the `order`, and then what it reads of each
        attempt."""
        async with self._turn:
            process = await programs.start(program)
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
