"""The parent of several workers: starts them on one port, replaces one that dies, and stops them in order.

It holds no attempt and no connection. Workers are nodes like any others: they meet in the database and over Redis.
"""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import ExitStack
from typing import Final

from server.process.hangup import ignore_hangup
from server.process.listening import shared_socket
from server.settings import PREFIX, InvalidSettings, Settings

log = logging.getLogger(__name__)

_SHORT_LIFE_S: Final = 10.0
"""A worker that ends sooner is replaced after a pause, which doubles from `_PAUSE_S` to `_LONGEST_PAUSE_S`."""
_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 10.0
_LAST_WAIT_S: Final = 5.0
"""Extra time beyond a worker's own stopping limit. Then the supervisor kills it."""


def check_workers(settings: Settings) -> None:
    """Whether several processes may serve with these settings. Raises `InvalidSettings`."""
    missing = []
    if not settings.on_postgres:
        missing.append(f"PostgreSQL ({PREFIX}DATABASE_URL): only one process may write to an embedded database")
    if not settings.redis_url:
        missing.append(f"Redis ({PREFIX}REDIS_URL): workers tell each other over it what they have done")
    if missing:
        raise InvalidSettings("\n".join(f"More than one worker needs {what}" for what in missing))


READY: Final = "ready"
"""What a worker says on its standard output once it serves. Its log goes to standard error."""


class Supervisor:
    """Keeps `count` workers running until it is told to stop."""

    def __init__(self, settings: Settings, count: int) -> None:
        self._settings = settings
        self._count = count
        self._running: dict[int, Process] = {}
        self._stop = asyncio.Event()
        self._in_order = True

    async def run(self) -> bool:
        """Returns after a signal, when all have ended; whether all ended in order. Raises `CannotListen`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop)
        ignore_hangup()
        with ExitStack() as reserved:
            port = reserved.enter_context(shared_socket(self._settings.host, self._settings.port)).getsockname()[1]
            if self._settings.ops_port:
                for index in range(self._count):
                    reserved.enter_context(shared_socket(self._settings.ops_host, self._settings.ops_port + index))
            async with asyncio.TaskGroup() as group:
                for index in range(self._count):
                    group.create_task(self._keep(index, port), name=f"worker {index}")
        return self._in_order

    def _told_to_stop(self) -> None:
        self._stop.set()
        for worker in self._running.values():
            _send(worker, signal.SIGTERM)

    async def _keep(self, index: int, port: int) -> None:
        pause_s = 0.0
        replaced = False
        while not self._stop.is_set():
            began = asyncio.get_running_loop().time()
            worker = await _start(index, port)
            self._running[index] = worker
            log.info("Worker %d runs as process %d", index, worker.pid)
            if self._stop.is_set():
                _send(worker, signal.SIGTERM)
            listening = asyncio.create_task(self._listen(index, worker, replaced=replaced))
            status = await self._wait(worker)
            del self._running[index]
            listening.cancel()
            replaced = True
            if self._stop.is_set():
                self._in_order &= status == 0
                return
            lived_s = asyncio.get_running_loop().time() - began
            pause_s = 0.0 if lived_s > _SHORT_LIFE_S else min(max(_PAUSE_S, 2 * pause_s), _LONGEST_PAUSE_S)
            log.error("Worker %d ended with status %d; another one takes its place in %.1f s", index, status, pause_s)
            await self._pause(pause_s)

    async def _listen(self, index: int, worker: Process, *, replaced: bool) -> None:
        """Waits until the worker serves. A replacement has no connections yet, because the dead worker's candidates
        went to the others. So the others send a share of their connections away."""
        assert worker.stdout is not None
        while line := await worker.stdout.readline():
            if replaced and line.decode().strip() == READY:
                for other, process in self._running.items():
                    if other != index:
                        _send(process, signal.SIGUSR1)

    async def _wait(self, worker: Process) -> int:
        """The exit status, once the worker has ended. After the order to stop it gets a limited time."""
        ended = asyncio.create_task(worker.wait())
        told = asyncio.create_task(self._stop.wait())
        await asyncio.wait([ended, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        patience_s = (self._settings.drain_notice_ms + self._settings.stop_ms) / 1000 + _LAST_WAIT_S
        if not ended.done() and not (await asyncio.wait([ended], timeout=patience_s))[0]:
            log.error("Process %d does not stop, and is killed", worker.pid)
            _send(worker, signal.SIGKILL)
        return await ended

    async def _pause(self, pause_s: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), pause_s)
        except TimeoutError:
            return


async def _start(index: int, port: int) -> Process:
    """A worker in a process group of its own: Ctrl+C is for the parent, which tells it."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "server.process.worker", str(index)),
        env=os.environ | {f"{PREFIX}PORT": str(port)},
        stdin=PIPE,
        stdout=PIPE,
        process_group=0,
    )


def _send(worker: Process, number: signal.Signals) -> None:
    if worker.returncode is None:
        worker.send_signal(number)
