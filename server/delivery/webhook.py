"""Sends events as webhooks, by the Standard Webhooks specification.

An address is checked where the socket is made for it, after the name was looked up: what is checked is what is
connected to, whatever the name stands for a moment later. Redirects are not followed, and of an answer no more is read
than is needed to use the connection again.
"""

import socket
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver

from protocol.events.delivering import Tried
from protocol.events.signing import headers_of
from server.delivery.receivers import REFUSED_ADDRESS, Network, may_reach, wrong_url

TIMEOUT_S: Final = 10.0
_CONNECT_S: Final = 5.0
_MOST_BYTES: Final = 4 * 1024
"""Of an answer; whoever sends more has the connection closed."""
_MOST_CONNECTIONS: Final = 256
_AGENT: Final = "PencilsDown-Webhooks/1"


class RefusedAddress(OSError):
    """The name stands for an address to which nothing is sent."""


class Webhooks:
    """Sends, with the connections of one node. `resolver`: what looks names up, where it is not the system.
    `timeout_s` is for all of one try, from the look-up to the end of what is read."""

    def __init__(
        self,
        networks: Sequence[Network],
        now_ms: Callable[[], int],
        resolver: AbstractResolver | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._networks = networks
        self._now_ms = now_ms
        self._resolver = resolver
        self._timeout_s = timeout_s
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def send(self, url: str, event_id: str, body: bytes, secrets: Sequence[str]) -> Tried:
        """One try. Never raises for what the receiver does."""
        # The operator may have taken a network back.
        wrong = wrong_url(url, self._networks)
        if wrong is not None:
            return Tried(None, wrong)
        headers = {
            "content-type": "application/json",
            "user-agent": _AGENT,
            "accept-encoding": "identity",
            **headers_of(event_id, self._now_ms() // 1000, body, secrets),
        }
        try:
            async with self._session(url.partition(":")[0]).post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                tried = Tried(answer.status, None, self._retry_after_ms(answer.headers.get("retry-after")))
                # A connection can be used again where the rest of the answer is short.
                if answer.content_length is None or answer.content_length > _MOST_BYTES:
                    answer.close()
                else:
                    await answer.content.read(_MOST_BYTES)
                return tried
        except TimeoutError:
            return Tried(None, f"no answer within {self._timeout_s:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Tried(None, _in_words(error))

    async def close(self) -> None:
        """Closes all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _session(self, scheme: str) -> aiohttp.ClientSession:
        found = self._sessions.get(scheme)
        if found is None:
            connector = aiohttp.TCPConnector(
                limit=_MOST_CONNECTIONS,
                use_dns_cache=False,
                resolver=self._resolver,
                socket_factory=self._socket_for(only_allowed=scheme == "http"),
            )
            found = self._sessions[scheme] = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._timeout_s, connect=_CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return found

    def _socket_for(self, *, only_allowed: bool) -> Callable[[Any], socket.socket]:
        def make(address: Any) -> socket.socket:
            family, kind, protocol, _, where = address
            if not may_reach(str(where[0]), self._networks, only_allowed=only_allowed):
                raise RefusedAddress(REFUSED_ADDRESS)
            made = socket.socket(family, kind, protocol)
            made.setblocking(False)
            return made

        return make

    def _retry_after_ms(self, text: str | None) -> int | None:
        """What a receiver asks for: seconds, or a date (RFC 9110 10.2.3)."""
        if text is None or len(text) > 64:
            return None
        if text.isascii() and text.isdecimal():
            return int(text) * 1000
        try:
            return max(0, round(parsedate_to_datetime(text).timestamp() * 1000) - self._now_ms())
        except (ValueError, OverflowError):
            return None


def _in_words(error: BaseException) -> str:
    """What went wrong, without what the receiver sent."""
    # Of several addresses the reasons stand one after the other in one text.
    if isinstance(error, aiohttp.ClientConnectorError) and REFUSED_ADDRESS in str(error.os_error):
        return REFUSED_ADDRESS
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "the certificate of the receiver is not valid"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no encrypted connection came about"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name of the receiver was not found"
    if isinstance(error, aiohttp.ClientConnectionError):
        return "no connection, or it was cut"
    return "the answer was no HTTP"
