"""A process that has imported the server, and forks for each `pencilsdown` that it is asked for.

`python -m tests.services.forkserver`, with a Unix socket for messages as its standard input. A message is a `Wanted` in
JSON, with a descriptor for the program's output. The answers are lists in JSON: the id of the new process, and later
its id and its exit status, which is -N when signal N ended it. It ends when the socket does.
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
_MOST_BYTES: Final = 1 << 18


class Wanted(TypedDict):
    """What to run. `argv` begins with the path of the program."""

    argv: list[str]
    env: dict[str, str]
    cwd: str | None


def main() -> None:
    """Serves until the socket ends. In a process that was forked it goes on as the program instead."""
    for name in _PRELOADED:
        importlib.import_module(name)
    # Nothing of this is garbage, and looking at it would copy it in each process.
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=0)
    if _is_program(control):
        control.detach()
        from server.cli import main as run

        run()


def _is_program(control: socket.socket) -> bool:
    """False: the socket has ended. True: this is a new process, and is set up as the program that was asked for."""
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
            data, outputs, _, _ = socket.recv_fds(control, _MOST_BYTES, 1)
            if not data:
                return False
            pid = os.fork()
            if pid == 0:
                _set_up(json.loads(data), outputs[0])
                return True
            os.close(outputs[0])
            control.send(json.dumps([pid]).encode())


def _tell_who_has_ended(control: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0] != 0:
            pid, status = ended
            control.send(json.dumps([pid, os.waitstatus_to_exitcode(status)]).encode())


def _set_up(wanted: Wanted, output: int) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(wanted["env"])
    if wanted["cwd"] is not None:
        os.chdir(wanted["cwd"])
    sys.argv[:] = wanted["argv"]


if __name__ == "__main__":
    main()
