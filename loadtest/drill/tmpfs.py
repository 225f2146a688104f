"""A small file system in memory that can be filled and emptied again: a disk that is full, on purpose."""

import ctypes
import os
import subprocess
from pathlib import Path
from typing import Final

from loadtest.drill.process import Impossible

_BALLAST: Final = ".ballast"
_BLOCK: Final = 64 * 1024
_NEW_MOUNTS: Final = 0x0002_0000


def keep_mounts_private() -> None:
    """From here on what this process mounts is seen by its own children only, and ends with them, however they end.
    Does nothing where that is not allowed."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None and unshare(_NEW_MOUNTS) == 0:
        subprocess.run(["mount", "--make-rprivate", "/"], timeout=10, check=False)  # noqa: S607


class Tmpfs:
    """Mounted on an empty folder, by root where mounting is allowed."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        """Raises `Impossible` where it is not allowed."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(  # noqa: S603
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "pencilsdown-drill", os.fspath(folder)],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        if done.returncode != 0:
            raise Impossible(f"mounting is not possible here: {done.stderr.strip()}")

    def fill(self) -> None:
        """Takes every free block."""
        with (self.folder / _BALLAST).open("ab", buffering=0) as ballast:
            for size in (_BLOCK, 4096, 512):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    continue

    def drain(self) -> None:
        """Gives them back."""
        (self.folder / _BALLAST).unlink(missing_ok=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", os.fspath(self.folder)], timeout=10, check=False)  # noqa: S603, S607
