"""The script for platforms, `docs/workflow`: a public generator makes its client from the document that the server
publishes, the strict compiler takes it, and it goes the whole way against a real server."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from loadtest.ports import free_port
from tests.docs.pages import ROOT
from tests.server.conftest import StartServer
from tests.server.harness.clock import MovableClock

FOLDER: Final = ROOT / "docs" / "workflow"


async def run(folder: Path, *command: str, **environment: str) -> str:
    """What a program has printed, which must succeed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=os.environ | environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, told.decode()
    return told.decode()


@pytest.mark.slow
async def test_a_generated_client_goes_the_whole_way(start_server: StartServer, tmp_path: Path) -> None:
    # The script checks when it was told what by the host's time.
    server = await start_server(clock=MovableClock(), webhook_networks=("127.0.0.0/8",))
    folder = tmp_path / "workflow"
    folder.mkdir()
    for name in ("package.json", "tsconfig.json", "workflow.ts"):
        shutil.copy(FOLDER / name, folder)
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    (folder / "openapi.json").write_bytes((await server.call("GET", "/openapi.json")).raw)
    told = await run(folder, "npm", "run", "--silent", "generate")
    assert "warn" not in told.lower(), told
    await run(folder, "npm", "run", "--silent", "build")
    environment = {
        "SERVER_URL": server.settings.url,
        "SERVICE_TOKEN": server.service,
        "RECEIVER_PORT": str(free_port()),
    }
    assert "The whole way is gone." in await run(folder, "npm", "run", "--silent", "start", **environment)
