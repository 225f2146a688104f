"""`pencilsdown` as a process of its own that has imported nothing itself: see `tests.services.forkserver`.

It is what its command starts, but for the second of processor time that each start takes to import the server.
"""

import atexit
import json
import os
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

from tests.services.forkserver import Wanted
from tests.services.patience import PATIENCE_S

COMMAND: Final = Path(sys.executable).with_name("pencilsdown")
_ROOT: Final = Path(__file__).parents[2]
_MOST_BYTES: Final = 1_024


class Forked:
    """As much of `subprocess.Popen` as is needed of it. `stdout` has its standard error too."""

    def __init__(self, pid: int, stdout: TextIO, server: "ForkServer") -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._server = server

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

    def start(self, argv: Sequence[str | os.PathLike[str]], env: Mapping[str, str], cwd: Path | None) -> Forked:
        """Runs `COMMAND` with these arguments, in a session of its own."""
        wanted = Wanted(
            argv=[os.fspath(word) for word in argv], env=dict(env), cwd=None if cwd is None else os.fspath(cwd)
        )
        reading, writing = os.pipe()
        with self._starting:
            socket.send_fds(self._control, [json.dumps(wanted).encode()], [writing])
            os.close(writing)
            pid = self._started.get(timeout=PATIENCE_S)
        return Forked(pid, os.fdopen(reading, encoding="utf-8", errors="replace"), self)

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
