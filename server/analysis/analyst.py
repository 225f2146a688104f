"""Lets a process of its own work out what takes seconds of arithmetic: everybody who sits would feel it."""

import logging
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import suppress
from types import ModuleType
from typing import Final

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from server import programs
from server.pacing.rota import Rota

log = logging.getLogger(__name__)

_OURSELVES: Final = ""


class Analyst:
    """One analysis at a time, organisations in turn."""

    def __init__(self) -> None:
        self._rota = Rota(limits.MAX_ANALYSES_WAITING)

    async def ask(self, org_id: str | None, program: ModuleType, order: bytes, attempts: AsyncIterator[bytes]) -> bytes:
        """What `program` writes, given as its input a line of JSON, the `order`, and then what it reads of each
        attempt. For whom: an organisation, or None, the server itself. Raises `Refused` where too many of them wait,
        and where the program has not come to its end."""
        async with self._rota.of(org_id or _OURSELVES):
            process = await programs.start(program)
            try:
                found = await _converse(process, order, attempts)
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        _check(program, process.returncode)
        return found


async def _converse(process: Process, order: bytes, attempts: AsyncIterator[bytes]) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(order + b"\n")
    async for one in attempts:
        if process.returncode is not None:
            break
        process.stdin.write(one)
        # Whoever has ended reads no more: how it ended says why.
        with suppress(ConnectionError):
            await process.stdin.drain()
    process.stdin.close()
    found = await process.stdout.read()
    await process.wait()
    return found


def _check(program: ModuleType, status: int | None) -> None:
    """Raises `Refused` unless the program has come to its end."""
    if status == 0:
        return
    if status == -signal.SIGXCPU:
        # It came to one of its bounds.
        raise Refused(refuse(Code.TOO_LARGE, "This is too much to be worked out at once."))
    log.error("%s has ended with the status %s", program.__name__, status)
    detail = "The process that works this out has ended too early. Please try again; if this goes on, tell whoever runs"
    raise Refused(refuse(Code.INTERNAL, f"{detail} the server."))
