"""Lets a process of its own read files that others wrote, exams and rosters: that takes seconds of Python."""

import asyncio
from asyncio.subprocess import PIPE
from types import ModuleType
from typing import Final, TypeVar

import msgspec

from server import programs
from server.importing import apart, rosters_apart
from server.importing.faults import ImportFault
from server.pacing.rota import Rota

PATIENCE_S: Final = 10.0
WAIT_S: Final = 40.0
"""For so long a call waits for its turn and for its file."""
_MOST_WAITING: Final = 3
"""Files of one organisation that wait, in memory, each of up to 64 MiB."""
TOO_LONG: Final = "To read this file takes too long here: bring it by `pencilsdown import`."
ROSTER_TOO_LONG: Final = "To read this file takes too long here: bring it by `pencilsdown oneroster`."
BROKEN: Final = "This file can't be read: it asks for too much, or is damaged."


T = TypeVar("T", apart.Answer, rosters_apart.Answer)


class Bringing:
    """One file at a time, organisations in turn."""

    def __init__(self) -> None:
        self._rota = Rota(_MOST_WAITING)

    async def read(self, org_id: str, order: apart.Order, data: bytes) -> apart.Answer:
        """What an exam file says. Raises `ImportFault` where it can't be read, or not in time, and `Refused` where too
        many of the organisation wait."""
        written = msgspec.json.encode(order) + b"\n" + data
        return await self._ask(org_id, apart, written, apart.Answer, TOO_LONG)

    async def read_roster(self, org_id: str, data: bytes) -> rosters_apart.Answer:
        """The same for a zip of OneRoster files."""
        return await self._ask(org_id, rosters_apart, data, rosters_apart.Answer, ROSTER_TOO_LONG)

    async def _ask(self, org_id: str, program: ModuleType, written: bytes, kind: type[T], too_long: str) -> T:
        async with self._rota.of(org_id):
            try:
                async with asyncio.timeout(PATIENCE_S):
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
