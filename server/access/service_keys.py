"""Keys by which services call, in memory: to check one asks no database, so nobody makes work with wrong ones.

A key is `pdk_`, its id and its secret. What another node or the command line makes, renews or withdraws is known here
after the next look, seconds later.
"""

import hmac
import re
from collections.abc import Callable
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from msgspec.structs import replace

from protocol import limits
from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.api_keys import KEY_PREFIX
from protocol.rules.scope import TokenScope
from server.access.principal import ByKey, Principal
from storage.api_keys import ApiKey, ApiKeys, KeySecret

_FORM: Final = re.compile(r"pdk_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_HOUR_MS: Final = 3_600_000
_OVERLAP_MS: Final = 2 * _HOUR_MS
"""A row is found although its transaction took so long, or a clock differs so much."""


def make_secret(key_id: str, now_ms: int, lifetime_ms: int) -> tuple[str, KeySecret]:
    """A new secret of a key: as its owner gets it, and as it is kept."""
    secret = token_urlsafe(32)
    return f"{KEY_PREFIX}{key_id}_{secret}", KeySecret(_digest(secret), now_ms, now_ms + lifetime_ms)


class ServiceKeys:
    """Checks keys, and notes in which hour each was used."""

    def __init__(self, store: ApiKeys, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._keys: dict[str, ApiKey] = {}
        self._newest_ms = 0
        self._used: dict[tuple[str, str], int] = {}

    async def refresh(self) -> bool:
        """Reads what was changed since the last look. Returns whether a key that was good is withdrawn."""
        # Whoever wrote the newest may have had a clock that is ahead.
        found = await self._store.since(min(self._newest_ms, self._now_ms()) - _OVERLAP_MS)
        return sum(self.learn(key) for key in found) > 0

    def learn(self, key: ApiKey) -> bool:
        """This is so of a key now. Returns whether it is withdrawn, and was good before."""
        known = self._keys.get(key.key_id)
        self._newest_ms = max(self._newest_ms, key.changed_at_ms)
        if known is not None and known.changed_at_ms > key.changed_at_ms:
            return False
        self._keys[key.key_id] = key
        return key.revoked_at_ms is not None and (known is None or known.revoked_at_ms is None)

    def is_revoked(self, principal: Principal) -> bool:
        """Whether the key by which this caller calls, or by which its token was given, has been withdrawn; or the
        secret has ended, which another one has replaced."""
        by = principal.by_key
        key = None if by is None else self._keys.get(by.key_id)
        if by is None or key is None or key.changed_at_ms < by.made_at_ms:
            # Made so lately that it is not known here.
            return False
        now_ms = self._now_ms()
        holds = any(one.made_at_ms == by.made_at_ms and now_ms < one.ends_at_ms for one in key.secrets)
        return key.revoked_at_ms is not None or not holds

    def giver(self, principal: Principal) -> Principal | None:
        """Who calls by the key by which this token was given; None: it was given by none, or by one not known here."""
        by = principal.by_key
        key = None if by is None else self._keys.get(by.key_id)
        if by is None or key is None:
            return None
        secret = next((one for one in key.secrets if one.made_at_ms == by.made_at_ms), None)
        return None if secret is None else _principal(key, secret)

    async def prune(self) -> None:
        """Forgets what was withdrawn long ago."""
        before_ms = self._now_ms() - limits.MAX_TOKEN_LIFE_MS
        await self._store.prune(before_ms)
        self._keys = {
            key_id: key
            for key_id, key in self._keys.items()
            if key.revoked_at_ms is None or key.revoked_at_ms >= before_ms
        }

    def check(self, text: str) -> Principal:
        """Who calls with this key. Raises `Refused` with `token_invalid`; and with `token_revoked` or `token_expired`
        for a secret that was good."""
        form = _FORM.fullmatch(text)
        key = None if form is None else self._keys.get(form[1])
        if form is None or key is None:
            raise Refused(refuse(Code.TOKEN_INVALID, "There is no such key."))
        digest = _digest(form[2])
        # All are compared, whichever fits.
        fitting = [one for one in key.secrets if hmac.compare_digest(one.digest, digest)]
        if not fitting:
            raise Refused(refuse(Code.TOKEN_INVALID, "There is no such key."))
        if key.revoked_at_ms is not None:
            raise Refused(refuse(Code.TOKEN_REVOKED))
        now_ms, secret = self._now_ms(), fitting[0]
        if now_ms >= secret.ends_at_ms:
            raise Refused(refuse(Code.TOKEN_EXPIRED))
        self._used[key.org_id, key.key_id] = now_ms - now_ms % _HOUR_MS
        return _principal(key, secret)

    async def keep_used(self) -> None:
        """Stores in which hour keys were used, where that is not known yet."""
        fresh = {
            (org_id, key_id): at_ms
            for (org_id, key_id), at_ms in self._used.items()
            if (key := self._keys.get(key_id)) is not None and (key.last_used_ms or 0) < at_ms
        }
        self._used = {}
        if fresh:
            await self._store.note_used(fresh)
            for (_, key_id), at_ms in fresh.items():
                self._keys[key_id] = replace(self._keys[key_id], last_used_ms=at_ms)


def scope_of(key: ApiKey) -> TokenScope:
    """To what it is limited."""
    reach = key.reach
    return TokenScope(*(None if ids is None else frozenset(ids) for ids in (reach.branches, reach.tests, reach.groups)))


def _principal(key: ApiKey, secret: KeySecret) -> Principal:
    scope = scope_of(key)
    branches = scope.branches
    return Principal(
        actor=Actor(Role(key.role), key.user_id),
        org_id=key.org_id,
        branch_id=next(iter(branches)) if branches is not None and len(branches) == 1 else None,
        name=key.name,
        attempt_id=None,
        scope=scope,
        expires_at_ms=secret.ends_at_ms,
        token_id=key.key_id,
        issued_at_ms=secret.made_at_ms,
        by_key=ByKey(key.key_id, secret.made_at_ms),
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
