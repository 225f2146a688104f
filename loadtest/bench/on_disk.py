"""Whether a folder is on a disk."""

from pathlib import Path
from typing import Final

from loadtest.drill.process import Impossible

_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


def check_on_disk(folder: Path) -> None:
    """Raises `Impossible` where it is in memory: there nothing is durable, and committing costs nothing."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    inside = [(mount, kind) for _, mount, kind, *_ in mounts if folder.resolve().is_relative_to(mount)]
    # Of several file systems at one place the last one counts.
    mount, kind = max(reversed(inside), key=lambda one: len(one[0]))
    if kind in _IN_MEMORY:
        raise Impossible(f"{folder} is in memory ({kind} at {mount}): set TMPDIR to a folder on a disk")
