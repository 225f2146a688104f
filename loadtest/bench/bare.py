"""Starts BASE, the bare web server beside which ours is measured."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from loadtest.capacity.usage import on_cores
from loadtest.drill.process import Process, until_listening
from loadtest.ports import free_port


@asynccontextmanager
async def bare_server() -> AsyncIterator[tuple[Process, int, Path]]:
    """BASE on the core on which a node would run: its process, its port, and a folder for the run."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="pencilsdown-bench-") as name:
        folder, port = Path(name), free_port()
        root = str(Path(__file__).parents[2])
        argv = [sys.executable, "-m", "loadtest.bench.base", str(port)]
        server = Process("base", argv, folder, {"PYTHONPATH": root})
        try:
            with on_cores({cores[0]}):
                await server.start()
            await until_listening(server, port)
            with on_cores(set(cores[1:] or cores)):
                yield server, port, folder
        finally:
            await server.close()
