"""`pencilsdown`, and the programs beside a server, as processes that have imported nothing themselves: see
`tests.services.forkserver`.

Each is what is started otherwise, but for the processor time that it takes to import what it needs: a second for
`pencilsdown`.
"""

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TextIO

from storage.sharing import outcome_of
from tests.services.forkserver import Wanted
from tests.services.patience import PATIENCE_S

COMMAND: Final = Path(sys.executable).with_name("pencilsdown")
_ROOT: Final = Path(__file__).parents[2]
_MOST_BYTES: Final = 1_024


class Forked:
    """As much of `subprocess.Popen` as is needed of it."""

    def __init__(self, wanted: Wanted, streams: Sequence[int]) -> None:
        self._server = fork_server()
        self.pid = self._server.start(wanted, streams)
        self.returncode: int | None = None

    def wait(self) -> int:
        """The exit status, once it has ended."""
        if self.returncode is None:
            self.returncode = self._server.status_of(self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Nothing happens when it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class ForkedCommand(Forked):
    """`COMMAND` with these arguments. `stdout` has its standard error too."""

    def __init__(self, argv: Sequence[str | os.PathLike[str]], env: Mapping[str, str], cwd: Path | None) -> None:
        reading, writing = os.pipe()
        with open(os.devnull) as nothing:
            super().__init__(
                Wanted(
                    module="server.cli",
                    argv=[os.fspath(word) for word in argv],
                    env=dict(env),
                    cwd=None if cwd is None else os.fspath(cwd),
                ),
                [nothing.fileno(), writing, writing],
            )
        os.close(writing)
        self.stdout: TextIO = os.fdopen(reading, encoding="utf-8", errors="replace")


class ForkedProgram:
    """As much of `asyncio.subprocess.Process` as `server.programs` needs of it."""

    def __init__(self, forked: Forked, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self._forked = forked
        self._ended = asyncio.ensure_future(asyncio.to_thread(forked.wait))

    @property
    def returncode(self) -> int | None:
        return self._forked.returncode

    def kill(self) -> None:
        self._forked.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        status = await outcome_of(self._ended)
        self.stdin.close()
        return status

    async def communicate(self, written: bytes) -> tuple[bytes, None]:
        self.stdin.write(written)
        with suppress(BrokenPipeError, ConnectionResetError):
            await self.stdin.drain()
        self.stdin.close()
        found = await self.stdout.read()
        await self.wait()
        return found, None


async def forked_program(
    executable: str, option: str, module: str, *, env: Mapping[str, str], stderr: int | None, **_: int
) -> ForkedProgram:
    """In place of `server.programs.create_subprocess_exec`."""
    loop = asyncio.get_running_loop()
    (their_input, our_input), (our_output, their_output) = os.pipe(), os.pipe()
    with open(os.devnull, "w") as nothing:
        errors = sys.stderr if stderr is None else nothing
        forked = await asyncio.to_thread(
            Forked,
            Wanted(module=module, argv=[executable], env=dict(env), cwd=None),
            [their_input, their_output, errors.fileno()],
        )
    os.close(their_input)
    os.close(their_output)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_output, "rb"))
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(our_input, "wb"))
    return ForkedProgram(forked, asyncio.StreamWriter(transport, protocol, None, loop), reader)


class ForkServer:
    """The one of this process, which ends with it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.forkserver"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            cwd=_ROOT,
            start_new_session=True,
        )
        theirs.close()
        self._starting = threading.Lock()
        self._started = SimpleQueue[int]()
        self._statuses: dict[int, int] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, name="fork server", daemon=True).start()
        atexit.register(self._close)

    def start(self, wanted: Wanted, streams: Sequence[int]) -> int:
        """Runs a program in a session of its own, with these as its input, its output and its errors: its id."""
        with self._starting:
            socket.send_fds(self._control, [json.dumps(wanted).encode()], streams)
            return self._started.get(timeout=PATIENCE_S)

    def status_of(self, pid: int) -> int:
        """Its exit status, once it has ended; it is told once."""
        with self._changed:
            self._changed.wait_for(lambda: pid in self._statuses)
            return self._statuses.pop(pid)

    def _listen(self) -> None:
        while data := self._control.recv(_MOST_BYTES):
            pid, *status = json.loads(data)
            if not status:
                self._started.put(pid)
                continue
            with self._changed:
                self._statuses[pid] = status[0]
                self._changed.notify_all()

    def _close(self) -> None:
        self._control.shutdown(socket.SHUT_RDWR)
        self._process.wait()


@cache
def fork_server() -> ForkServer:
    """Started when it is first needed."""
    return ForkServer()
