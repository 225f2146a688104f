"""Tokens: JSON Web Tokens, HS256 under keys of our own, or signed with a key of an identity provider's key set.

The key's origin decides which algorithm is allowed, never the token (RFC 8725 3.1).
"""

import hmac
import json
from binascii import a2b_base64
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import jwt
import msgspec
from jwt.utils import base64url_decode, base64url_encode

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.names import tidy_name
from protocol.rest.api_keys import KEY_PREFIX
from server.access.claim_map import ClaimMap
from server.access.claims import BY_KEY, ONLY_RESULT, issued_ahead_ms, read_claims
from server.access.keyset import KeySet, KeysUnavailable, UnknownKey
from server.access.principal import ByKey, Principal
from server.access.refused_tokens import RefusedTokens, reason_of
from server.access.signatures import PUBLIC_KEY_ALGORITHMS
from server.access.signing_keys import SigningKeys
from server.clock import Clock
from server.ids import new_id
from server.settings import Settings

PROVIDER: Final = "provider"
"""Where a token's key comes from, if it is not ours."""
_TYPES: Final = frozenset({"jwt", "at+jwt"})
_TO_BASE64: Final = bytes.maketrans(b"-_", b"+/")


def _no_keys(text: str) -> Principal:
    raise Refused(refuse(Code.TOKEN_INVALID))


