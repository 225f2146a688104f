"""Raises this process's limit of sockets."""

import resource
from contextlib import suppress


def allow_many_sockets() -> None:
    """Every candidate is a socket here, and one more in a server that we start; the usual soft limit is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
