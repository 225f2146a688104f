"""Child processes whose output can be waited for, and that never outlive the tests.

A `ChildProcess` is a program in a process group of its own. `kill()` is `kill -9` of that one program, as a
crash is; `close()` ends whatever is left of the group. Every wait has a limit, ends at once when the child
does, and says what the child printed. The waits block; from a coroutine call `line()`, `port()` and `exit()`.
"""

import asyncio
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from loadtest.ports import is_listening
from tests.services.forking import COMMAND, ForkedCommand
from tests.services.patience import PATIENCE_S

_PROBE_INTERVAL_S = 0.01


class ChildFailed(AssertionError):
    """A child ended, or kept silent for too long. The message holds the end of its output."""


class ChildProcess:
    """One running program: `argv`, with its standard error in its standard output.

    `env` is added to our own environment, from which our settings (`PENCILSDOWN_*`) are taken out first.
    """

    def __init__(
        self,
        argv: Sequence[str | os.PathLike[str]],
        *,
        name: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name or Path(argv[0]).name
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PENCILSDOWN_")}
        given = dict(env or {})
        # What the loader or the interpreter reads has to be there when a program starts.
        forks = argv[0] == COMMAND and not any(name.startswith(("LD_", "PYTHON")) for name in given)
        self._process = _started(argv, inherited | {"PYTHONUNBUFFERED": "1"} | given, cwd, forks=forks)
        self._lines: list[str] = []
        self._exited = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name=f"{self.name} output", daemon=True)
        self._waiter = threading.Thread(target=self._reap, name=f"{self.name} exit", daemon=True)
        self._reader.start()
        self._waiter.start()

    # What it is

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return not self._exited

    @property
    def returncode(self) -> int | None:
        """None while it runs; -N when signal N ended it."""
        return self._process.returncode if self._exited else None

    @property
    def output(self) -> str:
        """Everything it has printed so far."""
        with self._changed:
            return "".join(self._lines)

    # Waiting

    def wait_for_line(self, pattern: str, *, timeout: float = PATIENCE_S) -> re.Match[str]:
        """The first match of `pattern` in a line it has printed, or prints within `timeout` seconds."""
        compiled = re.compile(pattern)
        deadline = time.monotonic() + timeout
        seen = 0
        with self._changed:
            while True:
                for line in self._lines[seen:]:
                    if match := compiled.search(line):
                        return match
                seen = len(self._lines)
                if self._exited:
                    raise self._failure(f"ended with {self.returncode} before it printed {pattern!r}")
                if not self._changed.wait(deadline - time.monotonic()):
                    raise self._failure(f"did not print {pattern!r} within {timeout} s")

    def wait_for_port(self, port: int, *, timeout: float = PATIENCE_S) -> None:
        """Returns when somebody listens on the loopback `port`. Prefer a line: a port has no event."""
        deadline = time.monotonic() + timeout
        while not is_listening(port):
            if self._exited:
                raise self._failure(f"ended with {self.returncode} before it listened on {port}")
            if time.monotonic() > deadline:
                raise self._failure(f"did not listen on {port} within {timeout} s")
            time.sleep(_PROBE_INTERVAL_S)

    def wait(self, *, timeout: float = PATIENCE_S) -> int:
        """The exit status, once it has ended by itself."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._exited, timeout):
                raise self._failure(f"still ran after {timeout} s")
        assert self._process.returncode is not None
        return self._process.returncode

    async def line(self, pattern: str, *, timeout: float = PATIENCE_S) -> re.Match[str]:
        return await asyncio.to_thread(self.wait_for_line, pattern, timeout=timeout)

    async def port(self, port: int, *, timeout: float = PATIENCE_S) -> None:
        await asyncio.to_thread(self.wait_for_port, port, timeout=timeout)

    async def exit(self, *, timeout: float = PATIENCE_S) -> int:
        return await asyncio.to_thread(self.wait, timeout=timeout)

    # Ending

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to this one program; nothing happens when it has ended."""
        self._process.send_signal(number)

    def terminate(self, *, timeout: float = PATIENCE_S) -> int:
        """SIGTERM, and the exit status once it has ended in order."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout=timeout)

    def kill(self) -> int:
        """SIGKILL, as in a crash. The exit status: -9, or its own if it had ended before."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def close(self) -> None:
        """Leaves nothing behind: kills what is left of it and of its children."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    # Threads

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()

    def _reap(self) -> None:
        self._process.wait()
        self._reader.join(timeout=1)  # its last words; a grandchild may hold the pipe open for longer
        with self._changed:
            self._exited = True
            self._changed.notify_all()

    def _failure(self, what: str) -> ChildFailed:
        tail = "".join(self._lines[-40:]).rstrip() or "(nothing)"
        return ChildFailed(f"{self.name} (pid {self.pid}) {what}. It printed:\n{tail}")


def _started(
    argv: Sequence[str | os.PathLike[str]], env: Mapping[str, str], cwd: Path | None, *, forks: bool
) -> subprocess.Popen[str] | ForkedCommand:
    if forks:
        return ForkedCommand(argv, env, cwd)
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


class Processes:
    """The children of one test: started here, gone when it is closed."""

    def __init__(self) -> None:
        self._children: list[ChildProcess] = []

    def start(
        self,
        argv: Sequence[str | os.PathLike[str]],
        *,
        name: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> ChildProcess:
        child = ChildProcess(argv, name=name, env=env, cwd=cwd)
        self._children.append(child)
        return child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            child.close()
