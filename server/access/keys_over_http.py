"""One look at an identity provider, over HTTP."""

from typing import Final

import aiohttp

TIMEOUT_S: Final = 3
"""Limit for the whole answer: a provider that sends a byte now and then counts as away."""
_MOST_BYTES: Final = 256 * 1024


class ProviderAway(OSError):
    """No answer came, or half of one."""


async def get(url: str) -> bytes:
    """The provider's answer. Raises `ValueError` if it cannot be a key set, and `OSError` if there is no answer."""
    try:
        return await _get(url)
    except aiohttp.ClientError as error:
        raise ProviderAway from error


async def _get(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, trust_env=True, auto_decompress=False) as session,
        session.get(url, allow_redirects=False, headers={"accept-encoding": "identity"}) as response,
    ):
        if response.status != 200:
            raise ValueError(f"it answers {response.status}")
        data = await response.content.read(_MOST_BYTES + 1)
        while len(data) <= _MOST_BYTES and (more := await response.content.read(_MOST_BYTES + 1 - len(data))):
            data += more
    if len(data) > _MOST_BYTES:
        raise ValueError("what it sends is too large")
    return data
