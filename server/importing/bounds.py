"""What a process may take that reads a file of others."""

import os
import resource
from typing import Final

_NICE: Final = 10
"""Those who sit go first."""
_MAX_CPU_S: Final = 20
_MAX_MEMORY_BYTES: Final = 2 * 1024**3


def bound_process() -> None:
    """Bounds this process. A hostile file hurts nobody else."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_S, _MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
