"""A process that has imported the server, and forks for each of its programs that it is asked for.

`python -m tests.services.forkserver`, with a Unix socket for messages as its standard input. A message is a `Wanted` in
JSON, with three descriptors: the program's input, output and errors. The answers are lists in JSON: the id of the new
process, and later its id and its exit status, which is -N when signal N ended it. It ends when the socket does.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from functools import cache
from typing import Final, TypedDict

_PRELOADED: Final = (
    *(
        "server.cli",
        "server.demo",
        "server.relay.redis",
        "server.process.serving",
        "server.process.starting",
        "server.process.workers",
    ),
    *("storage.migrate", "storage.postgresql", "storage.sqlite", "storage.log.postgresql", "storage.revision"),
    *("uvicorn.lifespan.on", "uvicorn.loops.uvloop"),
)
"""With all that these import it is what most servers need. The rest each process imports by itself."""
_LATE: Final = {"server.analysis.report_file": "server.exporting.pdf"}
"""What a program imports only as it runs."""
_MOST_BYTES: Final = 1 << 18


class Wanted(TypedDict):
    """What to run: the `main` of a module. `argv` begins with the path of the program."""

    module: str
    argv: list[str]
    env: dict[str, str]
    cwd: str | None


def main() -> None:
    """Serves until the socket ends. In a process that was forked it goes on as the program instead."""
    for name in _PRELOADED:
        importlib.import_module(name)
    _keep()
    control = socket.socket(fileno=0)
    if (module := _program(control)) is not None:
        control.detach()
        sys.modules[module].main()
        # Who comes here is no command. To take all that was imported apart again costs more than what it has done.
        sys.stdout.flush()
        os._exit(0)


def _keep() -> None:
    """Nothing that was imported is garbage, and looking at it would copy it in each process."""
    gc.collect()
    gc.freeze()


@cache
def _prepare(module: str) -> None:
    """Imports it here, so that no process has to."""
    importlib.import_module(module)
    if module in _LATE:
        importlib.import_module(_LATE[module])
    _keep()


def _program(control: socket.socket) -> str | None:
    """None: the socket has ended. Else this is a new process, set up as the program that was asked for: its module."""
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 1_024)
            _tell_who_has_ended(control)
        if control.fileno() in ready:
            data, streams, _, _ = socket.recv_fds(control, _MOST_BYTES, 3)
            if not data:
                return None
            wanted: Wanted = json.loads(data)
            _prepare(wanted["module"])
            pid = os.fork()
            if pid == 0:
                _set_up(wanted, streams)
                return wanted["module"]
            for stream in streams:
                os.close(stream)
            control.send(json.dumps([pid]).encode())


def _tell_who_has_ended(control: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0] != 0:
            pid, status = ended
            control.send(json.dumps([pid, os.waitstatus_to_exitcode(status)]).encode())


def _set_up(wanted: Wanted, streams: list[int]) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard, stream in enumerate(streams):
        os.dup2(stream, standard)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(wanted["env"])
    if wanted["cwd"] is not None:
        os.chdir(wanted["cwd"])
    sys.argv[:] = wanted["argv"]


if __name__ == "__main__":
    main()
