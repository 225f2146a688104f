"""Programs of ours that run beside the server: each works one thing out in a process of its own, and ends."""

import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from types import ModuleType
from typing import Final

_PASSED_ON: Final = ("PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "HOME", "XDG_CACHE_HOME")
"""Where programs are, and where it is kept what was compiled and which fonts there are: to find that out anew takes
longer than a short report. A program needs nothing of our settings, and so none of our secrets."""


async def start(program: ModuleType, *, errors: int | None = None) -> Process:
    """Runs the module `program`, which is written to and read from through pipes; `errors` as in
    `create_subprocess_exec`."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return await create_subprocess_exec(
        sys.executable, "-m", program.__name__, stdin=PIPE, stdout=PIPE, stderr=errors, env=environment
    )
