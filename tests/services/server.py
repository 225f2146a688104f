"""The common part of a private PostgreSQL and a private Redis: a folder, a port, and methods to start, stop and kill
it."""

import os
import shutil
import signal
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from loadtest.ports import LOOPBACK, free_port
from tests.services.processes import ChildProcess


class MissingBinary(RuntimeError):
    """A program that the tests need is not installed."""


class PrivateServer(ABC):
    """A server of ours on a free loopback port, the same after a restart. Leaving its context removes it."""

    name: ClassVar[str]
    ready_line: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"pencilsdown-{self.name}-"))
        self.host = LOOPBACK
        self.port = free_port()
        self._child: ChildProcess | None = None

    @abstractmethod
    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        """What starts it in the foreground."""

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def output(self) -> str:
        """What it printed since its last start."""
        return self._child.output if self._child else ""

    def start(self) -> None:
        """Starts it unless it runs; returns when it accepts connections."""
        if self.running:
            return
        self._forget()
        self._child = ChildProcess(self._argv(), name=self.name, cwd=self.folder)
        self._child.wait_for_line(self.ready_line)

    def stop(self) -> None:
        """Ends it in order: clients are told, data is written."""
        if self._child is not None and self.running:
            self._child.signal(self.stop_signal)
            self._child.wait()

    def kill(self) -> None:
        """Ends it as a crash does."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._forget()
        shutil.rmtree(self.folder)

    def _forget(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


def find_binary(name: str, *more_folders: Iterable[Path]) -> Path:
    """The program `name`, from the search path or else from one of the folders."""
    if found := shutil.which(name):
        return Path(found)
    for folders in more_folders:
        for folder in folders:
            if (folder / name).is_file():
                return folder / name
    raise MissingBinary(f"{name} is not installed; tests/system-packages.sh installs what the tests need")
