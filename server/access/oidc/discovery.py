"""What an identity provider says of itself (OpenID Connect Discovery 1.0): where people sign in, where codes are
exchanged, and where its keys are."""

import asyncio
import logging
from typing import Final
from urllib.parse import urlsplit

import msgspec

from server.access.provider_http import get
from server.clock import Clock

log = logging.getLogger(__name__)

_FRESH_MS: Final = 3600 * 1000
_STALE_MS: Final = 24 * 3600 * 1000
"""How long what it said counts while it can't be asked."""
_RETRY_MS: Final = 5_000


class ProviderUnavailable(Exception):
    """The provider gives no answer at the moment, or one that can't be used."""


class Provider(msgspec.Struct, frozen=True):
    """The part of the document that is used here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def takes_basic(self) -> bool:
        """Whether a client may show its secret in a header; otherwise it stands in the form."""
        return "client_secret_basic" in self.token_endpoint_auth_methods_supported


def read_provider(data: bytes, issuer: str) -> Provider:
    """The document that this issuer publishes. Raises `ValueError` with the rest of a sentence that begins with "its
    discovery document"."""
    try:
        told = msgspec.json.decode(data, type=Provider)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ValueError("is none") from None
    if told.issuer != issuer:
        # Section 4.3: otherwise one provider could speak in the name of another.
        raise ValueError("names another issuer")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    for name in (*needed, *(("end_session_endpoint",) if told.end_session_endpoint else ())):
        if not _is_address(getattr(told, name), issuer):
            raise ValueError(f"has no address that can be used as `{name}`")
    return told


def _is_address(address: str, issuer: str) -> bool:
    """Whether it is as safe to go there as to the issuer."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 (it raises for what is none)
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and issuer.startswith("http://"))
    return safe and bool(parts.hostname) and parts.username is None and not parts.fragment


class Discovery:
    """Asks the provider when somebody signs in, and then not for an hour."""

    def __init__(self, issuer: str, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock
        self._known: Provider | None = None
        self._known_ms = 0
        self._tried_ms: int | None = None
        self._asking = asyncio.Lock()

    async def provider(self) -> Provider:
        """Raises `ProviderUnavailable`."""
        async with self._asking:
            now_ms = self._clock.now_ms()
            if self._known is None or now_ms - self._known_ms >= _FRESH_MS:
                await self._ask(now_ms)
        if self._known is None or now_ms - self._known_ms >= _STALE_MS:
            raise ProviderUnavailable
        return self._known

    async def _ask(self, now_ms: int) -> None:
        if self._tried_ms is not None and 0 <= now_ms - self._tried_ms < _RETRY_MS:
            return
        self._tried_ms = now_ms
        try:
            data = await get(address_of(self._issuer))
        except (OSError, ValueError) as error:
            log.warning("The identity provider can't be asked how people sign in (%s)", _why(error))
            return
        try:
            self._known = read_provider(data, self._issuer)
        except ValueError as error:
            log.warning("Nobody can sign in at the identity provider: its discovery document %s", error)
        else:
            self._known_ms = now_ms


def address_of(issuer: str) -> str:
    """Where its document is."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def _why(error: Exception) -> str:
    # Not the words of an `OSError`: they may have the address.
    return str(error) if isinstance(error, ValueError) else type(error.__cause__ or error).__name__
