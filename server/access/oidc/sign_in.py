"""Sign-in of staff at an identity provider: OpenID Connect's authorization code flow with PKCE.

The page begins with a verifier that its tab keeps, goes to the provider, comes back with a code, and is given a token
of our own. Nothing is kept here in between, and no cookie is set.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import jwt

from protocol import limits
from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused, refuse
from server.access.claim_map import ClaimMap
from server.access.claims import read_claims
from server.access.in_words import PAGE
from server.access.keyset import KeySet, KeysUnavailable, UnknownKey
from server.access.oidc.begun import Beginnings
from server.access.oidc.code import CodeRefused, exchange
from server.access.oidc.discovery import Discovery, Provider, ProviderUnavailable
from server.access.oidc.id_token import NotBelieved, read_id_token
from server.access.principal import Principal
from server.clock import Clock
from server.settings import Settings, token_secret

log = logging.getLogger(__name__)

_MOST_AT_ONCE: Final = 20
"""Codes that are exchanged at the same time: nobody may make us ask the provider without end."""

AGAIN: Final = "This sign-in took too long, or was begun in another window. Please sign in again."
NOT_TAKEN: Final = "The identity provider did not accept this sign-in. Please sign in again."
NOT_BELIEVED: Final = "What the identity provider says of you can't be believed. Please tell whoever runs this server."
NO_ROLE: Final = (
    "You are signed in, but nothing says that you may work here. Please ask whoever runs this server for a role."
)
AWAY: Final = "The identity provider gives no answer at the moment. Please try again soon."


class SignIn:
    """What the endpoints of a sign-in do, for one provider."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._back = settings.url + PAGE
        self._map = ClaimMap.of(settings)
        self._discovery = Discovery(settings.oidc_issuer, clock)
        self._beginnings = Beginnings(token_secret(settings))
        self._keys: tuple[str, KeySet] | None = None
        self._exchanging = 0

    async def begin(self, verifier: str) -> str:
        """Where the browser goes to sign in. Raises `Refused(overloaded)`."""
        provider = await self._provider()
        begun = self._beginnings.begin(verifier, self._clock.now_ms())
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._back,
            "scope": self._settings.oidc_scope,
            "state": self._beginnings.write(begun),
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        return _with_query(provider.authorization_endpoint, asked)

    async def finish(self, code: str, state: str, verifier: str, issuer: str | None) -> Principal:
        """Who has signed in. `issuer` is the `iss` of the address to which the browser came back (RFC 9207). Raises
        `Refused`; the log has the reason."""
        begun = self._beginnings.read(state, verifier, self._clock.now_ms())
        if begun is None:
            raise Refused(refuse(Code.TOKEN_EXPIRED, AGAIN))
        provider = await self._provider()
        if issuer != provider.issuer and (
            issuer is not None or provider.authorization_response_iss_parameter_supported
        ):
            raise _not_believed("The answer came from another issuer.")
        if self._exchanging >= _MOST_AT_ONCE:
            raise Refused(refuse(Code.OVERLOADED, AWAY))
        self._exchanging += 1
        try:
            token = await self._exchange(provider, code, verifier)
            return self._staff(await self._claims(provider, token, begun.nonce))
        finally:
            self._exchanging -= 1

    async def out(self) -> str | None:
        """Where the browser goes to leave the provider too; None: it has no such place, or can't be asked."""
        try:
            provider = await self._discovery.provider()
        except ProviderUnavailable:
            return None
        if not provider.end_session_endpoint:
            return None
        asked = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": self._back}
        return _with_query(provider.end_session_endpoint, asked)

    async def _provider(self) -> Provider:
        try:
            return await self._discovery.provider()
        except ProviderUnavailable:
            raise Refused(refuse(Code.OVERLOADED, AWAY)) from None

    async def _exchange(self, provider: Provider, code: str, verifier: str) -> str:
        settings = self._settings
        try:
            return await exchange(
                provider, code, verifier, self._back, settings.oidc_client_id, settings.oidc_client_secret
            )
        except CodeRefused as error:
            log.info("A sign-in was refused by the provider: %s", error)
            raise Refused(refuse(Code.TOKEN_INVALID, NOT_TAKEN)) from None
        except (OSError, ValueError) as error:
            # Not the words of an `OSError`: they may have the address.
            what = str(error) if isinstance(error, ValueError) else type(error.__cause__ or error).__name__
            log.warning("A code can't be exchanged at the identity provider (%s)", what)
            raise Refused(refuse(Code.OVERLOADED, AWAY)) from None

    async def _claims(self, provider: Provider, token: str, nonce: str) -> Mapping[str, Any]:
        try:
            keys = self._keys_of(provider)
            await keys.freshen()
            kid = _key_id(token)
            key = await (keys.only_key() if kid is None else keys.key(kid))
        except KeysUnavailable:
            raise Refused(refuse(Code.OVERLOADED, AWAY)) from None
        except UnknownKey:
            raise _not_believed("The key set has no key with the id that it names.") from None
        try:
            return read_id_token(
                token,
                key,
                issuer=provider.issuer,
                client_id=self._settings.oidc_client_id,
                nonce=nonce,
                now_ms=self._clock.now_ms(),
            )
        except NotBelieved as error:
            raise _not_believed(str(error)) from None

    def _keys_of(self, provider: Provider) -> KeySet:
        if self._keys is None or self._keys[0] != provider.jwks_uri:
            self._keys = provider.jwks_uri, KeySet(provider.jwks_uri, self._clock)
        return self._keys[1]

    def _staff(self, claims: Mapping[str, Any]) -> Principal:
        """Whom the claims describe, by the operator's map."""
        now_ms = self._clock.now_ms()
        # When the ID token ends, and how it is called, says nothing of the token that she is given here.
        told = dict(claims) | {"exp": now_ms / 1000 + 60, "iat": now_ms / 1000, "nbf": None, "jti": None}
        try:
            principal = read_claims(self._map.translated(told), now_ms)
        except Refused as error:
            log.info("A sign-in was refused: %s", error.refusal.detail)
            raise Refused(refuse(Code.FORBIDDEN, NO_ROLE)) from None
        if principal.role is Role.CANDIDATE or principal.attempt_id is not None:
            log.info("A sign-in was refused: its role is that of a candidate")
            raise Refused(refuse(Code.FORBIDDEN, NO_ROLE))
        return principal


def _not_believed(reason: str) -> Refused:
    log.warning("An ID token was refused: %s", reason)
    return Refused(refuse(Code.TOKEN_INVALID, NOT_BELIEVED))


def _key_id(token: str) -> object:
    if len(token) > limits.MAX_TOKEN_BYTES * 2:
        raise _not_believed("It is too long.")
    try:
        return jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        raise _not_believed("It is no ID token that can be read.") from None


def _with_query(address: str, asked: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
