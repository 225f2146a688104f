"""A port that several processes listen on: the kernel spreads the connections over them."""

import socket


def shared_socket(host: str, port: int) -> socket.socket:
    """Bound, and not listening yet: it keeps the port, and takes no connections. Raises `OSError`."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.set_inheritable(False)
    except BaseException:
        bound.close()
        raise
    return bound
