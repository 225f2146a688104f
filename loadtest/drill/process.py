"""One program of the stage: in a session of its own, ended with us, its output in a file."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from loadtest.ports import LOOPBACK

HOST: Final = LOOPBACK

_POLL_S: Final = 0.05
_SETPRIV: Final = shutil.which("setpriv")


class StageError(Exception):
    """A program of the stage is missing, did not start, or did not end. Nothing is said about the server by it."""


class Impossible(StageError):
    """This machine does not allow it, or lacks what it takes."""


class Process:
    """Each `start` runs `argv` anew, with `env` besides what we have. Signals go to this one program, and never to
    one that has ended."""

    def __init__(
        self, name: str, argv: Sequence[str | os.PathLike[str]], folder: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.argv = argv
        self.env = dict(env or {})
        self.log = folder / f"{name}.log"
        self._folder = folder
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.returncode is None

    @property
    def output(self) -> str:
        """Everything that it has printed."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    async def start(self) -> None:
        """Starts it; it may not be ready yet."""
        assert not self.running, f"{self.name} runs already"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PENCILSDOWN_")}
        # Whatever becomes of us, it does not stay behind.
        leash = [_SETPRIV, "--pdeathsig", "KILL"] if _SETPRIV else []
        with self.log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                *leash,
                *self.argv,
                cwd=self._folder,
                env=inherited | self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """To this one program."""
        if self.running:
            assert self._child is not None
            self._child.send_signal(number)

    async def wait(self, timeout_s: float = 30.0) -> int:
        """Its exit status. Raises `StageError` where it does not end."""
        assert self._child is not None
        try:
            async with asyncio.timeout(timeout_s):
                return await self._child.wait()
        except TimeoutError:
            raise StageError(f"{self.name} did not end within {timeout_s:.0f} s; see {self.log}") from None

    async def kill(self) -> None:
        """`kill -9`."""
        if self._child is not None:
            self.signal(signal.SIGKILL)
            await self.wait()

    async def close(self) -> None:
        """Ends it and whatever it has started."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            await self.wait()


def find_program(name: str, more_folders: Iterable[Path] = ()) -> Path:
    """Raises `Impossible`."""
    found = shutil.which(name)
    if found:
        return Path(found)
    for folder in more_folders:
        if (folder / name).is_file():
            return folder / name
    raise Impossible(f"{name} is not installed")


async def run_program(argv: Sequence[str | os.PathLike[str]], folder: Path, timeout_s: float = 60.0) -> str:
    """The output of a program that must succeed. Raises `StageError`."""
    child = await asyncio.create_subprocess_exec(
        *argv,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await child.communicate()
    except TimeoutError:
        child.kill()
        await child.wait()
        raise StageError(f"{Path(argv[0]).name} did not end within {timeout_s:.0f} s") from None
    text = output.decode("utf-8", "replace")
    if child.returncode != 0:
        raise StageError(f"{Path(argv[0]).name} ended with {child.returncode}: {text[-2_000:]}")
    return text


async def until_listening(process: Process, port: int, timeout_s: float = 30.0) -> None:
    """Returns when it accepts connections on that port. Raises `StageError`."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        if not process.running:
            raise StageError(f"{process.name} ended before it served; see {process.log}")
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            if time.monotonic() > give_up_at:
                raise StageError(f"{process.name} does not serve; see {process.log}") from None
            await asyncio.sleep(_POLL_S)
        else:
            writer.close()
            return
