"""The public keys of an identity provider, fetched from it or read from a file, in the background: a token with a known
key never waits for the provider.

Keys that were fetched once are served while the provider is away, for a day at most. Unknown keys cause at most one
fetch every ten seconds; until then tokens with unknown keys are refused at once.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import jwt
import msgspec
from pydantic import AnyHttpUrl

from server.clock import Clock
from storage.sharing import outcome_of

log = logging.getLogger(__name__)

REFRESH_S: Final = 300
RETRY_S: Final = 10
"""Shortest time between two fetches, whether the last one succeeded or not."""
FIRST_RETRY_S: Final = 1
"""The same while we have no keys at all."""
STALE_MS: Final = 24 * 3600 * 1000
"""How long keys stay valid without a successful fetch."""
OLD_MS: Final = 3600 * 1000
"""From this age on, keys that cannot be fetched anew are an error in the log at each try."""
_MOST_KEYS: Final = 64
_MOST_BYTES: Final = 256 * 1024
"""Of a file."""


class UnknownKey(Exception):
    """The provider's set has no such key."""


class KeysUnavailable(Exception):
    """It is unknown at the moment whether the provider has such a key."""


class KeySet:
    """The keys of one provider by their ids. `run` keeps them fresh."""

    def __init__(self, source: Path | AnyHttpUrl | str, clock: Clock) -> None:
        """`source`: a file, or an address."""
        self._get = partial(_file, source) if isinstance(source, Path) else partial(_over_http, str(source))
        self._clock = clock
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_ms: int | None = None
        self._tried_ms: int | None = None
        self._confirmed = False
        """Whether the newest try to fetch the keys brought them."""
        self._fetching: asyncio.Task[None] | None = None
        self.failures = 0
        """Fetches that have failed since the start."""

    @property
    def age_s(self) -> float:
        """Seconds since the last successful fetch; infinite before the first."""
        return float("inf") if self._fetched_ms is None else (self._clock.now_ms() - self._fetched_ms) / 1000

    async def key(self, kid: object) -> jwt.PyJWK:
        """The key with this id. Raises `UnknownKey` or `KeysUnavailable`."""
        if not isinstance(kid, str):
            raise UnknownKey
        found = self._known(kid)
        if found is None:
            await self._look()
            found = self._known(kid)
        if found is None:
            raise UnknownKey if self._confirmed else KeysUnavailable
        return found

    async def look(self) -> int | None:
        """How many keys the provider has now; None: they can't be had, and the log says why."""
        await self._look()
        return len(self._keys) if self._confirmed else None

    async def only_key(self) -> jwt.PyJWK:
        """The key of a set that has no other: an ID token need not name it (OpenID Connect Core 10.1). Raises like
        `key`."""
        if not self._keys or self.age_s * 1000 > STALE_MS:
            await self._look()
        if self.age_s * 1000 > STALE_MS:
            raise KeysUnavailable
        if len(self._keys) != 1:
            raise UnknownKey
        return next(iter(self._keys.values()))

    async def freshen(self) -> None:
        """For keys that `run` does not keep fresh: fetches them where they are older than that."""
        if self.age_s > REFRESH_S:
            await self._look()

    async def run(self) -> None:
        """Fetches the keys now and then, until cancelled."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(REFRESH_S if self._confirmed else self._retry_s)
        finally:
            if self._fetching is not None:
                self._fetching.cancel()

    def _known(self, kid: str) -> jwt.PyJWK | None:
        return self._keys.get(kid) if self.age_s * 1000 <= STALE_MS else None

    @property
    def _retry_s(self) -> int:
        return RETRY_S if self._keys else FIRST_RETRY_S

    async def _look(self) -> None:
        """Waits for the running fetch, or starts one unless the last one is too recent."""
        now_ms = self._clock.now_ms()
        if self._fetching is None:
            if self._tried_ms is not None and 0 <= now_ms - self._tried_ms < self._retry_s * 1000:
                return
            self._fetching = asyncio.create_task(self._fetch(now_ms), name="fetch the provider's keys")
        # One caller may be cancelled; others still wait for the fetch.
        await outcome_of(self._fetching)

    async def _fetch(self, now_ms: int) -> None:
        try:
            keys = _read(await self._get())
        except (OSError, ValueError) as error:
            self.failures += 1
            self._tried_ms, self._confirmed = now_ms, False
            self._complain(error)
        else:
            if self._keys and not self._confirmed:
                log.info("The identity provider's keys can be fetched again")
            self._keys = keys
            self._fetched_ms = self._tried_ms = now_ms
            self._confirmed = True
        finally:
            self._fetching = None

    def _complain(self, error: Exception) -> None:
        # Log neither the URL nor the answer: either may contain secrets.
        what = str(error) if isinstance(error, ValueError) else type(error.__cause__ or error).__name__
        age_ms = self.age_s * 1000
        if age_ms > STALE_MS:
            log.error("No keys of the identity provider (%s): its tokens are refused for now", what)
        elif age_ms > OLD_MS:
            log.error("The identity provider's keys are %.1f h old and can't be fetched (%s)", age_ms / 3_600_000, what)
        else:
            log.warning("The identity provider's keys can't be fetched (%s); the known ones are used", what)


async def _over_http(url: str) -> bytes:
    # Only with a provider: aiohttp is slow to import.
    from server.access.provider_http import get

    return await get(url)


async def _file(path: Path) -> bytes:
    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)

    return await asyncio.to_thread(read)


def _read(data: bytes) -> dict[str, jwt.PyJWK]:
    """The signing keys of a key set by their ids. Raises `ValueError`."""
    try:
        told: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
        listed = told["keys"]
        if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
            raise ValueError("it sends too many keys, or none")
        known = jwt.PyJWKSet(listed).keys
    except (msgspec.MsgspecError, LookupError, TypeError, RecursionError, UnicodeDecodeError, jwt.PyJWTError):
        raise ValueError("what it sends is no key set") from None
    signing = [key for key in reversed(known) if key.public_key_use in ("sig", None)]
    # A key that has no name is found where there is no other.
    keys = {key.key_id or "": key for key in signing if key.key_id or len(signing) == 1}
    if not keys:
        raise ValueError("it sends no key to sign with")
    return keys