class Tokens:
    """Verifies tokens and makes our own."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        revoked: Callable[[Principal], bool] = lambda principal: False,
        check_key: Callable[[str], Principal] = _no_keys,
    ) -> None:
        """`revoked` says whether a valid token has been withdrawn; `check_key` says who calls by an API key."""
        self._check_key = check_key
        self._revoked = revoked
        self._own = SigningKeys.of(settings)
        self._audience = settings.token_audience
        self._issuer = settings.token_issuer
        self._map = ClaimMap.of(settings)
        self._clock = clock
        self._refused = RefusedTokens(clock.now_ms)
        self._ahead_ms: dict[str, int] = {}
        """By where a token's key comes from: the most by which its clock was ever seen ahead of ours."""
        source = settings.jwks_file or settings.jwks_url
        self.keys = None if source is None else KeySet(source, clock)
        self._expiry_leeway_ms = settings.expiry_leeway_ms

    def mint(
        self,
        role: Role,
        user_id: str,
        org_id: str,
        *,
        lifetime_ms: int,
        name: str | None = None,
        attempt_id: str | None = None,
        branches: Collection[str] | None = None,
        tests: Collection[str] | None = None,
        groups: Collection[str] | None = None,
        only_result: bool = False,
        by_key: ByKey | None = None,
    ) -> str:
        """A token of our own, in force at once; a blank name is left out. `branches`, `tests` and `groups` limit staff;
        a candidate is described by one branch. With `by_key` it ends with that
        secret of that key. Raises `Refused` for an id that `verify` would not take (`token_invalid`), and for a name
        longer than `MAX_NAME_CHARS` (`out_of_range`)."""
        if name is not None and len(name) > limits.MAX_NAME_CHARS:
            raise Refused(refuse(Code.OUT_OF_RANGE, f"A name has at most {limits.MAX_NAME_CHARS} characters."))
        now_ms = self._clock.now_ms()
        claims: dict[str, Any] = {
            "sub": user_id,
            "org": org_id,
            "role": role.value,
            "aud": self._audience,
            # Milliseconds, because a token made right after a withdrawal of all the user's tokens must be valid.
            "iat": now_ms / 1000,
            "jti": new_id(),
            "exp": now_ms // 1000 + max(1, lifetime_ms // 1000),
        }
        shown = tidy_name(name) if name is not None else None
        optional: dict[str, Any] = {"name": shown, "attempt": attempt_id, "only": ONLY_RESULT if only_result else None}
        optional[BY_KEY] = None if by_key is None else msgspec.to_builtins(by_key)
        scopes = (("branch", "branches", branches), ("test", "tests", tests), ("group", "groups", groups))
        for one, several, ids in scopes:
            if ids is not None:
                optional |= {one: next(iter(ids))} if len(ids) == 1 else {several: sorted(ids)}
        claims |= {key: value for key, value in optional.items() if value is not None}
        read_claims(claims, self._clock.now_ms())
        # In UTF-8: as escapes, the longest ids and names would not fit into `MAX_TOKEN_BYTES`.
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        signer = self._own.signer
        return jwt.PyJWS().encode(payload, signer.secret, algorithm="HS256", headers=signer.header)

    async def verify(self, token: str, *, ended: bool = False) -> Principal:
        """Who the token is for. With `ended`, also where it has expired: the caller asks `Principal.holds_for` then.
        Raises `Refused` with `token_missing`, `token_expired`, `token_revoked` or `token_invalid`."""
        if not token:
            raise Refused(refuse(Code.TOKEN_MISSING))
        try:
            return await self._verify(token, ended=ended)
        except Refused as error:
            if error.refusal.code is Code.TOKEN_INVALID:
                self._refused.note(reason_of(error.__cause__) if error.__cause__ else error.refusal.detail)
            raise

    async def _verify(self, token: str, *, ended: bool) -> Principal:
        if len(token) > limits.MAX_TOKEN_BYTES:
            raise Refused(refuse(Code.TOKEN_INVALID, "The token is too long."))
        if token.startswith(KEY_PREFIX):
            return self._unless_revoked(self._check_key(token))
        try:
            source, claims = await self._claims(token)
        except KeysUnavailable:
            raise Refused(
                refuse(Code.OVERLOADED, "The keys to check this token cannot be had at the moment.")
            ) from None
        except (UnknownKey, jwt.PyJWTError, ValueError, TypeError) as error:
            # A `TypeError` means that the key does not fit the algorithm.
            raise Refused(refuse(Code.TOKEN_INVALID)) from error
        now_ms = self._clock.now_ms()
        ahead_ms = max(self._ahead_ms.get(source, 0), issued_ahead_ms(claims, now_ms))
        # Ours end by our own clock.
        leeway_ms = self._expiry_leeway_ms if source == PROVIDER else 0
        principal = read_claims(claims, now_ms, ended=ended, ahead_ms=ahead_ms, leeway_ms=leeway_ms)
        if ahead_ms:
            self._ahead_ms[source] = ahead_ms
        return self._unless_revoked(principal)

    def _unless_revoked(self, principal: Principal) -> Principal:
        if self._revoked(principal):
            raise Refused(refuse(Code.TOKEN_REVOKED))
        return principal

    async def _claims(self, token: str) -> tuple[str, Mapping[str, Any]]:
        """Which key signed it, and what it says, in our words."""
        plain = self._plain_claims(token)
        if plain is not None:
            return plain
        header = jwt.get_unverified_header(token)
        if "crit" in header or str(header.get("typ", "JWT")).lower() not in _TYPES:
            raise jwt.InvalidTokenError
        if any(json.detect_encoding(base64url_decode(part)) != "utf-8" for part in token.split(".")[:2]):
            # Python reads JSON in other encodings too, and others may read something else in the same bytes.
            raise jwt.InvalidTokenError
        options: Any = {
            "require": ["aud"],
            "verify_sub": False,
            "verify_jti": False,
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
            "enforce_minimum_key_length": True,
        }
        if header.get("alg") == "HS256":
            own = self._own.named(header.get("kid"))
            if own is None:
                raise UnknownKey
            return own.source, jwt.decode(token, own.secret, ["HS256"], audience=self._audience, options=options)
        if self.keys is None:
            raise jwt.InvalidAlgorithmError
        key = await self.keys.key(header.get("kid"))
        issuer = self._issuer or None
        said = jwt.decode(
            token, key.key, PUBLIC_KEY_ALGORITHMS, audience=self._audience, issuer=issuer, options=options
        )
        return PROVIDER, self._map.translated(said)

    def _plain_claims(self, token: str) -> tuple[str, dict[str, Any]] | None:
        """The same of a token of the usual form under a key of ours; None: it has another form, or is not signed so.
        PyJWT says the same, and takes ten times as long: a whole room shows its tokens at the same instant."""
        if not token.isascii():
            return None
        signed, _, signature = token.encode().rpartition(b".")
        header, _, payload = signed.partition(b".")
        own = self._own.plain.get(header)
        if own is None:
            return None
        expected = base64url_encode(hmac.digest(own.secret, signed, "sha256"))
        if not hmac.compare_digest(signature, expected) or payload.endswith(b"="):
            return None
        try:
            # Without the strict mode, characters that are no base64 would be passed over.
            padded = payload.translate(_TO_BASE64) + b"=" * (-len(payload) % 4)
            claims = msgspec.json.decode(a2b_base64(padded, strict_mode=True))
        except (ValueError, RecursionError, msgspec.DecodeError):
            return None
        return (own.source, claims) if isinstance(claims, dict) and claims.get("aud") == self._audience else None
