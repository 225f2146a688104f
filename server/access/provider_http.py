"""One look at an identity provider, over HTTP."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp

TIMEOUT_S: Final = 3
"""Limit for the whole answer: a provider that sends a byte now and then counts as away."""
_MOST_BYTES: Final = 256 * 1024
_HEADERS: Final = {"accept": "application/json", "accept-encoding": "identity"}


class ProviderAway(OSError):
    """No answer came, or half of one."""


async def get(url: str) -> bytes:
    """The provider's answer. Raises `ValueError` if it cannot be what was asked for, and `OSError` if there is no
    answer."""
    status, data = await _ask("GET", url, headers=_HEADERS)
    if status != 200:
        raise ValueError(f"it answers {status}")
    return data


async def post_form(url: str, form: Mapping[str, str], basic: tuple[str, str] | None) -> tuple[int, bytes]:
    """The status and the body of its answer; `basic` are a client's id and secret. Raises like `get`."""
    headers = dict(_HEADERS)
    if basic is not None:
        # Both are encoded first (RFC 6749 2.3.1).
        headers["authorization"] = aiohttp.encode_basic_auth(*(quote(part, safe="") for part in basic))
    return await _ask("POST", url, headers=headers, data=form)


async def _ask(method: str, url: str, **given: Any) -> tuple[int, bytes]:
    try:
        return await _answer(method, url, **given)
    except aiohttp.ClientError as error:
        raise ProviderAway from error


async def _answer(method: str, url: str, **given: Any) -> tuple[int, bytes]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, trust_env=True, auto_decompress=False) as session,
        session.request(method, url, allow_redirects=False, **given) as response,
    ):
        data = await response.content.read(_MOST_BYTES + 1)
        while len(data) <= _MOST_BYTES and (more := await response.content.read(_MOST_BYTES + 1 - len(data))):
            data += more
        status = response.status
    if len(data) > _MOST_BYTES:
        raise ValueError("what it sends is too large")
    return status, data
