"""Which Redis a URL means, and connections to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio.connection import AbstractConnection, ConnectionPool, parse_url
from redis.exceptions import RedisError

Address = tuple[str, int]
"""Host and port; of a Unix socket its path and 0."""

SCHEMES: Final = ("redis://", "rediss://", "unix://", "redis+cluster://", "rediss+cluster://")
_PORT: Final = 6379
_CONNECTS_S: Final = 2
# Messages arrive as plain replies, and the library must not reconnect without our knowledge. Callers set the time-outs,
# because the library's own limit on writing can swallow a cancellation.
_FIXED: Final[dict[str, Any]] = {
    "protocol": 2,
    "decode_responses": False,
    "retry": None,
    "health_check_interval": 0,
    "socket_timeout": None,
    "socket_connect_timeout": _CONNECTS_S,
}


class Servers:
    """What `PENCILSDOWN_REDIS_URL` says: one Redis, or some servers of a cluster with user and password for all of it.

    Raises `ValueError`, whose words do not repeat the URL.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(SCHEMES):
            raise ValueError(f"must begin with {', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}")
        scheme, _, rest = url.partition("://")
        self.are_cluster = scheme.endswith("+cluster")
        try:
            if self.are_cluster:
                self._options, self.seeds = _cluster(scheme.removesuffix("+cluster"), rest)
            else:
                self._options = dict(parse_url(url))
                self.seeds = (_address(self._options),)
            self._make(self.seeds[0])
        except (ValueError, TypeError):
            form = "redis+cluster://HOST:PORT,HOST:PORT" if self.are_cluster else "redis://HOST:PORT/NUMBER"
            raise ValueError(f"is not a Redis URL; {form} is one") from None

    @asynccontextmanager
    async def connection(self, address: Address) -> AsyncIterator[AbstractConnection]:
        """A connection to one of the servers. Raises `RedisError` or `OSError`."""
        connection = self._make(address)
        try:
            async with asyncio.timeout(_CONNECTS_S):
                await connection.connect()  # type: ignore[no-untyped-call]
            yield connection
        finally:
            # With TLS there are parting words; a peer that stands still does not get to say them.
            with suppress(RedisError, OSError):
                await connection.disconnect()

    def _make(self, address: Address) -> AbstractConnection:
        options = self._options | _FIXED
        if "path" not in options:
            options |= {"host": address[0], "port": address[1]}
        connection: AbstractConnection = ConnectionPool(**options).make_connection()  # type: ignore[no-untyped-call]
        return connection


def _cluster(scheme: str, rest: str) -> tuple[dict[str, Any], tuple[Address, ...]]:
    """The options for every server, and the ones that are named."""
    parts = urlsplit(f"{scheme}://{rest}")
    if parts.path not in ("", "/", "/0") or parts.fragment:
        raise ValueError("a cluster has no databases")
    user, at, hosts = parts.netloc.rpartition("@")
    urls = [f"{scheme}://{user}{at}{host}/?{parts.query}" for host in hosts.split(",")]
    if not all(urlsplit(url).hostname for url in urls):
        raise ValueError("a server without a name")
    options = [dict(parse_url(url)) for url in urls]
    if any(one.get("db") for one in options):
        raise ValueError("a cluster has no databases")
    return options[0], tuple(_address(one) for one in options)


def _address(options: dict[str, Any]) -> Address:
    if "path" in options:
        return options["path"], 0
    return options.get("host", "localhost"), options.get("port", _PORT)
