"""Lets a process of its own read exam files: that takes seconds of Python, and others wrote them."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from typing import Final

import msgspec

from server.importing import apart
from server.importing.faults import ImportFault

PATIENCE_S: Final = 10.0
TOO_LONG: Final = "To read this file takes too long here: bring it by `pencilsdown import`."
BROKEN: Final = "This file can't be read: it asks for too much, or is damaged."


class Bringing:
    """One file at a time: further callers wait for their turn."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def read(self, order: apart.Order, data: bytes) -> apart.Answer:
        """What the file says. Raises `ImportFault` where it can't be read, or not in time."""
        try:
            async with asyncio.timeout(PATIENCE_S), self._turn:
                return await _read(order, data)
        except TimeoutError:
            raise ImportFault(TOO_LONG) from None


async def _read(order: apart.Order, data: bytes) -> apart.Answer:
    # It needs nothing of our settings, and so none of our secrets.
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", apart.__name__, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
    )
    try:
        found, _ = await process.communicate(msgspec.json.encode(order) + b"\n" + data)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ImportFault(BROKEN)
    answer = await asyncio.to_thread(msgspec.msgpack.decode, found, type=apart.Answer)
    if answer.fault is not None:
        raise ImportFault(answer.fault)
    return answer
