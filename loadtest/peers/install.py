"""Installs a peer under `build/`, from its own lock file: none of it is a dependency of the project."""

import hashlib
import shutil
import sys
from pathlib import Path
from typing import Final

from loadtest.drill.process import find_program, run_program
from loadtest.peers.peer import Peer

_BUILD: Final = Path("build/peers")
_TIMEOUT_S: Final = 600.0


async def installed(peer: Peer) -> Path:
    """The folder in which it is; installed anew where its files have changed. Raises `StageError`."""
    files = sorted(file for file in peer.app.iterdir() if file.is_file())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    folder = (_BUILD / f"{peer.app.name}-{digest[:12]}").absolute()
    done = folder / ".installed"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        await (_python if peer.language == "python" else _node)(peer, folder)
        done.touch()
    return folder


async def _python(peer: Peer, folder: Path) -> None:
    await run_program([sys.executable, "-m", "venv", folder], folder, _TIMEOUT_S)
    pip = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install", "--require-hashes")
    argv: list[str | Path] = [folder / "bin" / "python", *pip, "--requirement", peer.app / "requirements.lock"]
    await run_program(argv, folder, _TIMEOUT_S)


async def _node(peer: Peer, folder: Path) -> None:
    for file in peer.app.iterdir():
        shutil.copy(file, folder)
    await run_program([find_program("npm"), "ci", "--no-audit", "--no-fund"], folder, _TIMEOUT_S)
