"""Sockets that are bound before a server starts: where that fails, an operator is told before anything else happens."""

import os
import socket

from server.settings import PREFIX


class CannotListen(Exception):
    """The address and the port, and why nothing can listen there."""


def sockets_at(host: str, port: int) -> list[socket.socket]:
    """Bound for this process alone, one for each address of `host`, and not listening yet. Raises `CannotListen`."""
    bound: list[socket.socket] = []
    try:
        for family, where in _addresses(host, port):
            bound.append(_bind(family, where, shared=False))
    except BaseException as error:
        for one in bound:
            one.close()
        if isinstance(error, OSError):
            raise _cannot_listen(host, port, error) from error
        raise
    return bound


def shared_socket(host: str, port: int) -> socket.socket:
    """Bound so that several processes may listen there, and not listening yet: it keeps the port and takes no
    connections. The kernel spreads connections over those that listen. Raises `CannotListen`."""
    try:
        family, where = _addresses(host, port)[0]
        return _bind(family, where, shared=True)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, where) for family, _, _, _, where in found))


def _bind(family: socket.AddressFamily, where: tuple[object, ...], *, shared: bool) -> socket.socket:
    # asyncio's own loop sends small writes at once only where a socket names its protocol; else an answer in two writes
    # waits 40 ms for the peer's acknowledgement of the first.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(where)
        bound.set_inheritable(False)
    except BaseException:
        bound.close()
        raise
    return bound


def _cannot_listen(host: str, port: int, error: OSError) -> CannotListen:
    shown = f"[{host}]" if ":" in host else host
    why = error.strerror or os.strerror(error.errno or 0)
    return CannotListen(
        f"{shown}:{port}: {why}\nChoose another {PREFIX}HOST or {PREFIX}PORT, or end what listens there."
    )
