"""Codes of sign-ins, exchanged at the provider's token endpoint (RFC 6749 4.1.3, with PKCE)."""

import re
from typing import Final

import msgspec

from server.access.oidc.discovery import Provider
from server.access.provider_http import post_form

_ERROR: Final = re.compile(r"[a-z_]{1,40}")
"""RFC 6749 5.2 names them so; anything else is not repeated in a log."""


class CodeRefused(Exception):
    """The provider does not take the code: it is too old, was used, or is somebody else's. The text is its error."""


class _Answer(msgspec.Struct, frozen=True):
    id_token: str


class _Error(msgspec.Struct, frozen=True):
    error: str


async def exchange(provider: Provider, code: str, verifier: str, back: str, client_id: str, client_secret: str) -> str:
    """The ID token for a code. Raises `CodeRefused`, `OSError` where there is no answer, and `ValueError` with the rest
    of a sentence that begins with the provider."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": client_id,
        "code_verifier": verifier,
    }
    basic = (client_id, client_secret) if client_secret and provider.takes_basic else None
    if client_secret and basic is None:
        form["client_secret"] = client_secret
    status, data = await post_form(provider.token_endpoint, form, basic)
    if status in (400, 401, 403):
        raise CodeRefused(_error(data))
    if status != 200:
        raise ValueError(f"it answers {status}")
    try:
        return msgspec.json.decode(data, type=_Answer).id_token
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ValueError("what it sends has no ID token") from None


def _error(data: bytes) -> str:
    try:
        error = msgspec.json.decode(data, type=_Error).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "no reason"
    return error if _ERROR.fullmatch(error) else "a reason of its own"
