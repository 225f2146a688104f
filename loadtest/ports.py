"""Free loopback ports that stay free while a server is being restarted on them."""

import os
import random
import socket
from collections import deque
from typing import Final

LOOPBACK = "127.0.0.1"

# Below the range from which Linux takes the ports of outgoing connections (32768 and up): one from there
# could go to any client while the server that owns it is down.
_FIRST, _LAST = 20_000, 32_000
_TRIES: Final = 1_000
_given: set[int] = set()
_GUARDED: Final = 200
_guards: Final[deque[int]] = deque()
"""UDP sockets at the ports that were given last, so that no other process of ours is given the same ones."""


def free_port() -> int:
    """A port on which nobody listens, never the same one twice in a run. While it is one of the last two hundred, no
    other process is given it either: many are given before their server listens, or while it is down."""
    for _ in range(_TRIES):
        port = random.randrange(_FIRST, _LAST)
        if port not in _given and (guard := _guard(port)) is not None:
            if _can_bind(port):
                _given.add(port)
                _guards.append(guard)
                if len(_guards) > _GUARDED:
                    os.close(_guards.popleft())
                return port
            os.close(guard)
    raise OSError(f"no free port between {_FIRST} and {_LAST} on {LOOPBACK}")


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _guard(port: int) -> int | None:
    """The descriptor of a socket that keeps the port for us; None: another process keeps it."""
    with socket.socket(type=socket.SOCK_DGRAM) as guard:
        try:
            guard.bind((LOOPBACK, port))
        except OSError:
            return None
        # A number: it stays open until the process ends, and nobody complains of that.
        return guard.detach()


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
