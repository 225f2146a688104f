"""Lets a process of its own read files that others wrote, exams and rosters: that takes seconds of Python."""

import asyncio
from asyncio.subprocess import PIPE
from types import ModuleType
from typing import Final, TypeVar

import msgspec

from server import programs
from server.importing import apart, rosters_apart
from server.importing.faults import ImportFault

PATIENCE_S: Final = 10.0
TOO_LONG: Final = "To read this file takes too long here: bring it by `pencilsdown import`."
ROSTER_TOO_LONG: Final = "To read this file takes too long here: bring it by `pencilsdown oneroster`."
BROKEN: Final = "This file can't be read: it asks for too much, or is damaged."


T = TypeVar("T", apart.Answer, rosters_apart.Answer)


class Bringing:
    """One file at a time: further callers wait for their turn."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def read(self, order: apart.Order, data: bytes) -> apart.Answer:
        """What an exam file says. Raises `ImportFault` where it can't be read, or not in time."""
        written = msgspec.json.encode(order) + b"\n" + data
        return await self._ask(apart, written, apart.Answer, TOO_LONG)

    async def read_roster(self, data: bytes) -> rosters_apart.Answer:
        """The same for a zip of OneRoster files."""
        return await self._ask(rosters_apart, data, rosters_apart.Answer, ROSTER_TOO_LONG)

    async def _ask(self, program: ModuleType, written: bytes, kind: type[T], too_long: str) -> T:
        try:
            async with asyncio.timeout(PATIENCE_S), self._turn:
                answer = await asyncio.to_thread(msgspec.msgpack.decode, await _run(program, written), type=kind)
        except TimeoutError:
            raise ImportFault(too_long) from None
        if answer.fault is not None:
            raise ImportFault(answer.fault)
        return answer


async def _run(program: ModuleType, written: bytes) -> bytes:
    process = await programs.start(program, errors=PIPE)
    try:
        found, _ = await process.communicate(written)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ImportFault(BROKEN)
    return found
