"""Calls of the REST API: what each of them needs, whatever its address.

Errors: `Refused` with the server's own words, or `aiohttp.ClientError` where no answer came. A call that came too soon
after others waits as long as the server says, and is made again.
"""

import asyncio
from typing import Any, Final, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec

from clients.python.errors import Refused
from protocol.codes import Code
from protocol.rest.body import DEVICE_HEADER, IDEMPOTENCY_HEADER
from protocol.rest.problems import Problem

TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
"""One call, from the wait for a connection to the last byte."""

_WAIT: Final = frozenset({Code.RATE_LIMITED, Code.IDEMPOTENCY_KEY_IN_USE})
"""Refusals after which the same call is made again."""
_JSON: Final = {"Content-Type": "application/json"}
T = TypeVar("T")


class Calls:
    """One server, one token, and a pool of connections that others may share."""

    def __init__(self, base_url: str, token: str, http: aiohttp.ClientSession) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._http = http
        self._key: str | None = None
        """The idempotency key of its POSTs."""
        self._tags: dict[str, str] | None = None
        """Path → the tag of what was last read or stored there, where changes are to be careful."""
        self._devices: dict[str, str] = {}
        """Attempt → the device that came back to it: each further call about it names that device."""

    async def _on(
        self,
        attempt_id: str,
        method: str,
        name: str,
        kind: type[T],
        body: msgspec.Struct | None = None,
        query: dict[str, str] | None = None,
    ) -> T:
        path = f"/test-attempts/{part(attempt_id)}/{name}"
        return await self._call(method, path, kind, body, query, self._devices.get(attempt_id))

    async def _call(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: msgspec.Struct | None = None,
        query: dict[str, str] | None = None,
        device: str | None = None,
    ) -> T:
        headers = {"Authorization": f"Bearer {self._token}"}
        if device is not None:
            headers[DEVICE_HEADER] = device
        data = None
        if body is not None:
            headers |= _JSON
            data = msgspec.json.encode(body)
        content = await self._send(method, path, headers, query, data)
        return msgspec.json.decode(content, type=kind)

    async def _upload(
        self,
        path: str,
        kind: type[T],
        data: bytes,
        query: dict[str, str] | None = None,
        device: str | None = None,
    ) -> T:
        """Sends a file."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/octet-stream"}
        if device is not None:
            headers[DEVICE_HEADER] = device
        return msgspec.json.decode(await self._send("POST", path, headers, query, data), type=kind)

    async def _file(self, path: str, device: str | None, query: dict[str, str] | None = None) -> bytes:
        """Fetches a file."""
        headers = {"Authorization": f"Bearer {self._token}"}
        if device is not None:
            headers[DEVICE_HEADER] = device
        return await self._send("GET", path, headers, query, None)

    async def _table(self, path: str, query: dict[str, str]) -> str:
        """A table as CSV."""
        return (await self._send("GET", path, {"Authorization": f"Bearer {self._token}"}, query, None)).decode()

    async def _send(
        self, method: str, path: str, headers: dict[str, str], query: dict[str, str] | None, data: bytes | None
    ) -> bytes:
        if method == "POST" and self._key is not None:
            headers[IDEMPOTENCY_HEADER] = self._key
        if method in ("PUT", "DELETE") and self._tags is not None and path in self._tags:
            headers["If-Match"] = self._tags[path]
        while True:
            async with self._http.request(
                method, self._base_url + path, params=query, data=data, headers=headers, timeout=TIMEOUT
            ) as response:
                content = await response.read()
            if response.ok:
                if self._tags is not None and "ETag" in response.headers and not query:
                    self._tags[path] = response.headers["ETag"]
                return content
            problem = _problem(response, content)
            if not isinstance(problem, Refused) or problem.code not in _WAIT or problem.after_s is None:
                raise problem
            # Nothing was done, and the server says when it will be.
            await asyncio.sleep(problem.after_s)


def part(identifier: str) -> str:
    """An id as a step of a path."""
    return quote(identifier, safe="")


def given(**fields: Any) -> dict[str, str]:
    """A query of those that are said: texts, whole numbers, and yes or no as 1 or 0."""
    return {
        name: str(int(value) if isinstance(value, bool) else value)
        for name, value in fields.items()
        if value is not None
    }


def _after_s(response: aiohttp.ClientResponse) -> float | None:
    """`Retry-After` in seconds, the only form that this server uses."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _problem(response: aiohttp.ClientResponse, content: bytes) -> Exception:
    try:
        return Refused.of(msgspec.json.decode(content, type=Problem), _after_s(response))
    except msgspec.DecodeError:
        # Not the server but something in front of it has answered.
        return aiohttp.ClientResponseError(
            response.request_info, response.history, status=response.status, message=response.reason or ""
        )
