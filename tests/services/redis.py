"""A private Redis that keeps nothing over a restart, as a cache may."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from tests.services.patience import PATIENCE_S
from tests.services.server import PrivateServer, find_binary


class RedisServer(PrivateServer):
    name: ClassVar = "redis"
    ready_line: ClassVar = "Ready to accept connections"

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"

    def command(self, *words: str) -> str:
        """What the server answers; an error is an error."""
        done = subprocess.run(
            [find_binary("redis-cli"), "-h", self.host, "-p", str(self.port), "-e", *words],
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        return done.stdout.strip()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freezes the server with its connections; clients are not told."""
        assert self._child is not None
        self._child.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._child.signal(signal.SIGCONT)

    def clear(self) -> None:
        """Drops every key. Subscriptions stay with their connections."""
        self.command("FLUSHALL")

    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        return [
            find_binary("redis-server"),
            *("--bind", self.host),
            *("--port", str(self.port)),
            *("--dir", str(self.folder)),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--daemonize", "no"),
        ]
