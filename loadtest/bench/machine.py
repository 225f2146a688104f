"""What a benchmark ran on."""

import os
import platform

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """`cores`: those that this process may use."""

    system: str
    python: str
    cores: int
    memory_mib: int


def this_machine() -> Machine:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(platform.platform(), platform.python_version(), len(os.sched_getaffinity(0)), memory >> 20)
